"""Counts the seconds of an answer that thinks, while it is in view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer

from aiproxy_desktop.ui.chat.transcript.column import Column

_FIGURES_MS: Final = 250


class Thinking:
    """Ticks four times a second at most, and only while there is something to count."""

    def __init__(self, column: Column, tick: Callable[[], None], parent: QObject) -> None:
        self._column = column
        self._timer = QTimer(parent)
        self._timer.setInterval(_FIGURES_MS)
        self._timer.timeout.connect(tick)

    def look(self) -> None:
        """See whether an answer in view thinks."""
        views = self._column.views
        if not any(views[message].thinking() for message in self._column.visible_messages()):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
