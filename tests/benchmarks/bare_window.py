"""The yardstick: the least there can be of a window with qasync. Prints what it used by its first paint."""

from __future__ import annotations

import asyncio
import json
import sys

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from tests.benchmarks.used import used


class _Window(QMainWindow):
    def __init__(self, painted: asyncio.Event) -> None:
        super().__init__()
        self._painted = painted

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's own name
        super().paintEvent(event)
        QTimer.singleShot(0, self._painted.set)


async def _main() -> None:
    painted = asyncio.Event()
    window = _Window(painted)
    window.resize(1280, 800)
    window.show()
    await painted.wait()
    sys.stdout.write(json.dumps(used()) + "\n")
    window.close()


def _run() -> None:
    application = QApplication([])
    loop = qasync.QEventLoop(application)
    loop.run_until_complete(_main())
    loop.close()


if __name__ == "__main__":
    _run()
