"""Widgets of one width side by side, as many in a line as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.widgets.painting import mirrored


class Tile(Protocol):
    """What stands in a tile: a widget that knows its height for a width."""

    def height_for(self, width: int) -> int:
        """Pixels."""
        ...


class Tiles(QWidget):
    """Each line is as high as its highest; the widget is as high as its lines."""

    def __init__(self, *, least: int, most: int, gap: int, parent: QWidget | None = None) -> None:
        """Make it empty.

        Args:
            least: a tile's least width, where the widget is that wide.
            most: its greatest.
            gap: between tiles and lines.
            parent: of the widget.
        """
        super().__init__(parent)
        self._least, self._most, self._gap = least, most, gap
        self._tiles: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_tiles(self, tiles: Sequence[QWidget]) -> None:
        """Place these, which are children of this."""
        self._tiles = list(tiles)
        self.place()

    def sizeHint(self) -> QSize:
        return QSize(self._least, self._lay_out(max(self.width(), self._least), move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._lay_out(max(self.width(), 1), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.place()

    def place(self) -> None:
        """Put every tile where it belongs, and be as high as that needs."""
        height = self._lay_out(max(self.width(), 1), move=True)
        if height != self.minimumHeight() or height != self.maximumHeight():
            self.setFixedHeight(height)

    def _lay_out(self, width: int, *, move: bool) -> int:
        shown = self._tiles
        if not shown:
            return 0
        a_line = max(1, (width + self._gap) // (self._least + self._gap))
        a_line = min(a_line, len(shown))
        each = min(self._most, (width - self._gap * (a_line - 1)) // a_line)
        top = 0
        for start in range(0, len(shown), a_line):
            line = shown[start : start + a_line]
            height = max(_height(tile, each) for tile in line)
            for place, tile in enumerate(line):
                if move:
                    box = QRect(place * (each + self._gap), top, each, height)
                    tile.setGeometry(mirrored(self, box))
            top += height + self._gap
        return top - self._gap


def _height(tile: QWidget, width: int) -> int:
    found = getattr(tile, "height_for", None)
    return int(found(width)) if found is not None else tile.heightForWidth(width)
