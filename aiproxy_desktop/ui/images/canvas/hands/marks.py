"""What tools draw over a picture: lines seen on light and dark, handles, labels. Device pixels."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from aiproxy_desktop.ui.theme.fonts import font

DARK: Final = QColor(16, 16, 16, 190)
LIGHT: Final = QColor(255, 255, 255)
_LABEL_BACK: Final = QColor(24, 23, 21, 200)
_LABEL_HEIGHT: Final = 24
_LABEL_PAD: Final = 8
_LEAST_WORDS: Final = 40
_LARGEST_RING: Final = 600


def pen(colour: QColor, width: float, ratio: float) -> QPen:
    """A pen of logical pixels."""
    result = QPen(colour, width * ratio)
    result.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return result


def draw_line_on_anything(
    painter: QPainter, path: QPainterPath, ratio: float, *, dashed: bool = False
) -> None:
    """White over a dark line a little wider."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(DARK, 3, ratio))
    painter.drawPath(path)
    line = pen(LIGHT, 1.5, ratio)
    if dashed:
        line.setDashPattern([4, 3])
    painter.setPen(line)
    painter.drawPath(path)


class Ring:
    """The brush as it would paint, drawn once for each size: a large smooth circle costs a millisecond."""

    def __init__(self) -> None:
        self._of = (0.0, 0.0)
        self._image = QImage()

    def draw(self, painter: QPainter, centre: QPointF, radius: float, ratio: float) -> None:
        """Draw it around a place."""
        if radius > _LARGEST_RING:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            _draw_circles(painter, centre, radius, ratio)
            return
        if self._of != (radius, ratio):
            side = 2 * ceil(radius + 3 * ratio)
            self._image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
            self._image.fill(0)
            inside = QPainter(self._image)
            inside.setRenderHint(QPainter.RenderHint.Antialiasing)
            _draw_circles(inside, QPointF(side / 2, side / 2), radius, ratio)
            inside.end()
            self._of = (radius, ratio)
        half = self._image.width() // 2
        painter.drawImage(centre.toPoint() - QPoint(half, half), self._image)


def _draw_circles(painter: QPainter, centre: QPointF, radius: float, ratio: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(QColor(16, 16, 16, 150), 3, ratio))
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(pen(LIGHT, 1.25, ratio))
    painter.drawEllipse(centre, radius, radius)


def draw_cross(painter: QPainter, centre: QPointF, ratio: float) -> None:
    """Where a brush too small to be seen would paint."""
    path = QPainterPath()
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        path.moveTo(centre + QPointF(dx, dy) * 4 * ratio)
        path.lineTo(centre + QPointF(dx, dy) * 9 * ratio)
    draw_line_on_anything(painter, path, ratio)


def draw_handle(painter: QPainter, centre: QPointF, ratio: float, *, active: str | None = None) -> None:
    """A square one can take hold of; filled with a colour where the keyboard moves it."""
    side = 9 * ratio
    rect = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(DARK, 1, ratio))
    painter.setBrush(QColor(active) if active is not None else LIGHT)
    painter.drawRect(rect)


def label_size(text: str, ratio: float) -> tuple[float, float]:
    """Width and height of a label."""
    width = QFontMetricsF(_label_font(ratio)).horizontalAdvance(text) + 2 * _LABEL_PAD * ratio
    return width, _LABEL_HEIGHT * ratio


def elided(text: str, room: float, ratio: float) -> str:
    """A label's words cut to a width; empty where nothing worth reading would be left."""
    words = room - 2 * _LABEL_PAD * ratio
    if words < _LEAST_WORDS * ratio:
        return ""
    return QFontMetricsF(_label_font(ratio)).elidedText(text, Qt.TextElideMode.ElideMiddle, words)


def draw_label(painter: QPainter, text: str, left_top: QPointF, ratio: float) -> QRectF:
    """White words on a dark plate; returns the plate."""
    width, height = label_size(text, ratio)
    plate = QRectF(round(left_top.x()), round(left_top.y()), round(width), round(height))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_LABEL_BACK)
    painter.drawRoundedRect(plate, 4 * ratio, 4 * ratio)
    painter.setFont(_label_font(ratio))
    painter.setPen(LIGHT)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    return plate


def _label_font(ratio: float) -> QFont:
    found = font("body_medium", tabular=True)
    found.setPixelSize(round(12 * ratio))
    return found
