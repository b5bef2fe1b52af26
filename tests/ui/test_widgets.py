from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.banner import Banner
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.flow_layout import flowing
from aiproxy_desktop.ui.widgets.focus_ring import FocusRing
from aiproxy_desktop.ui.widgets.labels import ElidedLabel
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.select import RowList, Select
from aiproxy_desktop.ui.widgets.text_field import Field, TextField
from aiproxy_desktop.ui.widgets.toast import ToastArea, ToastMessage

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeController]:
    controller = ThemeController(qapp, "light")
    yield controller
    controller.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, themes: ThemeController) -> QWidget:
    made = QWidget()
    made.resize(600, 400)
    QVBoxLayout(made).addStretch(1)
    made.setObjectName(themes.theme.name)
    qtbot.addWidget(made)
    return made


def shown(qtbot: QtBot, window: QWidget, *widgets: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    for widget in widgets:
        layout.addWidget(widget)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def focused() -> QWidget | None:
    return QApplication.focusWidget()


def test_a_button_is_pressed_by_mouse_space_and_enter(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    button = Button(themes, "Test", name="a.test")
    pressed: list[str] = []
    button.clicked.connect(lambda: pressed.append("pressed"))
    shown(qtbot, window, button)
    QTest.mouseClick(button, LEFT)
    QTest.keyClick(button, Qt.Key.Key_Space)
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Enter)
    assert len(pressed) == 4
    assert (button.objectName(), button.accessibleName()) == ("a.test", "Test")


def test_an_icon_button_is_named_by_its_tooltip(themes: ThemeController, qtbot: QtBot) -> None:
    button = Button(themes, name="a.close", icon="close", tooltip="Close <b>")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Close <b>"
    assert button.toolTip() == "<span>Close &lt;b></span>"
    assert button.sizeHint().width() == button.sizeHint().height() == 28


@pytest.mark.parametrize("kind", ["primary", "secondary", "quiet", "danger", "link"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_kind_paints_in_every_state(
    kind: str, mode: str, qtbot: QtBot, themes: ThemeController
) -> None:
    themes.set_mode(mode)  # type: ignore[arg-type]  # one of the two
    button = Button(themes, "Send", name="a.send", kind=kind, icon="send", chevron=True, hint="Esc")  # type: ignore[arg-type]  # one of the five
    qtbot.addWidget(button)
    at_rest = button.grab().toImage()
    button.setDown(True)
    held = button.grab().toImage()
    button.setDown(False)
    button.setEnabled(False)
    disabled = button.grab().toImage()
    assert at_rest != held
    assert at_rest != disabled
    assert button.sizeHint().height() == 28


def test_the_ring_shows_for_the_keyboard_only(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    first, second = Button(themes, "One", name="one"), Button(themes, "Two", name="two")
    ring = FocusRing(themes, window)
    shown(qtbot, window, first, second)
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not ring.isVisible()
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert focused() is second
    assert ring.isVisible()
    place = ring.geometry()
    assert place.contains(second.geometry())
    window.resize(700, 500)
    qtbot.waitUntil(lambda: ring.geometry() != place and ring.geometry().contains(second.geometry()))
    QTest.mouseClick(second, LEFT)
    assert not ring.isVisible()


def test_the_ring_goes_with_its_button(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    button, other = Button(themes, "One", name="one"), TextField(themes, name="other")
    ring = FocusRing(themes, window)
    shown(qtbot, window, button, other)
    other.setFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.isVisible()
    button.hide()
    qtbot.waitUntil(lambda: not ring.isVisible())
    button.show()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    button.deleteLater()
    qtbot.waitUntil(lambda: not ring.isVisible())


def test_a_refused_value_says_why_until_it_is_changed(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    field = Field(themes, "Base URL", name="a.url", help_text="Where it listens")
    shown(qtbot, window, field)
    field.set_error("Begin with http:// or https://")
    assert field.error == "Begin with http:// or https://"
    assert field.input.accessibleDescription() == field.error
    assert field.input.accessibleName() == "Base URL"
    QTest.keyClicks(field.input, "h")
    assert field.error == ""
    assert field.input.accessibleDescription() == "Where it listens"


def test_a_long_reason_is_shown_whole(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    field = Field(themes, "Key", name="a.key")
    shown(qtbot, window, field)
    window.resize(280, 400)
    field.set_error("The provider refused this key. " * 6)
    message = next(label for label in field.findChildren(QLabel) if label.text() == field.error)
    qtbot.waitUntil(lambda: message.height() >= message.heightForWidth(message.width()) > 60)


def test_two_buttons_share_a_line_and_stand_below_one_another_where_it_is_short(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    buttons = [Button(themes, text, name=text) for text in ("Chat with this", "Make default")]
    for button in buttons:
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    shown(qtbot, window, flowing(buttons, fill=True))
    qtbot.waitUntil(lambda: buttons[0].width() > 200)
    assert buttons[0].y() == buttons[1].y()
    assert abs(buttons[0].width() - buttons[1].width()) <= 1
    window.resize(180, 400)
    qtbot.waitUntil(lambda: buttons[0].y() < buttons[1].y())
    assert buttons[0].width() == buttons[1].width() > 120


def test_a_secret_is_not_shown(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    field = TextField(themes, name="a.key", secret=True, placeholder="Paste a key")
    shown(qtbot, window, field)
    QTest.keyClicks(field, "sk-secret")
    assert field.text() == "sk-secret"
    assert "sk" not in field.displayText()
    interface = QAccessible.queryAccessibleInterface(field)
    assert "sk" not in interface.text(QAccessible.Text.Value)


def test_a_label_without_room_ends_in_an_ellipsis_and_a_tooltip(qtbot: QtBot, window: QWidget) -> None:
    label = ElidedLabel("A long line that has no room in forty pixels <i>")
    shown(qtbot, window, label)
    label.setFixedWidth(40)
    label.grab()
    assert label.toolTip().startswith("<span>A long line")
    assert "&lt;i>" in label.toolTip()
    label.setFixedWidth(560)
    label.grab()
    assert label.toolTip() == ""


def test_a_select_is_used_with_the_keyboard(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    select = Select(themes, "Pick one", [("a", "Groq"), ("b", "Mistral"), ("c", "vLLM")], name="a.select")
    chosen: list[str] = []
    select.chosen.connect(chosen.append)
    shown(qtbot, window, select)
    select.setFocus()
    QTest.keyClick(select, Qt.Key.Key_Down)
    rows = window.findChild(RowList)
    assert isinstance(rows, RowList)
    assert focused() is rows
    QTest.keyClick(rows, Qt.Key.Key_Down)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert chosen == ["b"]
    assert (select.value, select.text()) == ("b", "Mistral")
    assert focused() is select
    qtbot.waitUntil(lambda: window.findChild(RowList) is None)


def test_a_select_is_used_with_the_mouse(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    select = Select(themes, "Pick one", [("a", "Groq"), ("b", "Mistral")], name="a.select")
    chosen: list[str] = []
    select.chosen.connect(chosen.append)
    shown(qtbot, window, select)
    QTest.mouseClick(select, LEFT)
    rows = window.findChild(RowList)
    assert isinstance(rows, RowList)
    second = rows.visualRect(rows.model().index(1, 0)).center()
    QTest.mouseClick(rows.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, second)
    assert chosen == ["b"]


def test_escape_or_a_click_beside_it_closes_a_popover(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    anchor = Button(themes, "Open", name="a.open")
    shown(qtbot, window, anchor)
    for close in ("escape", "click"):
        field = TextField(themes, name="a.field", placeholder="Search")
        popover = Popover(themes, anchor, field, name="a.popover")
        with qtbot.waitSignal(popover.closed):
            popover.open()
            assert focused() is field
            if close == "escape":
                QTest.keyClick(field, Qt.Key.Key_Escape)
            else:
                QTest.mouseClick(popover, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(2, 2))
        assert focused() is anchor
    qtbot.waitUntil(lambda: window.findChild(Popover) is None)


def test_tab_stays_inside_a_popover(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    anchor = Button(themes, "Open", name="a.open")
    shown(qtbot, window, anchor)
    content = QWidget()
    column = QVBoxLayout(content)
    fields = [TextField(themes, name=f"a.{index}", placeholder=str(index)) for index in range(2)]
    for field in fields:
        column.addWidget(field)
    popover = Popover(themes, anchor, content, name="a.popover")
    popover.open("above", align_end=True)
    assert focused() is fields[0]
    QTest.keyClick(fields[0], Qt.Key.Key_Tab)
    assert focused() is fields[1]
    QTest.keyClick(fields[1], Qt.Key.Key_Tab)
    assert focused() is fields[0]
    QTest.keyClick(fields[0], Qt.Key.Key_Backtab)
    assert focused() is fields[1]
    panel = popover.panel.geometry()
    assert window.rect().contains(panel)
    popover.close_popover()


def test_the_rest_of_the_window_outlives_a_popover(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    area, anchor = QScrollArea(), Button(themes, "Open", name="a.open")
    viewport = area.viewport()  # made by Qt itself
    shown(qtbot, window, area, anchor)
    for focus_policy in (Qt.FocusPolicy.NoFocus, Qt.FocusPolicy.StrongFocus):
        content = QWidget()
        content.setFocusPolicy(focus_policy)
        QVBoxLayout(content).addWidget(TextField(themes, name="a.field"))
        popover = Popover(themes, anchor, content, name="a.popover")
        popover.open()
        QTest.keyClick(focused() or popover, Qt.Key.Key_Tab)
        popover.close_popover()
        qtbot.waitUntil(partial(lambda gone: not isValid(gone), popover))
    assert isValid(viewport)
    assert isValid(area)


def test_a_popover_over_its_button_stays_where_it_is_when_its_rows_grow_fewer(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    anchor, content = Button(themes, "Open", name="a.open"), QWidget()
    shown(qtbot, window, anchor)
    content.setFixedHeight(200)
    popover = Popover(themes, anchor, content, name="a.popover")
    popover.open("above")
    before = popover.panel.geometry()
    content.setFixedHeight(40)
    popover.refit()
    assert popover.panel.geometry() == before
    assert before.bottom() < anchor.y()
    popover.close_popover()


def test_segments_are_moved_through_by_arrows(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    segments = Segmented(
        themes,
        [("system", "System"), ("light", "Light"), ("dark", "Dark")],
        name="a.theme",
        accessible_name="Theme",
    )
    chosen: list[str] = []
    segments.chosen.connect(chosen.append)
    shown(qtbot, window, segments)
    segments.set_value("system")
    assert chosen == []
    system = segments.findChild(QWidget, "a.theme.system")
    assert isinstance(system, QWidget)
    system.setFocus()
    QTest.keyClick(system, Qt.Key.Key_Right)
    assert (chosen, segments.value) == (["light"], "light")


def test_undo_takes_back(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    shown(qtbot, window)
    undone: list[str] = []
    area = ToastArea(themes, window)
    toast = area.show_toast(
        ToastMessage("Deleted", "Undo", lambda: undone.append("undo"), lambda: undone.append("gone"))
    )
    QTest.mouseClick(toast.action, LEFT)
    assert undone == ["undo"]
    assert area.toasts == ()


def test_a_toast_leaves_on_its_own(
    qtbot: QtBot, window: QWidget, themes: ThemeController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiproxy_desktop.ui.widgets.toast.TOAST_MS", 20)
    shown(qtbot, window)
    gone: list[bool] = []
    area = ToastArea(themes, window)
    area.show_toast(ToastMessage("Deleted", "Undo", None, lambda: gone.append(True)))
    qtbot.waitUntil(lambda: area.toasts == ())
    assert gone == [True]


def test_a_fourth_toast_ends_the_first(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    shown(qtbot, window)
    gone: list[int] = []
    area = ToastArea(themes, window)
    for number in range(4):
        area.show_toast(ToastMessage(f"Deleted {number}", "", None, partial(gone.append, number)))
    assert gone == [0]
    heights = [toast.y() for toast in area.toasts]
    assert heights == sorted(heights)
    area.leave_all()
    assert gone == [0, 1, 2, 3]


def test_a_banner_is_acted_on_or_closed(qtbot: QtBot, window: QWidget, themes: ThemeController) -> None:
    banner = Banner(themes, "warning", "The settings file was broken.", action="Open folder")
    shown(qtbot, window, banner)
    assert banner.height() >= 44
    for name, signal in (("shell.banner.action", banner.acted), ("shell.banner.close", banner.closed)):
        button = banner.findChild(Button, name)
        assert isinstance(button, Button)
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, LEFT)


def test_a_toast_has_room_for_its_whole_sentence(
    qtbot: QtBot, window: QWidget, themes: ThemeController
) -> None:
    shown(qtbot, window)
    area = ToastArea(themes, window)
    short = area.show_toast(ToastMessage("Deleted", "Undo"))
    long = area.show_toast(ToastMessage("This file holds no model. " * 8))
    label = long.findChild(QLabel)
    assert label is not None
    assert short.height() == 44
    assert label.heightForWidth(label.width()) <= label.height()
    assert short.geometry().bottom() < long.y()
    area.leave_all()
