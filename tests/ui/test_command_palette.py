"""The palette in the real window, by keys and mouse."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QWidget

from tests.ui.chat_window import Window, opened
from tests.waiting import until

CONTROL = Qt.KeyboardModifier.ControlModifier


async def open_palette(window: Window) -> QLineEdit:
    window.composer.setFocus()
    window.press(Qt.Key.Key_K, CONTROL)
    await until(lambda: window.shows("shell.palette.search"), "the palette")
    return window.find(QLineEdit, "shell.palette.search")


def titles(window: Window) -> list[str]:
    model = window.find(QListView, "shell.palette.list").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


async def test_it_opens_from_the_composer_and_leaves_what_was_written_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("half a thought")
        window.press(Qt.Key.Key_Home)
        field = await open_palette(window)
        assert field.hasFocus()
        assert window.composer.toPlainText() == "half a thought"
        window.press(Qt.Key.Key_Escape)
        await until(lambda: not window.shows("shell.palette.search"), "it closes")
        assert window.composer.hasFocus()


async def test_a_command_is_found_and_run(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await open_palette(window)
        QTest.keyClicks(window.find(QLineEdit, "shell.palette.search"), "go settings")
        assert titles(window) == ["Go to Settings"]
        window.press(Qt.Key.Key_Return)
        await until(lambda: window.window.current_page == "settings", "Settings")


async def test_arrows_choose_and_a_row_says_its_keys(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        field = await open_palette(window)
        listed = titles(window)
        assert listed[0] == "New chat"
        window.press(Qt.Key.Key_Down)
        view = window.find(QListView, "shell.palette.list")
        assert view.currentIndex().row() >= 1
        assert field.accessibleDescription() == view.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
        assert "Show all commands, Window, Ctrl+K" in [
            view.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
            for row in range(view.model().rowCount())
        ]


async def test_nothing_found_is_said_and_enter_does_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        field = await open_palette(window)
        QTest.keyClicks(field, "xyzzy")
        assert not window.shows("shell.palette.list")
        window.press(Qt.Key.Key_Return)
        assert window.shows("shell.palette.search")


async def test_a_click_beside_it_closes_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await open_palette(window)
        layer = window.find(QWidget, "shell.palette")
        QTest.mouseClick(layer, Qt.MouseButton.LeftButton, pos=layer.rect().bottomLeft())
        await until(lambda: not window.shows("shell.palette.search"), "it closes")
        assert QApplication.focusWidget() is window.composer


async def test_what_is_typed_changes_the_row_that_is_spoken(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        field = await open_palette(window)
        assert field.accessibleDescription() == "New chat, Chat, Ctrl+N"
        QTest.keyClicks(field, "quit")
        assert field.accessibleDescription() == "Quit, Window, Ctrl+Q"


async def test_commands_are_listed_by_group(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await open_palette(window)
        model = window.find(QListView, "shell.palette.list").model()
        groups = [model.index(row, 0).data(Qt.ItemDataRole.UserRole).group for row in range(model.rowCount())]
        assert [group for group, _ in groupby(groups)] == list(dict.fromkeys(groups))
