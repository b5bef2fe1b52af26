"""What a key in the composer costs, also with a megabyte in it and while four answers stream. Prints JSON.

A key is taken from its press to the painted field: CPU time of the window's thread.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.core.events import Started, TextDelta
from tests.qt_loop import qt_event_loop
from tests.ui.chat_window import Window, opened
from tests.waiting import until

_KEYS = 300
_MEGABYTE = "\n".join("some words of a long text " * 4 for _line in range(10_000))


async def _keys(window: Window) -> dict[str, float]:
    taken: list[float] = []
    for number in range(_KEYS):
        began = time.thread_time()
        QTest.keyClick(window.composer, Qt.Key(ord("A") + number % 26))
        window.composer.viewport().repaint()
        taken.append((time.thread_time() - began) * 1000)
        await asyncio.sleep(0.01)
    taken.sort()
    return {
        "median_ms": statistics.median(taken),
        "p99_ms": taken[int(_KEYS * 0.99)],
        "longest_ms": taken[-1],
    }


async def _streaming(window: Window) -> None:
    window.parts.model.play(Started("builtin", "x"), *[TextDelta("word ")] * 100_000, delay=0.002)
    for _answer in range(4):
        window.page.begin_new()
        window.type("Go")
        QTest.keyClick(window.composer, Qt.Key.Key_Return)
        await until(lambda: window.parts.view_model.conversation is not None, "the answer begins")


async def _measure(folder: Path) -> dict[str, dict[str, float]]:
    async with opened(folder) as window:
        found = {"empty": await _keys(window)}
        window.composer.clear()
        await _streaming(window)
        found["streaming"] = await _keys(window)
        window.page.composer.edit.replace_text(_MEGABYTE)
        window.composer.moveCursor(QTextCursor.MoveOperation.End)
        found["megabyte"] = await _keys(window)
        window.composer.clear()
        return found


def main() -> int:
    """Measure and print."""
    sys.setswitchinterval(0.0005)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=qt_event_loop) as runner:
        found = runner.run(_measure(Path(folder)))
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
