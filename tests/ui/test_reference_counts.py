"""Qt must not take references to None away: some releases did on every call from Qt into Python.

PySide6 6.12.0 on Python 3.11 aborted within minutes that way. From Python 3.12 on None is immortal and its
count says nothing; then this holds trivially.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QTimer, QTimerEvent, Signal
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

ROUNDS = 1000
MOST_DRIFT = 10


class _Emitter(QObject):
    happened = Signal(object)


class _Canvas(QWidget):
    painted = 0
    ticked = 0

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's own name
        self.painted += 1

    def timerEvent(self, _event: QTimerEvent) -> None:  # noqa: N802 - Qt's own name
        self.ticked += 1


def _drift(work: Callable[[], None]) -> int:
    """How far None's count moves in `work`, done a second time: the first fills caches that keep it."""
    work()
    gc.collect()
    before = sys.getrefcount(None)
    work()
    gc.collect()
    return abs(sys.getrefcount(None) - before)


def test_none_survives_timer_events(qtbot: QtBot) -> None:
    canvas = _Canvas()
    qtbot.addWidget(canvas)
    fired = 0

    def count() -> None:
        nonlocal fired
        fired += 1

    timer = QTimer()
    timer.timeout.connect(count)

    def tick() -> None:
        nonlocal fired
        canvas.ticked = fired = 0
        number = canvas.startTimer(0)
        timer.start(0)
        qtbot.waitUntil(lambda: canvas.ticked >= ROUNDS and fired >= ROUNDS, timeout=60_000)
        canvas.killTimer(number)
        timer.stop()

    assert _drift(tick) <= MOST_DRIFT


def test_none_survives_signals(qapp: object) -> None:
    emitter = _Emitter()
    received = 0

    def count(_value: object) -> None:
        nonlocal received
        received += 1

    emitter.happened.connect(count)

    def emit() -> None:
        for _ in range(ROUNDS):
            emitter.happened.emit(None)

    assert _drift(emit) <= MOST_DRIFT
    assert received == 2 * ROUNDS


def test_none_survives_paint_events(qtbot: QtBot) -> None:
    canvas = _Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(50, 50)
    canvas.show()
    qtbot.waitUntil(lambda: canvas.painted > 0, timeout=60_000)
    target = canvas.grab()

    def paint() -> None:
        canvas.painted = 0
        for _ in range(ROUNDS):
            canvas.render(target, QPoint(), QRegion(0, 0, 10, 10))

    assert _drift(paint) <= MOST_DRIFT
    assert canvas.painted == ROUNDS
