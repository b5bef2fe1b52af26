from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiproxy_desktop.core.errors import UnreachableError
from aiproxy_desktop.core.events import (
    Finished,
    ImageReceived,
    Noted,
    OpaqueReceived,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.answer_parts import ImageKept
from aiproxy_desktop.storage.records import Attachment, StoredMessage, Totals
from aiproxy_desktop.ui.chat.conversation.live_answer import LiveAnswer
from aiproxy_desktop.ui.chat.conversation.shown import shown
from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard, ToolCard

ASKED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ANSWER = StoredMessage(
    id="a",
    conversation_id="c",
    parent_id="q",
    role="assistant",
    text="",
    created_at=ASKED,
    status="streaming",
    model="builtin:smollm2-135m",
)


def test_a_whole_answer_has_its_figures() -> None:
    message = replace(
        ANSWER,
        text="Good day",
        status="complete",
        usage=Usage(12, 80),
        first_token_at=ASKED + timedelta(seconds=0.6),
        finished_at=ASKED + timedelta(seconds=2.6),
    )
    seen = shown(message, "SmolLM2 135M")
    assert seen.state == "complete"
    assert seen.footer == "SmolLM2 135M  ·  0.6 s to first token  ·  40 tok/s  ·  80 tokens"
    assert seen.error is None


def test_a_question_is_its_text_alone() -> None:
    question = replace(ANSWER, role="user", text="Hello", status="complete")
    assert shown(question, "SmolLM2 135M").footer == ""


def test_a_failed_answer_has_a_card_and_keeps_its_text() -> None:
    message = replace(
        ANSWER,
        text="Half",
        status="failed",
        error_title="OpenAI asks to wait 12 s",
        error_advice="Wait.",
        error_detail="429",
    )
    seen = shown(message, "m")
    assert seen.error == ErrorCard("OpenAI asks to wait 12 s", "Wait.", "429")
    assert seen.text == "Half"
    untold = shown(replace(message, error_title=""), "m")
    assert untold.error is not None
    assert untold.error.title


def test_an_interrupted_answer_says_so_by_its_state() -> None:
    seen = shown(replace(ANSWER, text="Half", status="interrupted"), "m")
    assert (seen.state, seen.footer, seen.error) == ("interrupted", "m", None)


def test_pieces_are_handed_out_once_and_kept_whole() -> None:
    live = LiveAnswer(ANSWER)
    assert not live.feed(Started("builtin", "x"))
    assert live.feed(ReasoningDelta("Hm. "))  # the first sign of life is a figure
    assert live.feed(TextDelta("Good "))  # and so is how long it thought
    assert live.take() == ("Good ", "Hm. ")
    assert live.take() == ("", "")
    assert not live.feed(TextDelta("day"))
    assert live.take() == ("day", "")
    assert live.feed(UsageReported(Usage(1, 2)))
    assert not live.feed(Finished("stop"))
    now = live.snapshot()
    assert (now.text, now.reasoning, now.status) == ("Good day", "Hm. ", "streaming")
    assert now.usage == Usage(1, 2)
    assert now.first_token_at is not None


def test_how_it_ended_can_be_told_without_storage() -> None:
    live = LiveAnswer(ANSWER)
    live.feed(TextDelta("Half"))
    ended = live.ended("failed", UnreachableError("No connection", "Look at the cable.", detail="refused"))
    assert (ended.status, ended.text, ended.error_title) == ("failed", "Half", "No connection")
    assert (ended.error_advice, ended.error_detail) == ("Look at the cable.", "refused")
    assert live.ended("interrupted").error_title == ""


def test_notes_stand_under_an_answer_that_has_ended() -> None:
    live = LiveAnswer(ANSWER)
    for event in (
        Noted("retry", "OpenAI was asked again once: it was busy."),
        TextDelta("Good day"),
        ToolCallDelta(0, "call", "look_up", "{}"),
        OpaqueReceived("gemini", "{}"),
        ImageReceived("image/png", b"half", preview=True),
        Noted("retry", "OpenAI was asked again once: it was busy."),
    ):
        live.feed(event)
    assert shown(live.snapshot(), "m").notes == ()
    ended = shown(live.ended("complete"), "m")
    assert ended.text == "Good day"
    assert ended.notes == ("OpenAI was asked again once: it was busy.",)


def test_an_answer_of_images_alone_is_not_called_empty() -> None:
    live = LiveAnswer(ANSWER)
    image = Attachment("0" * 64, "image.png", "image", "image/png", 9)
    assert live.feed(ImageKept(image))
    ended = live.ended("complete")
    assert ended.attachments == (image,)
    assert "empty" not in shown(ended, "m").footer
    assert "empty" in shown(replace(ANSWER, status="complete"), "m").footer


def test_one_that_goes_on_begins_with_what_was_said() -> None:
    live = LiveAnswer(replace(ANSWER, text="Good "))
    assert live.take() == ("", "")
    live.feed(TextDelta("day"))
    assert live.take() == ("day", "")
    assert live.snapshot().text == "Good day"


def test_files_of_a_message_are_looked_for_where_their_bytes_lie(tmp_path: Path) -> None:
    there, gone = "a" * 64, "b" * 64
    (tmp_path / there).write_bytes(b"x")
    files = tuple(
        Attachment(name, "f.png", "image", "image/png", 184_213, tokens=1105) for name in (there, gone)
    )
    question = replace(ANSWER, role="user", text="See", status="complete", attachments=files)
    seen = shown(question, "", path_of=lambda digest: tmp_path / digest)
    assert [file.path for file in seen.attachments] == [tmp_path / there, None]
    assert seen.attachments[0].facts == "184 KB · about 1,105 tokens"
    assert [file.path for file in shown(question, "").attachments] == [None, None]


def test_the_files_of_a_folder_are_one_as_they_were_attached(tmp_path: Path) -> None:
    files = [
        Attachment(f"{at}", f"project/src/{at}.py", "text", "text/x-python", 120, tokens=40)
        for at in range(3)
    ]
    (tmp_path / "0").touch()
    (tmp_path / "1").touch()
    other = Attachment("0", "notes.md", "text", "text/markdown", 10, tokens=3)
    question = replace(ANSWER, role="user", text="See", status="complete", attachments=(*files[:2], other))
    folder, single = shown(question, "", path_of=lambda name: tmp_path / name).attachments
    assert (folder.attachment.name, folder.files, folder.path) == ("project", 2, tmp_path / "0")
    assert folder.facts == "2 files · 240 bytes · about 80 tokens"
    assert (single.attachment.name, single.files) == ("notes.md", 1)
    question = replace(question, attachments=tuple(files))
    (gone,) = shown(question, "", path_of=lambda name: tmp_path / name).attachments
    assert gone.path is None


def test_calls_meet_their_results() -> None:
    parts = (
        ToolCallPart("1", "read", '{"a": 1}'),
        ToolCallPart("2", "write", "{}"),
        ToolResultPart("1", "read", "gone", failed=True),
    )
    seen = shown(replace(ANSWER, status="complete", parts=parts), "m")
    assert seen.tools == (
        ToolCard("1", "read", '{"a": 1}', "gone", failed=True),
        ToolCard("2", "write", "{}"),
    )
    assert "empty" not in seen.footer


def test_how_long_it_thought_is_known_after_a_restart() -> None:
    thought = replace(
        ANSWER,
        status="complete",
        text="So.",
        reasoning="Hm.",
        first_token_at=ASKED + timedelta(seconds=1),
        thought_until=ASKED + timedelta(seconds=5),
    )
    assert shown(thought, "m").thought_seconds == 4
    assert shown(replace(thought, thought_until=None), "m").thought_seconds is None
    still = replace(thought, status="streaming", text="", thought_until=None)
    so_far = shown(
        replace(still, first_token_at=datetime.now(UTC) - timedelta(seconds=7)), "m"
    ).thought_seconds
    assert so_far is not None
    assert so_far >= 7


def test_versions_stand_under_questions_too() -> None:
    edited = replace(ANSWER, role="user", text="Hello", status="complete", sibling_index=1, sibling_count=3)
    assert (shown(edited, "").version, shown(edited, "").versions) == (1, 3)


def test_what_an_answer_cost_is_summed_only_where_all_of_it_is_known() -> None:
    known = replace(ANSWER, status="complete", cost=0.25)
    assert shown(known, "m").footer == "The answer is empty  ·  m  ·  $0.25"
    asked, failed = replace(known, role="user", cost=None), replace(known, status="failed", cost=None)
    totals = Totals()
    assert totals.known_cost is None
    for one in (asked, known, failed, known):
        totals = totals.with_answer(one)
    assert totals.known_cost == 0.5
    assert totals.with_answer(replace(known, cost=None)).known_cost is None


def test_what_can_be_done_is_as_told() -> None:
    question = replace(ANSWER, role="user", text="Hello", status="complete")
    assert shown(question, "", actions=("edit", "copy")).actions == ("edit", "copy")
    assert shown(question, "").actions == ("copy",)
    assert shown(replace(ANSWER, status="complete"), "").actions == ("copy", "regenerate")
    assert shown(ANSWER, "").actions == ("copy",)
