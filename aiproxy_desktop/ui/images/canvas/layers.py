"""What is seen, kept as two layers of device pixels: the picture, and the picture with its mask.

A stroke draws its own box of the second anew, the pointer none; moving the picture shifts both.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion

from aiproxy_desktop.ui.images.canvas.picture.drawing import blank

Draw = Callable[[QPainter, QRect], None]


class Layers:
    """Draws what has become stale, and nothing else, when it is asked for."""

    def __init__(self, draw_base: Draw, draw_mask: Draw) -> None:
        self._draw_base = draw_base
        self._draw_mask = draw_mask
        self._base = QImage()
        self._shown = QImage()
        self._stale_base = QRegion()
        self._stale = QRegion()

    @property
    def size(self) -> QSize:
        """In device pixels."""
        return self._base.size()

    def resize(self, size: QSize) -> None:
        """Other layers; all of them is stale."""
        self._base = blank(size.width(), size.height(), "#000000")
        self._shown = blank(size.width(), size.height(), "#000000")
        self.spoil_all()

    def spoil_all(self) -> None:
        """Everything has changed."""
        whole = QRegion(self._base.rect())
        self._stale_base, self._stale = whole, QRegion(whole)

    def spoil_base(self, rect: QRect) -> None:
        """The picture has changed in a place."""
        self._stale_base += rect & self._base.rect()

    def spoil(self, region: QRegion) -> None:
        """The mask has changed in a place."""
        self._stale += region & self._base.rect()

    def shift(self, dx: int, dy: int) -> None:
        """Everything has moved; what came into sight is stale."""
        rect = self._base.rect()
        if self._stale_base == QRegion(rect):
            return
        exposed = QRegion(rect) - QRegion(rect.translated(dx, dy))
        self._base = _moved(self._base, dx, dy)
        self._shown = _moved(self._shown, dx, dy)
        self._stale_base = (self._stale_base.translated(dx, dy) + exposed) & rect
        self._stale = (self._stale.translated(dx, dy) + exposed) & rect

    def refreshed(self) -> QImage:
        """The second layer, up to date."""
        if not self._stale_base.isEmpty():
            painter = QPainter(self._base)
            for rect in rects(self._stale_base):
                painter.setClipRect(rect)
                self._draw_base(painter, rect)
            painter.end()
            self._stale += self._stale_base
            self._stale_base = QRegion()
        if not self._stale.isEmpty():
            painter = QPainter(self._shown)
            for rect in rects(self._stale):
                painter.drawImage(rect.topLeft(), self._base, rect)
                self._draw_mask(painter, rect)
            painter.end()
            self._stale = QRegion()
        return self._shown


def rects(region: QRegion) -> list[QRect]:
    """The rectangles of a region."""
    return list(region)  # type: ignore[call-overload,no-any-return]  # it can be gone through; its stub does not say so


def _moved(layer: QImage, dx: int, dy: int) -> QImage:
    result = QImage(layer.size(), layer.format())
    painter = QPainter(result)
    painter.drawImage(QPoint(dx, dy), layer)
    painter.end()
    return result
