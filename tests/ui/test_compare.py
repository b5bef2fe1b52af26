"""Models side by side, in a real window: asked at once, stopped, kept, failed, and there again later."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QWidget

from aiproxy_desktop.core.errors import RateLimitError
from aiproxy_desktop.core.events import Started, StreamEvent, TextDelta
from aiproxy_desktop.ui.chat.compare.badge import BadgeView
from aiproxy_desktop.ui.chat.compare.comparing import Comparing
from aiproxy_desktop.ui.chat.transcript import Transcript
from tests.ui.chat_window import Window, opened
from tests.ui.compare_parts import NAMES, REFERENCES, Quartet, compared
from tests.waiting import until

ENDLESS: tuple[StreamEvent, ...] = (Started("builtin", "x"), *[TextDelta("word ")] * 100_000)
LIMITED = RateLimitError("OpenAI asks to wait 12 s", "Wait, then press Retry.")


def comparing(window: Window) -> Comparing:
    return window.parts.view_model.comparing


def badge(window: Window, number: int) -> str:
    return window.find(BadgeView, f"chat.compare.badge.{number}").badge


def read(window: Window, number: int) -> list[str]:
    """What stands in a column."""
    transcript = window.find(Transcript, f"chat.compare.transcript.{number}")
    return [view.text for view in transcript.column.views]


async def all_done(window: Window, columns: int) -> None:
    await until(
        lambda: len(comparing(window).columns) == columns and not window.parts.view_model.answering,
        "all columns have ended",
    )


async def test_four_models_answer_one_question_at_once(tmp_path: Path) -> None:
    async with compared(tmp_path) as (window, quartet):
        for name in NAMES:
            quartet.scripts[name], quartet.delays[name] = ENDLESS, 0.005
        await window.ask("Who are you?")
        columns = comparing(window)
        await until(
            lambda: (
                len(columns.columns) == 4 and all(len(column.answer.text) > 20 for column in columns.columns)
            ),
            "all four write",
        )
        assert [badge(window, number) for number in (1, 2, 3, 4)] == ["writing"] * 4
        window.click("chat.compare.stop.2")
        await until(lambda: badge(window, 2) == "stopped", "the second is stopped")
        assert columns.writing == 3
        window.click("chat.stop")
        await all_done(window, 4)
        versions = await window.parts.store.siblings(columns.columns[0].answer.id)
        assert [version.model for version in versions] == list(REFERENCES)
        for number, version in enumerate(versions, 1):
            assert read(window, number) == [version.text]


async def test_the_question_is_asked_below_each_answer_and_one_is_kept(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        await window.ask("Who are you?")
        await all_done(window, 2)
        await window.ask("Again?")
        await until(lambda: len(comparing(window).columns[1].messages) == 3, "the second round")
        await all_done(window, 2)
        assert read(window, 1) == ["I am ada.", "Again?", "I am ada."]
        assert read(window, 2) == ["I am bea.", "Again?", "I am bea."]
        sent = {request.model: request.messages for request in quartet.requests[2:]}
        assert [message.text for message in sent["bea"]] == ["Who are you?", "I am bea.", "Again?"]

        window.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        await until(lambda: not window.shows("chat.compare"), "one conversation again")
        view_model = window.parts.view_model
        await until(lambda: len(view_model.messages) == 4, "the kept branch")
        assert [one.text for one in view_model.messages] == [
            "Who are you?",
            "I am bea.",
            "Again?",
            "I am bea.",
        ]
        assert view_model.conversation is not None
        assert view_model.conversation.comparison == ()
        assert view_model.messages[1].sibling_count == 2
        assert window.shows("chat.transcript")


async def test_one_that_fails_disturbs_no_other_and_is_asked_again(tmp_path: Path) -> None:
    async with compared(tmp_path, 3) as (window, quartet):
        quartet.scripts["bea"] = (Started("builtin", "bea"), TextDelta("Half"), LIMITED)
        await window.ask("Who are you?")
        await all_done(window, 3)
        assert badge(window, 2) == "failed"
        assert {badge(window, 1), badge(window, 3)} == {"done", "fastest"}
        del quartet.scripts["bea"]
        transcript = window.find(Transcript, "chat.compare.transcript.2")
        retry = next(
            button
            for button in transcript.findChildren(QWidget, "chat.transcript.retryHere")
            if button.isVisible()
        )
        await until(retry.isVisible, "Retry")
        QTest.mouseClick(retry, Qt.MouseButton.LeftButton)
        await until(lambda: read(window, 2) == ["I am bea."], "the second try")
        await all_done(window, 3)
        assert len(await window.parts.store.siblings(comparing(window).columns[1].answer.id)) == 4


async def test_it_is_there_again_after_a_restart(tmp_path: Path) -> None:
    async with compared(tmp_path, 3) as (window, _):
        await window.ask("Who are you?")
        await all_done(window, 3)
        conversation = window.parts.view_model.conversation
        assert conversation is not None
    async with opened(tmp_path) as window:
        window.parts.view_model.open(conversation.id)
        await until(lambda: len(comparing(window).columns) == 3, "the columns")
        assert [read(window, number) for number in (1, 2, 3)] == [
            ["I am ada."],
            ["I am bea."],
            ["I am cleo."],
        ]
        window.click("chat.compare.leave")
        await until(lambda: window.shows("chat.transcript"), "one conversation")
        assert not window.shows("chat.compare")
        assert [message.text for message in window.parts.view_model.messages] == ["Who are you?", "I am ada."]


async def test_models_are_chosen_with_the_picker_and_removed_by_their_cross(tmp_path: Path) -> None:
    async with compared(tmp_path, 1) as (window, _):
        assert comparing(window).models == REFERENCES[:1]
        window.type("Who are you?")
        window.press(Qt.Key.Key_Return)
        assert "second model" in window.parts.view_model.notice
        window.click("chat.compare.add")
        await until(lambda: window.shows("chat.modelPicker.list"), "the picker")
        for letter in "cleo":
            window.press(getattr(Qt.Key, f"Key_{letter.upper()}"))
        assert window.find(QListView, "chat.modelPicker.list").currentIndex().isValid()
        window.press(Qt.Key.Key_Return)
        await until(lambda: comparing(window).models == (REFERENCES[0], REFERENCES[2]), "the second model")
        comparing(window).add_model(REFERENCES[1])
        await until(lambda: window.shows("chat.compare.remove.3"), "the third chip")
        window.click("chat.compare.remove.3")
        assert comparing(window).models == (REFERENCES[0], REFERENCES[2])
        window.click("chat.send")
        await all_done(window, 2)
        assert read(window, 2) == ["I am cleo."]


async def test_one_more_model_answers_what_the_first_was_asked(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        await window.ask("Who are you?")
        await all_done(window, 2)
        comparing(window).add_model(REFERENCES[3])
        await all_done(window, 3)
        assert read(window, 3) == ["I am dora."]
        assert [message.text for message in quartet.requests[-1].messages] == ["Who are you?"]
        window.click("chat.compare.remove.1")
        await until(lambda: len(comparing(window).columns) == 2)
        assert read(window, 1) == ["I am bea."]
        assert not comparing(window).can_remove
        conversation = window.parts.view_model.conversation
        assert conversation is not None
        ends = comparing(window).ends
        window.parts.view_model.new_conversation()
        window.parts.view_model.open(conversation.id)
        await until(lambda: comparing(window).ends == ends, "the two columns that are left")


async def test_a_conversation_goes_on_in_columns(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        quartet = Quartet()
        await window.parts.registry.replace(quartet)
        await window.parts.providers.refresh("builtin")
        window.parts.view_model.models.pick(REFERENCES[0])
        await window.ask("Before")
        await window.answered()
        window.click("chat.compare.begin")
        comparing(window).add_model(REFERENCES[1])
        await window.ask("Who are you?")
        await all_done(window, 2)
        assert read(window, 2) == ["I am bea."]
        assert [message.text for message in quartet.requests[-1].messages] == [
            "Before",
            "I am ada.",
            "Who are you?",
        ]
        assert window.find(QWidget, "chat.compare.question").accessibleName().endswith("Who are you?")


async def test_the_sidebar_gives_way_where_columns_would_be_too_narrow(tmp_path: Path) -> None:
    async with compared(tmp_path, 3) as (window, _):
        await until(lambda: not window.shows("chat.sidebar"), "the sidebar gives way")
        window.click("chat.compare.conversations")
        assert window.shows("chat.sidebar")
        window.click("chat.compare.conversations")
        assert not window.shows("chat.sidebar")
        window.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert window.shows("chat.sidebar")
        assert not window.shows("chat.compare")


async def test_columns_scroll_together_until_they_need_not(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, quartet):
        for name, lines in (("ada", 200), ("bea", 400)):
            quartet.scripts[name] = (
                Started("builtin", name),
                TextDelta("\n\n".join(f"Line {line}" for line in range(lines))),
                *ENDLESS[1:2],
            )
        await window.ask("Much")
        await all_done(window, 2)
        first, second = (window.find(Transcript, f"chat.compare.transcript.{number}") for number in (1, 2))
        await until(lambda: second.verticalScrollBar().value() > 0)
        first.setFocus()
        await until(lambda: QApplication.focusWidget() is first)
        first.verticalScrollBar().setValue(0)
        assert second.verticalScrollBar().value() == 0
        window.click("chat.compare.together")
        first.setFocus()
        second.scroll_to_end()
        first.verticalScrollBar().setValue(5)
        assert second.verticalScrollBar().value() > 100


async def test_every_region_is_reached_by_the_keyboard(tmp_path: Path) -> None:
    async with compared(tmp_path, 2) as (window, _):
        await window.ask("Who are you?")
        await all_done(window, 2)
        regions = [region.objectName() for region in window.page.regions() if region.isVisible()]
        assert "chat.compare.header" in regions
        assert regions.index("chat.compare.transcript.1") < regions.index("chat.compare.transcript.2")
        assert regions[-1] == "chat.composerFrame"
