"""Drawing a picture, or the part of it that is asked for, into device pixels."""

from __future__ import annotations

from math import ceil, floor
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from aiproxy_desktop.ui.images.canvas.picture.levels import Picture

NEAREST_FROM: Final = 2.0
GRID_FROM: Final = 8.0
_CHECK: Final = 8


def draw_picture(painter: QPainter, picture: Picture, placed: QRectF, clip: QRect) -> None:
    """Draw what of a picture lies in `clip`.

    Args:
        painter: of a device in device pixels; its clip is at least `clip`.
        picture: smoothed when it is drawn smaller than it is, in sharp squares when much larger.
        placed: where the whole picture stands.
        clip: what is to be drawn.
    """
    scale = placed.width() / max(picture.size.width(), 1)
    level = picture.for_scale(scale)
    # Only what is seen is handed to Qt: it counts in 1/65536, which would be pixels off from far outside.
    per_x, per_y = level.width() / placed.width(), level.height() / placed.height()
    left = max(floor((clip.left() - placed.left()) * per_x) - 1, 0)
    top = max(floor((clip.top() - placed.top()) * per_y) - 1, 0)
    right = min(ceil((clip.right() + 1 - placed.left()) * per_x) + 1, level.width())
    bottom = min(ceil((clip.bottom() + 1 - placed.top()) * per_y) + 1, level.height())
    if left >= right or top >= bottom:
        return
    source = QRectF(left, top, right - left, bottom - top)
    target = QRectF(
        placed.left() + left / per_x,
        placed.top() + top / per_y,
        (right - left) / per_x,
        (bottom - top) / per_y,
    )
    exact = level.width() == round(placed.width()) and level.height() == round(placed.height())
    # From an unfinished picture, smoothing would only make slow what is replaced at once.
    smooth = not exact and scale < NEAREST_FROM and (picture.complete or per_x < 1)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=smooth)
    painter.drawImage(target, level, source)


def draw_checks(
    painter: QPainter, placed: QRectF, clip: QRect, colours: tuple[str, str], ratio: float
) -> None:
    """The squares that show where a picture is see-through. They move with the picture."""
    side = round(_CHECK * ratio)
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(QColor(colours[0]))
    with_squares = QPainter(tile)
    for x, y in ((0, 0), (side, side)):
        with_squares.fillRect(x, y, side, side, QColor(colours[1]))
    with_squares.end()
    area = placed.toAlignedRect().intersected(clip)
    corner = placed.topLeft().toPoint()
    painter.drawTiledPixmap(area, tile, area.topLeft() - corner)


def draw_grid(painter: QPainter, placed: QRectF, clip: QRect, zoom: float) -> None:
    """A hairline between the pixels of the picture, seen on light and on dark."""
    area = placed.toAlignedRect().intersected(clip)
    if area.isEmpty():
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    strength = min((zoom - GRID_FROM) / 24 + 0.35, 0.8)
    for shift, colour in ((0, QColor(0, 0, 0)), (1, QColor(255, 255, 255))):
        colour.setAlphaF(strength * (0.35 if shift else 0.5))
        painter.setPen(QPen(colour, 1))
        first, last = _lines(area.left(), area.right(), placed.left(), zoom)
        for number in range(first, last + 1):
            x = round(placed.left() + number * zoom) + shift - 1
            painter.drawLine(QPoint(x, area.top()), QPoint(x, area.bottom()))
        first, last = _lines(area.top(), area.bottom(), placed.top(), zoom)
        for number in range(first, last + 1):
            y = round(placed.top() + number * zoom) + shift - 1
            painter.drawLine(QPoint(area.left(), y), QPoint(area.right(), y))


def _lines(low: int, high: int, start: float, zoom: float) -> tuple[int, int]:
    return max(floor((low - start) / zoom), 1), ceil((high - start) / zoom)


def blank(width: int, height: int, colour: str) -> QImage:
    """A layer of device pixels in one colour."""
    layer = QImage(max(width, 1), max(height, 1), QImage.Format.Format_RGB32)
    layer.fill(QColor(colour))
    return layer
