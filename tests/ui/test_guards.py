"""What is left over of Qt is seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests import guards
from tests.guards import LeftOvers


def test_a_widget_left_over_is_named(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "GRACE_SECONDS", 0.0)
    before = LeftOvers()
    widget = QWidget()
    widget.setObjectName("stray")
    assert before.problems() == ["top-level widget left over: QWidget 'stray'"]
    widget.deleteLater()
    del widget
    assert before.problems() == []


def test_a_timer_left_over_is_seen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "GRACE_SECONDS", 0.0)
    before = LeftOvers()
    timer = QTimer()
    timer.start(1000)
    assert len(before.problems()) == 1
    timer.stop()
    assert before.problems() == []
