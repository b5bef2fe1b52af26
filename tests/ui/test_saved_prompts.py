"""Saved prompts in the composer: `/` opens the list, variables are filled one after the other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView

from aiproxy_desktop.storage.presets import Prompt
from tests.ui.chat_window import Window, opened
from tests.waiting import until

CONTROL = Qt.KeyboardModifier.ControlModifier
TAB, RETURN, ESCAPE = Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Escape
PROMPTS = (
    Prompt("Summary", "Summarise in {{count=three}} sentences for {{reader}}."),
    Prompt("Translate", "Translate into {{language}}, all of it into {{language}}:\n"),
    Prompt("Today", "It is {{date}}. {{clipboard}}"),
    Prompt("Review", "Look for mistakes in this code."),
)


async def keep(window: Window, *prompts: Prompt) -> None:
    for prompt in prompts:
        await window.parts.view_model.writing.presets.save_prompt(prompt)


def listed(window: Window) -> list[str]:
    view = window.find(QListView, "chat.prompts")
    model = view.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


async def test_a_slash_lists_prompts_and_typing_narrows_them_by_name_and_text(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        window.type("/")
        assert listed(window) == ["Review", "Summary", "Today", "Translate"]
        window.type("mis")
        assert listed(window) == ["Review"]
        window.type("x")
        assert not window.shows("chat.prompts.menu")
        QTest.keyClick(window.composer, Qt.Key.Key_Backspace)
        assert window.shows("chat.prompts.menu")
        QTest.keyClick(window.composer, RETURN)
        assert window.composer.toPlainText() == "Look for mistakes in this code."
        assert not window.shows("chat.prompts.menu")
        assert not window.parts.view_model.answering


async def test_arrows_choose_escape_closes_and_the_slash_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        window.type("See /")
        view = window.find(QListView, "chat.prompts")
        QTest.keyClick(window.composer, Qt.Key.Key_Down)
        assert view.currentIndex().data() == "Summary"
        QTest.keyClick(window.composer, Qt.Key.Key_Up)
        QTest.keyClick(window.composer, Qt.Key.Key_Up)
        assert view.currentIndex().data() == "Translate"
        QTest.keyClick(window.composer, ESCAPE)
        assert not window.shows("chat.prompts.menu")
        window.type("s")
        assert not window.shows("chat.prompts.menu")
        assert window.composer.toPlainText() == "See /s"
        assert window.composer.hasFocus()


async def test_a_slash_within_a_word_or_before_a_space_is_a_slash(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        for text in ("and/or", "1 / 2", "https://s"):
            window.type(text)
            assert not window.shows("chat.prompts.menu"), text
            window.composer.clear()


async def test_a_click_inserts(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        window.type("/")
        view = window.find(QListView, "chat.prompts")
        place = view.visualRect(view.model().index(0, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert window.composer.toPlainText() == "Look for mistakes in this code."
        assert window.composer.hasFocus()


async def test_tab_goes_from_variable_to_variable(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        composer = window.composer
        window.type("/sum")
        QTest.keyClick(composer, TAB)
        assert composer.textCursor().selectedText() == "three"
        window.type("two")
        QTest.keyClick(composer, TAB)
        assert composer.textCursor().selectedText() == "{{reader}}"
        window.type("a child")
        QTest.keyClick(composer, Qt.Key.Key_Backtab)
        assert composer.textCursor().selectedText() == "two"
        QTest.keyClick(composer, TAB)
        QTest.keyClick(composer, TAB)
        assert composer.toPlainText() == "Summarise in two sentences for a child."
        assert composer.hasFocus()
        QTest.keyClick(composer, TAB)
        assert not composer.hasFocus()


async def test_a_variable_that_stands_twice_is_filled_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        composer = window.composer
        composer.insertPlainText("\U0001f469\u200d\U0001f4bb ")
        window.type("/trans")
        QTest.keyClick(composer, RETURN)
        assert composer.textCursor().selectedText() == "{{language}}"
        window.type("Welsh")
        QTest.keyClick(composer, TAB)
        QTest.keyClick(composer, TAB)
        window.type(".")
        assert (
            composer.toPlainText()
            == "\U0001f469\u200d\U0001f4bb Translate into Welsh, all of it into Welsh.:\n"
        )


async def test_undo_takes_an_inserted_prompt_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        composer = window.composer
        window.type("/sum")
        QTest.keyClick(composer, RETURN)
        window.type("two")
        for _step in range(4):
            QTest.keyClick(composer, Qt.Key.Key_Z, CONTROL)
            if composer.toPlainText() == "/sum":
                break
        assert composer.toPlainText() == "/sum"
        QTest.keyClick(composer, ESCAPE)
        QTest.keyClick(composer, TAB)
        assert composer.toPlainText() == "/sum"


async def test_date_and_clipboard_are_filled_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await keep(window, *PROMPTS)
        QGuiApplication.clipboard().setText("one\r\ntwo {{not a variable}}")
        day = datetime.now().astimezone().date().isoformat()
        window.type("/today")
        QTest.keyClick(window.composer, RETURN)
        assert window.composer.toPlainText() == f"It is {day}. one\ntwo {{{{not a variable}}}}"


async def test_what_is_written_is_saved_as_a_prompt(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        presets = window.parts.view_model.writing.presets
        await keep(window, Prompt("Taken", "x"))
        window.type("Be brief.")
        QTest.keyClick(window.composer, Qt.Key.Key_S, CONTROL | Qt.KeyboardModifier.ShiftModifier)
        name = window.find(QLineEdit, "chat.savePrompt.name")
        assert name.hasFocus()
        QTest.keyClick(name, RETURN)
        await until(lambda: "name" in name.accessibleDescription(), "the sentence")
        QTest.keyClicks(name, "taken")
        QTest.keyClick(name, RETURN)
        await until(lambda: "taken" in name.accessibleDescription(), "the sentence")
        QTest.keyClicks(name, " not")
        QTest.keyClick(name, RETURN)
        await until(lambda: not window.shows("chat.savePrompt.popover"), "the form closes")
        assert [prompt.name for prompt in presets.prompts] == ["Taken", "taken not"]
        assert presets.prompts[1].text == "Be brief."
        assert window.composer.hasFocus()


async def test_control_slash_opens_the_list_and_says_where_none_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("See")
        QTest.keyClick(window.composer, Qt.Key.Key_Slash, CONTROL)
        await until(lambda: window.shows("chat.prompts.menu"), "the list")
        assert window.composer.toPlainText() == "See /"
        QTest.keyClick(window.composer, RETURN)  # nothing to insert: it sends
        await window.answered()
        assert not window.shows("chat.prompts.menu")
