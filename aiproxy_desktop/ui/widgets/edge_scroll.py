"""Scrolling while something is dragged beyond an edge of a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

_FASTEST: Final = 60  # pixels for each picture


class EdgeScroll:
    """The farther beyond the edge, the faster.

    Args:
        area: whose viewport it is.
        scroll_by: moves it by so many pixels.
        moved: told the place in the viewport that is nearest to the pointer, after each move.
    """

    def __init__(
        self, area: QAbstractScrollArea, scroll_by: Callable[[int], object], moved: Callable[[QPoint], object]
    ) -> None:
        self._area, self._scroll_by, self._moved = area, scroll_by, moved
        self._at = QPoint()
        self._timer = QTimer(area)
        self._timer.setInterval(16)
        self._timer.timeout.connect(self._step)

    def follow(self, point: QPoint) -> None:
        """The pointer is here."""
        self._at = point
        outside = not 0 <= point.y() < self._area.viewport().height()
        if outside and not self._timer.isActive():
            self._timer.start()
        elif not outside:
            self._timer.stop()

    def stop(self) -> None:
        """Nothing is dragged any more."""
        self._timer.stop()

    def _step(self) -> None:
        height, y = self._area.viewport().height(), self._at.y()
        beyond = y if y < 0 else y - height + 1
        self._scroll_by(max(-_FASTEST, min(_FASTEST, beyond // 2 or (1 if beyond > 0 else -1))))
        self._moved(QPoint(self._at.x(), max(0, min(height - 1, y))))
