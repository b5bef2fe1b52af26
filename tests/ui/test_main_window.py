from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.shell.main_window import MainWindow, first_size
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.toast import ToastMessage

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


class TwoRegions(PageWidget):
    """A page with two buttons, each a region."""

    def __init__(self, themes: ThemeController, name: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        column = QVBoxLayout(self)
        self.buttons = [Button(themes, word, name=f"{name}.{word}") for word in ("first", "second")]
        for button in self.buttons:
            column.addWidget(button)

    def regions(self) -> Sequence[QWidget]:
        return self.buttons

    def focus_start(self) -> None:
        self.buttons[0].setFocus()

    def toast_clearance(self) -> int:
        return 100

    def show_part(self, part: str) -> None:
        self.parts.append(part)


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeController]:
    controller = ThemeController(qapp, "light")
    yield controller
    controller.deleteLater()


@pytest.fixture
def built() -> list[str]:
    """Ids of the pages made so far."""
    return []


@pytest.fixture
def window(qtbot: QtBot, themes: ThemeController, built: list[str]) -> Iterator[MainWindow]:
    def build(name: str) -> TwoRegions:
        built.append(name)
        return TwoRegions(themes, name)

    made = MainWindow(
        themes,
        [
            Page("chat", "Chat", "chat-20", lambda: build("chat")),
            Page("settings", "Settings", "settings-20", lambda: build("settings"), at_bottom=True),
        ],
    )
    made.show_page("chat")
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close_for_good()
    made.deleteLater()


def two(window: MainWindow, page: str) -> TwoRegions:
    widget = window.page(page)
    assert isinstance(widget, TwoRegions)
    return widget


def focused_name() -> str:
    widget: QWidget | None = QApplication.focusWidget()
    return widget.objectName() if widget is not None else ""


def item(window: MainWindow, name: str) -> Button:
    found = window.findChild(QWidget, name)
    assert found is not None
    return found  # type: ignore[return-value]  # a button of one kind or another


def test_a_page_is_made_when_it_is_first_shown(window: MainWindow, built: list[str]) -> None:
    assert built == ["chat"]
    QTest.mouseClick(item(window, "shell.rail.settings"), LEFT)
    assert built == ["chat", "settings"]
    assert window.current_page == "settings"
    assert item(window, "shell.rail.settings").isChecked()
    assert not item(window, "shell.rail.chat").isChecked()
    QTest.mouseClick(item(window, "shell.rail.chat"), LEFT)
    QTest.mouseClick(item(window, "shell.rail.settings"), LEFT)
    assert built == ["chat", "settings"]


def test_a_click_on_the_current_item_leaves_it_current(window: MainWindow) -> None:
    QTest.mouseClick(item(window, "shell.rail.chat"), LEFT)
    assert item(window, "shell.rail.chat").isChecked()


def test_keys_go_to_pages_and_the_focus_with_them(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Comma, CTRL)
    assert (window.current_page, focused_name()) == ("settings", "settings.first")
    QTest.keyClick(window, Qt.Key.Key_1, CTRL)
    assert (window.current_page, focused_name()) == ("chat", "chat.first")


def test_a_part_of_a_page_can_be_asked_for(window: MainWindow) -> None:
    two(window, "chat").page_requested.emit("settings.providers")
    assert window.current_page == "settings"
    assert two(window, "settings").parts == ["providers"]


def test_f6_visits_every_region_both_ways(window: MainWindow) -> None:
    seen = [focused_name()]
    for _ in range(3):
        QTest.keyClick(window, Qt.Key.Key_F6)
        seen.append(focused_name())
    assert seen == ["chat.first", "chat.second", "shell.rail.chat", "chat.first"]
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert focused_name() == "shell.rail.chat"
    assert window.focus_ring.isVisible()


def test_arrows_move_along_the_rail(window: MainWindow) -> None:
    item(window, "shell.rail.chat").setFocus()
    QTest.keyClick(item(window, "shell.rail.chat"), Qt.Key.Key_Down)
    assert focused_name() == "shell.rail.settings"
    assert window.current_page == "chat"
    QTest.keyClick(item(window, "shell.rail.settings"), Qt.Key.Key_Space)
    assert window.current_page == "settings"


def test_a_toast_keeps_clear_of_the_page_and_f6_reaches_it(window: MainWindow) -> None:
    two(window, "chat").toast_requested.emit(ToastMessage("Deleted", "Undo"))
    (toast,) = window.toasts.toasts
    area = toast.parentWidget()
    assert area is not None
    assert area.height() - toast.geometry().bottom() > 100
    QTest.keyClick(window, Qt.Key.Key_F6)
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert focused_name() == "shell.toast.action"
    QTest.keyClick(toast.action, Qt.Key.Key_Space)
    assert window.toasts.toasts == ()


def test_a_banner_stays_until_it_is_dealt_with(window: MainWindow) -> None:
    acted: list[str] = []
    banner = window.show_banner(
        "warning", "The settings file was broken", "Show", lambda: acted.append("shown")
    )
    QApplication.processEvents()
    page = two(window, "chat")
    assert page.mapTo(window, page.rect().topLeft()).y() >= banner.geometry().bottom()
    QTest.mouseClick(item(window, "shell.banner.action"), LEFT)
    assert acted == ["shown"]
    assert not banner.isVisible()


def test_closing_asks_and_waits(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()
    assert window.isVisible()
    window.close_for_good()
    assert not window.isVisible()


def test_place_and_size_come_back(window: MainWindow, qtbot: QtBot, themes: ThemeController) -> None:
    window.resize(1000, 640)
    qtbot.waitUntil(lambda: window.width() == 1000)
    other = MainWindow(themes, [Page("chat", "Chat", "chat-20", PageWidget)])
    assert other.restore_geometry(window.geometry_state())
    assert (other.width(), other.height()) == (1000, 640)
    assert not other.restore_geometry(b"nonsense")
    other.deleteLater()


def test_it_is_never_too_small_to_use(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(10, 10)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (880, 560))


def test_the_first_size_leaves_the_window_whole_on_a_small_screen() -> None:
    assert first_size(QSize(1920, 1040)) == QSize(1280, 800)
    assert first_size(QSize(1366, 741)) == QSize(1280, 701)
    assert first_size(QSize(1024, 768)) == QSize(1024, 728)
