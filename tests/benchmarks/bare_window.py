"""The yardstick: the least there can be of a window with qasync. Prints what it used by its first paint."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class _Window(QMainWindow):
    def __init__(self, painted: asyncio.Event) -> None:
        super().__init__()
        self._painted = painted

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's own name
        super().paintEvent(event)
        QTimer.singleShot(0, self._painted.set)


def _used() -> dict[str, float]:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {"cpu_seconds": time.process_time(), "rss_bytes": pages * os.sysconf("SC_PAGE_SIZE")}


async def _main() -> None:
    painted = asyncio.Event()
    window = _Window(painted)
    window.resize(1280, 800)
    window.show()
    await painted.wait()
    sys.stdout.write(json.dumps(_used()) + "\n")
    window.close()


def _run() -> None:
    application = QApplication([])
    loop = qasync.QEventLoop(application)
    loop.run_until_complete(_main())
    loop.close()


if __name__ == "__main__":
    _run()
