"""The chat page by keyboard, and its list of conversations by hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.ui.chat_window import opened
from tests.waiting import until


async def test_tab_goes_down_the_first_page_as_the_eye_does(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.composer.setFocus()
        way = []
        for _step in range(8):
            window.press(Qt.Key.Key_Tab)
            focused = QApplication.focusWidget()
            assert focused is not None
            way.append(focused.objectName())
        starters = [f"chat.firstRun.starter{number}" for number in (1, 2, 3, 4)]
        footer = ["chat.attach", "chat.modelPicker"]
        assert way == [*footer, "chat.firstRun.ollama", "chat.firstRun.keys", *starters]


async def test_tab_reaches_what_can_be_done_with_an_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        window.page.sidebar.view.setFocus()
        way = []
        for _step in range(11):
            window.press(Qt.Key.Key_Tab)
            focused = QApplication.focusWidget()
            assert focused is not None
            way.append(focused.objectName())
        actions = [f"chat.transcript.{name}" for name in ("copy", "regenerate", "branch", "delete")]
        assert way == [
            "chat.shelf.folders",
            "chat.shelf.archived",
            "chat.find",
            "chat.compare.begin",
            "chat.options",
            "chat.transcript",
            *actions,
            "chat.composer",
        ]


async def test_after_a_deletion_the_keys_are_on_the_next_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        for title in ("First", "Second", "Third"):
            window.page.sidebar.new_button.click()
            await window.ask(title)
            await window.answered()
        view, model = window.page.sidebar.view, window.parts.view_model.history.model
        window.page.sidebar.new_button.click()
        view.setFocus(Qt.FocusReason.TabFocusReason)
        assert view.pointed_id() == model.rows[1].conversation_id
        for left in (["Second", "First"], ["First"], []):
            QTest.keyClick(view, Qt.Key.Key_Delete)
            assert [row.title for row in model.rows[1:]] == left
            assert view.pointed_id() == (model.rows[1].conversation_id if left else None)
            assert view.hasFocus()


async def test_the_menu_of_another_row_leaves_what_is_being_read(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        window.page.sidebar.new_button.click()
        await window.ask("Second")
        await window.answered()
        view = window.page.sidebar.view
        opened_rows: list[str] = []
        view.opened.connect(opened_rows.append)
        row = view.visualRect(window.parts.view_model.history.model.index(2))
        spot = QPoint(row.right() - 20, row.center().y())
        QTest.mouseMove(view.viewport(), spot)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        await until(lambda: QApplication.activePopupWidget() is not None, "the menu")
        menu = QApplication.activePopupWidget()
        assert menu is not None
        menu.close()
        assert opened_rows == []
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
        assert len(opened_rows) == 1
        await until(lambda: window.parts.view_model.title == "First")


async def test_down_goes_from_the_search_to_what_it_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        search = window.find(QLineEdit, "chat.search")
        search.setFocus()
        QTest.keyClick(search, Qt.Key.Key_Down)
        view = window.page.sidebar.view
        assert view.hasFocus()
        assert view.pointed_id() == window.parts.view_model.history.model.rows[1].conversation_id


async def test_a_row_has_a_menu(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        view = window.page.sidebar.view
        row = view.visualRect(window.parts.view_model.history.model.index(1))
        spot = QPoint(row.right() - 20, row.center().y())
        QTest.mouseMove(view.viewport(), spot)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        await until(lambda: QApplication.activePopupWidget() is not None, "the menu")
        menu = QApplication.activePopupWidget()
        assert menu is not None
        named = [action.text() for action in menu.actions() if action.text()]
        assert named == ["Rename", "Pin", "Move to folder", "Archive", "Delete"]
        menu.close()


async def test_escape_leaves_a_title_as_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        window.press(Qt.Key.Key_F2)
        await until(lambda: window.shows("chat.conversations.rename"), "the editor")
        editor = window.find(QLineEdit, "chat.conversations.rename")
        QTest.keyClicks(editor, "Never")
        QTest.keyClick(editor, Qt.Key.Key_Escape)
        await until(lambda: not window.shows("chat.conversations.rename"), "the editor closes")
        assert window.parts.view_model.title == "First"
