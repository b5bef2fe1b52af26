"""What a stroke, a rectangle or a lasso covers, as 8-bit coverage with smooth edges. QtGui alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from PIL import Image
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from aiproxy_desktop.ui.images.canvas.mask.buffer import Box, within
from aiproxy_desktop.ui.images.canvas.pixels import grey_view

# Below this a round dab is a smudge: single pixels are set instead.
_SHARP = 2.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stroke: a round dab drawn from one place to another. In pixels of the picture.

    Attributes:
        start: where the dab is already, unless the stroke begins here.
        end: where it goes.
        width: of the dab.
        covered: the width of what the stroke has covered at `start`; 0 where it begins.
    """

    start: QPointF
    end: QPointF
    width: float
    covered: float = 0.0

    @property
    def box(self) -> Box:
        """The pixels it can touch."""
        reach = self.width / 2 + 1
        return (
            floor(min(self.start.x(), self.end.x()) - reach),
            floor(min(self.start.y(), self.end.y()) - reach),
            ceil(max(self.start.x(), self.end.x()) + reach),
            ceil(max(self.start.y(), self.end.y()) + reach),
        )

    def coverage(self, box: Box) -> Image.Image:
        """Mode L, of the size of `box`."""
        canvas, painter = _painter(box)
        pen = QPen(Qt.GlobalColor.white, self.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        start, end = self.start, self.end
        if self.width < _SHARP:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            pen.setWidth(1)
            start = QPointF(floor(start.x()) + 0.5, floor(start.y()) + 0.5)
            end = QPointF(floor(end.x()) + 0.5, floor(end.y()) + 0.5)
        painter.setPen(pen)
        if start == end:
            painter.drawPoint(start)
        else:
            painter.drawLine(start, end)
        painter.end()
        return grey_view(canvas).copy()


def rectangle(rect: QRect, whole: Box) -> tuple[Box, Image.Image] | None:
    """A rectangle of whole pixels, cut to the mask."""
    box = within((rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1), whole)
    if box is None:
        return None
    return box, Image.new("L", (box[2] - box[0], box[3] - box[1]), 255)


def polygon(points: Sequence[QPointF], whole: Box) -> tuple[Box, Image.Image] | None:
    """What a closed outline encloses, cut to the mask."""
    outline = QPolygonF(list(points))
    around: QRectF = outline.boundingRect()
    box = within(
        (floor(around.left()), floor(around.top()), ceil(around.right()), ceil(around.bottom())), whole
    )
    if box is None or len(points) < 3:
        return None
    canvas, painter = _painter(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(Qt.GlobalColor.white))
    painter.drawPolygon(outline, Qt.FillRule.WindingFill)
    painter.end()
    return box, grey_view(canvas).copy()


def _painter(box: Box) -> tuple[QImage, QPainter]:
    canvas = QImage(box[2] - box[0], box[3] - box[1], QImage.Format.Format_Alpha8)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-box[0], -box[1])
    return canvas, painter
