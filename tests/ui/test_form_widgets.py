"""A number with a minus and a plus, and a choice as wide as its column."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.form_select import FormSelect
from aiproxy_desktop.ui.widgets.stepper import Stepper
from tests.ui.chat_parts import themes


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    window = QWidget()
    QVBoxLayout(window).addWidget(widget)
    qtbot.addWidget(window)
    window.resize(140, 64)
    window.show()
    return window


def test_a_stepper_is_pressed_typed_and_stepped(qtbot: QtBot) -> None:
    stepper = Stepper(themes(), name="test.n", accessible_name="Variations", least=1, most=3)
    window = shown(qtbot, stepper)
    assert window.isVisible()
    fewer, more = stepper.findChild(Button, "test.n.fewer"), stepper.findChild(Button, "test.n.more")
    assert isinstance(fewer, Button)
    assert isinstance(more, Button)
    changes = QSignalSpy(stepper.valueChanged)
    assert not fewer.isEnabled()
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    QTest.keyClick(stepper, Qt.Key.Key_Up)
    assert stepper.value() == 3
    assert not more.isEnabled()
    assert changes.count() == 2
    stepper.set_number(2)
    assert changes.count() == 2
    stepper.lineEdit().selectAll()
    QTest.keyClicks(stepper.lineEdit(), "1")
    QTest.keyClick(stepper.lineEdit(), Qt.Key.Key_Return)
    assert stepper.value() == 1
    assert fewer.geometry().right() < stepper.lineEdit().geometry().left()
    assert stepper.lineEdit().geometry().right() < more.geometry().left()


def test_a_wheel_over_a_stepper_scrolls_what_is_around_it(qtbot: QtBot) -> None:
    stepper = Stepper(themes(), name="test.n", accessible_name="Variations", least=1, most=9)
    window = shown(qtbot, stepper)
    assert window.isVisible()
    stepper.clearFocus()
    centre = QPointF(stepper.rect().center())
    event = QWheelEvent(
        centre,
        centre,
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(stepper, event)
    assert stepper.value() == 1


def test_a_choice_of_a_form_says_what_is_chosen(qtbot: QtBot) -> None:
    long = "A value that is much too long for so narrow a column"
    select = FormSelect(themes(), [("a", "Auto"), ("b", long)], name="test.choice", label="Quality")
    window = shown(qtbot, select)
    assert window.isVisible()
    select.set_value("a")
    assert select.accessibleName() == "Quality: Auto"
    chosen = QSignalSpy(select.chosen)
    select.open()
    popover = select.popover
    assert popover is not None
    QTest.keyClick(popover.content, Qt.Key.Key_Down)
    QTest.keyClick(popover.content, Qt.Key.Key_Return)
    assert chosen.count() == 1
    assert chosen.at(0) == ["b"]
    assert select.width() < 140
    select.grab()
    assert select.toolTip() == long
