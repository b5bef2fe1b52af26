"""Messages on the page: their figures, their files, another model for an answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from aiproxy_desktop.core.errors import UnreachableError
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from tests.ui.chat_parts import answer
from tests.ui.chat_window import Window, opened
from tests.waiting import until


def _transcript(window: Window) -> Transcript:
    return window.find(Transcript, "chat.transcript")


async def test_a_failed_answer_is_asked_of_another_model(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(UnreachableError("No connection", "Look at the cable."))
        await window.ask("First")
        await until(lambda: window.shows("chat.transcript.anotherModel"), "the card")
        window.parts.model.play(*answer("Good ", "day"))
        window.click("chat.transcript.anotherModel")
        await until(lambda: window.shows("chat.modelPicker.list"), "the picker")
        popover = window.find(QWidget, "chat.modelPicker.popover")
        window.press(Qt.Key.Key_Return)
        await until(lambda: not popover.isVisible(), "one is picked")
        await until(lambda: window.parts.view_model.messages[-1].sibling_count == 2, "another answer")


async def test_the_picker_gives_the_keyboard_back_to_the_transcript(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(UnreachableError("No connection", "Look at the cable."))
        await window.ask("First")
        await until(lambda: window.shows("chat.transcript.anotherModel"), "the card")
        window.click("chat.transcript.anotherModel")
        await until(lambda: window.shows("chat.modelPicker.list"), "the picker")
        window.press(Qt.Key.Key_Escape)
        await until(lambda: not window.shows("chat.modelPicker.list"), "no picker")
        assert _transcript(window).hasFocus()
        assert window.parts.view_model.messages[-1].sibling_count == 1


async def test_answering_again_by_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        transcript = _transcript(window)
        transcript.setFocus(Qt.FocusReason.TabFocusReason)
        assert transcript.navigation.current == 1
        window.press(Qt.Key.Key_R)
        await until(lambda: window.parts.view_model.messages[-1].sibling_count == 2, "another answer")


async def test_what_can_be_done_with_a_message_is_listed(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        commands = {action.id: action for action in window.page.actions_here()}
        again, edit = commands["chat.message.regenerate"], commands["chat.message.edit"]
        assert again.keys == ("R",)
        assert not again.enabled()
        await window.ask("First")
        await window.answered()
        _transcript(window).setFocus(Qt.FocusReason.TabFocusReason)
        assert again.enabled()
        assert not edit.enabled()
        again.run()
        await until(lambda: window.parts.view_model.messages[-1].sibling_count == 2, "another answer")


async def test_totals_stand_beside_the_title(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        said = [label.text() for label in window.page.header.findChildren(QLabel)]
        assert any("13 tokens in total" in text for text in said), said
