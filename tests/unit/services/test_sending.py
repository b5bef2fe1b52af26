from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aiproxy_desktop.core.messages import (
    MediaPart,
    Message,
    NativeTool,
    OpaquePart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.services.sending import going_on, history, sending
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.records import (
    Attachment,
    AttachmentKind,
    Passage,
    StoredMessage,
    StoredPart,
)

CALL = ToolCallPart("c1", "look_up", '{"what":"rain"}')
RESULT = ToolResultPart("c1", "look_up", "wet")


def said(
    role: Role,
    text: str = "",
    *parts: StoredPart,
    reasoning: str = "",
    attachments: tuple[Attachment, ...] = (),
) -> StoredMessage:
    return StoredMessage(
        text,
        "conversation",
        None,
        role,
        text,
        datetime(2026, 1, 2, tzinfo=UTC),
        reasoning=reasoning,
        parts=parts,
        attachments=attachments,
    )


async def kept(
    blobs: BlobStore, data: bytes, name: str, kind: AttachmentKind, mime: str = "text/plain"
) -> Attachment:
    return Attachment(await blobs.put(data), name, kind, mime, len(data))


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "attachments")


async def test_media_go_before_the_words_and_texts_among_them_in_a_fence(blobs: BlobStore) -> None:
    files = (
        await kept(blobs, b"print('```')", "a.py", "text"),
        await kept(blobs, b"\x89PNG", "sky.png", "image", "image/png"),
        await kept(blobs, b"ID3", "hum.mp3", "audio", "audio/mpeg"),
        await kept(blobs, b"film", "run.mp4", "video", "video/mp4"),
        await kept(blobs, b"%PDF-1.7", "bill.pdf", "document", "application/pdf"),
    )
    (message,) = await history([said("user", "What is it?", attachments=files)], blobs)
    assert message.parts == (
        MediaPart("image", "image/png", b"\x89PNG", "sky.png"),
        MediaPart("audio", "audio/mpeg", b"ID3", "hum.mp3"),
        MediaPart("video", "video/mp4", b"film", "run.mp4"),
        MediaPart("document", "application/pdf", b"%PDF-1.7", "bill.pdf"),
        TextPart("a.py:\n````\nprint('```')\n````\n\nWhat is it?"),
    )


async def test_a_file_that_is_gone_stops_its_own_question_and_no_later_one(blobs: BlobStore) -> None:
    gone = Attachment("0" * 64, "old.png", "image", "image/png", 3)
    thread = [said("user", "See?", attachments=(gone,)), said("assistant", "Yes."), said("user", "And?")]
    with pytest.raises(StorageError):
        await history(thread[:1], blobs)
    first, *_ = await history(thread, blobs)
    assert first == Message.of("user", "(The file old.png is no longer there.)\n\nSee?")


async def test_a_tool_conversation_keeps_its_order_and_its_signatures(blobs: BlobStore) -> None:
    sign, seal = OpaquePart("anthropic", '"sign"'), OpaquePart("gemini", '"seal"')
    answer = said(
        "assistant",
        "Let me see. It is wet.",
        Passage("reasoning", 3),
        sign,
        Passage("text", 11),
        CALL,
        seal,
        RESULT,
        Passage("text", 11),
        reasoning="Hm.",
    )
    assert await history([said("user", "Rain?"), answer, said("user", "Thanks.")], blobs) == (
        Message.of("user", "Rain?"),
        Message("assistant", (ReasoningPart("Hm."), sign, TextPart("Let me see."), CALL, seal)),
        Message("tool", (RESULT,)),
        Message.of("assistant", " It is wet."),
        Message.of("user", "Thanks."),
    )


async def test_a_call_that_nobody_ran_is_left_out_with_what_belongs_to_it(blobs: BlobStore) -> None:
    lonely = said("assistant", "", CALL, OpaquePart("gemini", '"seal"'))
    joined = await history([said("user", "One"), lonely, said("user", "Two")], blobs)
    assert joined == (Message.of("user", "One\n\nTwo"),)


async def test_results_of_several_tools_stand_alone(blobs: BlobStore) -> None:
    other = ToolCallPart("c2", "look_up", "{}")
    results = (RESULT, ToolResultPart("c2", "look_up", "cold"))
    assert await history([said("assistant", "Done.", CALL, other, *results)], blobs) == (
        Message("assistant", (TextPart("Done."), CALL, other)),
        Message("tool", (results[0],)),
        Message("tool", (results[1],)),
    )


async def test_images_of_an_answer_go_back_where_they_stood(blobs: BlobStore) -> None:
    image = await kept(blobs, b"GIF89a", "image.gif", "image", "image/gif")
    answer = said(
        "assistant",
        "Here: nice?",
        Passage("text", 5),
        Passage("images", 1),
        Passage("text", 6),
        attachments=(image,),
    )
    (message,) = await history([answer], blobs)
    assert message.parts == (
        TextPart("Here:"),
        MediaPart("image", "image/gif", b"GIF89a", "image.gif"),
        TextPart(" nice?"),
    )


async def test_parts_without_places_still_make_sense(blobs: BlobStore) -> None:
    sign = OpaquePart("anthropic", '"sign"')
    (message,) = await history([said("assistant", "So.", sign, reasoning="Hm.")], blobs)
    assert message.parts == (ReasoningPart("Hm."), sign, TextPart("So."))


async def test_neighbours_of_one_role_are_joined_with_their_media(blobs: BlobStore) -> None:
    image = await kept(blobs, b"\x89PNG", "sky.png", "image", "image/png")
    (message,) = await history(
        [said("user", "First"), said("user", "See", attachments=(image,)), said("user", "Well?")], blobs
    )
    assert message.parts == (
        TextPart("First"),
        MediaPart("image", "image/png", b"\x89PNG", "sky.png"),
        TextPart("See\n\nWell?"),
    )


def test_what_goes_on_ends_with_what_was_said_and_the_wish_to_go_on() -> None:
    asked = (Message.of("user", "Count."),)
    so_far = said("assistant", "One, two", OpaquePart("x", "1"), CALL, reasoning="Hm.")
    first, partial, wish = going_on(asked, so_far)
    assert first == asked[0]
    assert (partial.role, partial.text, partial.tool_calls) == ("assistant", "One, two", ())
    assert wish.role == "user"
    assert "exactly where it stopped" in wish.text


def test_settings_become_options_and_the_system_prompt_comes_first() -> None:
    options = ChatOptions(system=" Be brief. ", temperature=0.0, output_limit=9, effort="low", json_mode=True)
    found = sending((Message.of("user", "Hi"),), options, "openai")
    assert found.messages == (Message.of("system", "Be brief."), Message.of("user", "Hi"))
    assert found.options == {
        "temperature": 0.0,
        "max_tokens": 9,
        "effort": "low",
        "response_format": "json_object",
    }
    assert sending((), NO_OPTIONS).options == {}


@pytest.mark.parametrize("provider", ["openai", "azure", "gemini", "anthropic"])
def test_web_search_is_asked_for_in_the_providers_words(provider: str) -> None:
    (tool,) = sending((), ChatOptions(web_search=True), provider).options["tools"]
    assert isinstance(tool, NativeTool)
    assert "web_search" in tool.spec["type"]


def test_openrouter_is_asked_by_a_field() -> None:
    found = sending((), ChatOptions(web_search=True), "openrouter")
    assert found.options == {"plugins": [{"id": "web"}]}


def test_where_web_search_is_not_offered_a_sentence_says_so() -> None:
    no_search = ModelInfo("tiny", "openai", "Tiny", capabilities=Capabilities(web_search=False))
    for provider, model in (("ollama", None), ("openai", no_search)):
        found = sending((), ChatOptions(web_search=True), provider, "Ollama", model)
        assert found.options == {}
        ((parameter, sentence),) = found.notes
        assert parameter == "web_search"
        assert "offers no web search" in sentence
