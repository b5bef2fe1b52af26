"""The moment the window is really there; everything heavy waits for it."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


async def first_paint(window: QWidget) -> None:
    """Return once `window` has painted itself for the first time. Call before it is shown."""
    watcher = _PaintWatcher(window)
    window.installEventFilter(watcher)
    try:
        await watcher.painted
    finally:
        window.removeEventFilter(watcher)
        watcher.deleteLater()


class _PaintWatcher(QObject):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.painted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.painted.done():
            # The paint event is about to be handled: it has been when the loop comes round again.
            QTimer.singleShot(0, self._done)
        return super().eventFilter(watched, event)

    def _done(self) -> None:
        if not self.painted.done():
            self.painted.set_result(None)
