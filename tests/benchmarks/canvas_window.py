"""What the image studio's canvas costs. Prints JSON: milliseconds and megabytes.

Times are CPU of the window's thread, the repaint they cause included.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import psutil
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.images.canvas.canvas import Canvas
from aiproxy_desktop.ui.images.canvas.mask.model import Hand
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.qt_loop import qt_event_loop
from tests.waiting import until

_SIDE = 4096
_SEGMENTS = 60
_STROKES = 50


def _spent(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def _picture(width: int, height: int) -> QImage:
    small = QImage(width // 16, height // 16, QImage.Format.Format_RGB32)
    for y in range(small.height()):
        for x in range(small.width()):
            small.setPixelColor(x, y, QColor.fromHsv((x * 7 + y * 3) % 360, 120, 80 + (x * y) % 150))
    return small.scaled(
        width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def _painted(canvas: Canvas) -> None:
    """Let what is due be painted, and nothing else."""
    QCoreApplication.sendPostedEvents(canvas, QEvent.Type.UpdateRequest)


async def _segments(canvas: Canvas, zoom: float | None, size: int) -> float:
    """The 95th percentile of the segments of a stroke with a quick hand."""
    canvas.clear()
    if zoom is None:
        canvas.fit()
    else:
        canvas.set_zoom(zoom)
    canvas.set_brush_size(size)
    await asyncio.sleep(0.05)
    centre = QPointF(canvas.width() / 2, canvas.height() / 2)
    radius = min(canvas.width(), canvas.height()) / 3

    def at(step: int) -> QPoint:
        angle = step / 12
        return (centre + QPointF(math.cos(angle), math.sin(angle * 1.3)) * radius).toPoint()

    def move(place: QPoint) -> None:
        QTest.mouseMove(canvas, place)
        _painted(canvas)

    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(0))
    _painted(canvas)
    taken = [_spent(partial(move, at(step))) for step in range(1, _SEGMENTS)]
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(_SEGMENTS))
    await asyncio.sleep(0.05)
    return sorted(taken)[int(len(taken) * 0.95)]


async def _undos(canvas: Canvas) -> tuple[float, float, float]:
    """A stroke over the whole canvas, again and again; what undo costs in time, in memory by the process."""
    canvas.clear()
    canvas.fit()
    canvas.set_brush_size(300)
    mask = canvas.stage.mask
    assert mask is not None
    chance = random.Random(7)
    await asyncio.sleep(0.3)
    before = psutil.Process().memory_info().rss
    for number in range(_STROKES):
        hand: Hand = "subtract" if number % 2 else "add"
        mask.begin(QPointF(0, 0), 300, hand)
        for _ in range(24):
            mask.draw_to(QPointF(chance.uniform(0, _SIDE), chance.uniform(0, _SIDE)), 300)
        mask.end()
        _painted(canvas)
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    grown = (psutil.Process().memory_info().rss - before) / (1 << 20)

    def undo() -> None:
        canvas.undo()
        _painted(canvas)

    whole = [_spent(undo)]
    for _ in range(9):
        await asyncio.sleep(0.1)
        whole.append(_spent(undo))
    canvas.set_brush_size(96)
    small = []
    for _ in range(9):
        mask.begin(QPointF(500, 500), 96, "add")
        mask.draw_to(QPointF(2000, 1800), 96)
        mask.draw_to(QPointF(2400, 900), 96)
        mask.end()
        _painted(canvas)
        await asyncio.sleep(0.02)
        small.append(_spent(undo))
    return statistics.median(small), max(whole), grown


async def _stall(canvas: Canvas) -> float:
    """The longest time the loop stood still while a picture of 50 megapixels came and became smooth."""
    image = _picture(8656, 5776)
    canvas.fit()
    await asyncio.sleep(0.2)
    worst = 0.0
    last = time.perf_counter()
    canvas.show_image(image)
    while True:
        _painted(canvas)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
        shown = canvas.stage.after
        if shown is not None and shown.complete:
            return worst * 1000
        await asyncio.sleep(0)


async def _measure(app: QApplication) -> dict[str, float]:
    canvas = Canvas(ThemeController(app, "light"))
    canvas.resize(760, 596)
    canvas.show()
    canvas.show_image(_picture(_SIDE, _SIDE))
    await until(lambda: canvas.stage.after is not None and canvas.stage.after.complete)
    found: dict[str, float] = {}
    for name, zoom in (("5 %", 0.05), ("fit", None), ("100 %", 1.0), ("800 %", 8.0)):
        found[f"segment at {name}"] = await _segments(canvas, zoom, 96)
        found[f"thick segment at {name}"] = await _segments(canvas, zoom, 1000)
    found["undo"], found["undo whole"], found["memory"] = await _undos(canvas)
    found["stall"] = await _stall(canvas)
    canvas.close()
    canvas.deleteLater()
    await asyncio.sleep(0.1)
    return found


def main() -> int:
    """Measure and print."""
    sys.setswitchinterval(0.0005)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=qt_event_loop) as runner:
        found = runner.run(_measure(app))
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
