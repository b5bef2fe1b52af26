"""The composer by keyboard: what sends, what an input method keeps, what Up brings back, what Ctrl+Z does."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QTextCursor,
    QTextOption,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.chat_parts import answer
from tests.ui.chat_window import Window, opened
from tests.waiting import until

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
RETURN, UP, DOWN, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape


def compose(window: Window, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(window.composer, event)


async def asked(window: Window, *questions: str) -> None:
    for question in questions:
        await window.ask(question)
        await window.answered()
        await until(lambda: not window.parts.view_model.answering, "the end of the answer")


async def test_enter_makes_a_line_once_it_is_switched_off_and_control_enter_sends(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        composer = window.composer
        assert window.page.composer.edit.placeholder.startswith("Write a message. Enter sends")
        await window.parts.settings.update(enter_sends=False)
        assert window.page.composer.edit.placeholder == (
            "Write a message. Ctrl Enter sends, Enter makes a new line."
        )
        assert composer.accessibleDescription() == window.page.composer.edit.placeholder
        window.type("one")
        QTest.keyClick(composer, RETURN)
        QTest.keyClick(composer, RETURN, SHIFT)
        window.type("two")
        assert composer.toPlainText() == "one\n\ntwo"
        QTest.keyClick(composer, RETURN, CONTROL)
        await window.answered()
        assert window.parts.view_model.messages[0].text == "one\n\ntwo"


async def test_the_switch_is_in_the_palette_and_outlasts_the_window(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        action = next(one for one in window.page.actions_here() if one.id == "chat.enter")
        action.run()
        await until(lambda: not window.parts.view_model.writing.enter_sends)
    async with opened(tmp_path) as window:
        assert "Ctrl Enter sends" in window.page.composer.edit.placeholder


async def test_control_enter_sends_while_enter_does_as_well(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("Go")
        QTest.keyClick(window.composer, RETURN, CONTROL)
        await window.answered()


async def test_nothing_that_is_composed_is_sent_moved_or_closed_by_a_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        composer, vm = window.composer, window.parts.view_model
        # Each preedit of a Japanese input method on its way, with the keys that some of them let through.
        for preedit in ("に", "にほ", "にほん", "日本"):
            compose(window, preedit)
            for key in (RETURN, Qt.Key.Key_Enter, ESCAPE, UP, DOWN, Qt.Key.Key_Tab):
                QTest.keyClick(composer, key)
            QTest.keyClick(composer, RETURN, CONTROL)
            assert composer.toPlainText() == ""
            assert composer.hasFocus()
            assert not vm.answering
        compose(window, "", commit="日本")
        assert composer.toPlainText() == "日本"
        compose(window, "ご")
        compose(window, "")  # given up
        QTest.keyClick(composer, RETURN)
        await window.answered()
        assert vm.messages[0].text == "日本"


async def test_escape_while_composing_leaves_the_answer_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(*answer(*["word "] * 2000), delay=0.01)
        await window.ask("Go")
        await until(lambda: window.parts.view_model.answering)
        compose(window, "に")
        QTest.keyClick(window.composer, ESCAPE)
        assert window.parts.view_model.answering
        compose(window, "")
        QTest.keyClick(window.composer, ESCAPE)
        await until(lambda: not window.parts.view_model.answering, "the stop")


async def test_up_goes_back_through_what_was_asked_and_down_comes_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await asked(window, "First", "Second", "Second", "Third")
        composer = window.composer
        shown = []
        for key in (UP, UP, UP, UP, DOWN, DOWN, DOWN):
            QTest.keyClick(composer, key)
            shown.append(composer.toPlainText())
        assert shown == ["Third", "Second", "First", "First", "Second", "Third", ""]
        QTest.keyClick(composer, UP)
        QTest.keyClick(composer, UP)
        QTest.keyClick(composer, ESCAPE)
        assert composer.toPlainText() == ""


async def test_a_recalled_message_that_is_edited_is_a_draft(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await asked(window, "First", "Second")
        composer = window.composer
        QTest.keyClick(composer, UP)
        window.type("!")
        QTest.keyClick(composer, UP)
        assert composer.toPlainText() == "Second!"
        QTest.keyClick(composer, RETURN)
        await until(lambda: len(window.parts.view_model.messages) == 6)
        await window.answered()
        assert window.parts.view_model.messages[4].text == "Second!"


async def test_up_moves_within_a_recalled_message_before_it_leaves_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        await asked(window, "Older")
        window.composer.insertPlainText("a\nb\nc")
        QTest.keyClick(window.composer, RETURN)
        await until(lambda: len(vm.messages) == 4)
        await window.answered()
        composer = window.composer
        QTest.keyClick(composer, UP)
        assert composer.toPlainText() == "a\nb\nc"
        QTest.keyClick(composer, UP)
        QTest.keyClick(composer, UP)
        assert composer.toPlainText() == "a\nb\nc"
        assert composer.textCursor().blockNumber() == 0
        QTest.keyClick(composer, UP)
        assert composer.toPlainText() == "Older"


async def test_up_in_a_draft_only_moves(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await asked(window, "First")
        window.type("new")
        QTest.keyClick(window.composer, UP)
        assert window.composer.toPlainText() == "new"


async def test_undo_brings_back_what_was_recalled_over_and_what_was_sent(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await asked(window, "First")
        composer = window.composer
        window.type("Second")
        QTest.keyClick(composer, RETURN)
        await until(lambda: not composer.toPlainText())
        await window.answered()
        QTest.keyClick(composer, Qt.Key.Key_Z, CONTROL)
        assert composer.toPlainText() == "Second"


async def test_undo_does_not_bring_in_another_conversations_draft(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await asked(window, "First")
        window.type("secret")
        QTest.keyClick(window.composer, Qt.Key.Key_N, CONTROL)
        await until(lambda: not window.composer.toPlainText())
        QTest.keyClick(window.composer, Qt.Key.Key_Z, CONTROL)
        assert window.composer.toPlainText() == ""


async def test_a_megabyte_is_told_later_and_still_sent_whole(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        text = "word " * 200_000
        window.page.composer.edit.replace_text("\n".join(text[i : i + 1000] for i in range(0, 10**6, 1000)))
        window.composer.moveCursor(QTextCursor.MoveOperation.End)
        window.type("end")
        QTest.keyClick(window.composer, RETURN)
        await window.answered()
        sent = window.parts.view_model.messages[0].text
        assert sent.endswith("end")
        assert len(sent) == 10**6 + 999 + 3


def keeps(window: Window, shortcut: str) -> bool:
    """Whether the field takes a key for itself before it can be a shortcut."""
    combination = QKeySequence(shortcut)[0]  # type: ignore[index]  # the stubs lack it
    event = QKeyEvent(QEvent.Type.ShortcutOverride, combination.key(), combination.keyboardModifiers(), "")
    event.ignore()
    QApplication.sendEvent(window.composer, event)
    return event.isAccepted()


async def test_no_shortcut_of_the_window_is_kept_by_the_field(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("some words")
        keys = {key for one in window.page.actions_here() if not one.shown_only for key in one.keys}
        assert len(keys) > 10
        assert not [key for key in sorted({*keys, "Ctrl+K", "Ctrl+1", "Ctrl+,"}) if keeps(window, key)]
        assert keeps(window, "Ctrl+A")
        QTest.keyClick(window.composer, Qt.Key.Key_K, CONTROL)
        await until(lambda: window.shows("shell.palette.list"), "the palette")
        assert window.composer.toPlainText() == "some words"
        window.press(ESCAPE)


async def test_a_long_paragraph_wraps_and_an_unbroken_line_does_not_until_it_is_gone(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        composer, wrapping = window.composer, QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere

        def paste(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            QTest.keyClick(composer, Qt.Key.Key_V, CONTROL)

        paste("word " * 8000)
        assert composer.wordWrapMode() == wrapping
        QTest.keyClick(composer, Qt.Key.Key_A, CONTROL)
        paste("x" * 40_000)
        assert composer.wordWrapMode() == QTextOption.WrapMode.NoWrap
        QTest.keyClick(composer, Qt.Key.Key_A, CONTROL)
        QTest.keyClick(composer, Qt.Key.Key_Backspace)
        assert composer.wordWrapMode() == wrapping
