"""The rectangle that the mouse draws over the grid to choose what it touches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QPainter

from aiproxy_desktop.ui.images.gallery.geometry import Box
from aiproxy_desktop.ui.theme.tokens import Theme

_FILL: Final = 40  # of 255


class Band:
    """In the pixels of the whole content; `before` is what stays chosen whatever it touches."""

    def __init__(self) -> None:
        self._begin: QPoint | None = None
        self._end = QPoint()
        self.before: frozenset[str] = frozenset()

    @property
    def active(self) -> bool:
        """Whether it is being drawn."""
        return self._begin is not None

    @property
    def box(self) -> Box:
        """Where it is."""
        area = self._area()
        return Box(area.left(), area.top(), area.width(), area.height())

    def begin(self, point: QPoint, before: Iterable[str]) -> None:
        """The button went down beside the cells."""
        self._begin = self._end = QPoint(point)
        self.before = frozenset(before)

    def move(self, point: QPoint) -> None:
        """The pointer is there now."""
        self._end = QPoint(point)

    def end(self) -> None:
        """The button went up."""
        self._begin = None

    def paint(self, painter: QPainter, offset: int, theme: Theme) -> None:
        """Over the cells; `offset` is how far the content is scrolled."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(QColor(theme.accent))
        fill = QColor(theme.accent)
        fill.setAlpha(_FILL)
        painter.setBrush(fill)
        painter.drawRect(self._area().translated(0, -offset).adjusted(0, 0, -1, -1))

    def _area(self) -> QRect:
        return QRect(self._end if self._begin is None else self._begin, self._end).normalized()
