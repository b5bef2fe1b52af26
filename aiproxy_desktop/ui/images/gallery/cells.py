"""How a cell of the grid is painted."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import QStyle, QWidget

from aiproxy_desktop.storage.image_query import GalleryRow
from aiproxy_desktop.ui.images.gallery import words
from aiproxy_desktop.ui.images.gallery.geometry import CAPTION
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.widgets.painting import elided, rounded

STAR: Final = 28
_ICON: Final = 16
_AROUND: Final = 6
_RING: Final = 2
_CHECK: Final = 12


class CellState(NamedTuple):
    """How a cell stands to the person."""

    chosen: bool
    ringed: bool
    hovered: bool


def star_box(cell: QRect, direction: Qt.LayoutDirection) -> QRect:
    """Where the star of a cell is pressed."""
    tile = QRect(cell.left(), cell.top(), cell.width(), cell.width())
    box = QRect(tile.right() + 1 - STAR - 4, tile.top() + 4, STAR, STAR)
    return QStyle.visualRect(direction, tile, box)


class CellPainter:
    """Paints cells of one grid: what stays the same for all of them is looked up once."""

    def __init__(self, themes: ThemeController, grid: QWidget) -> None:
        self._themes = themes
        self._grid = grid
        self._font = font("meta")
        self._metrics = QFontMetrics(self._font)
        self._titles: dict[tuple[str, int], str] = {}

    def forget(self) -> None:
        """Names may have changed."""
        self._titles.clear()

    def paint(
        self, painter: QPainter, cell: QRect, row: GalleryRow, pixmap: QPixmap | None, state: CellState
    ) -> None:
        """One cell, tile and caption."""
        theme = self._themes.theme
        tile = QRect(cell.left(), cell.top(), cell.width(), cell.width())
        around = QRectF(cell.adjusted(-_AROUND, -_AROUND, _AROUND, 0))
        if state.chosen:
            rounded(painter, around, RADIUS.m, theme.selected)
        elif state.hovered:
            rounded(painter, around, RADIUS.m, theme.hover)
        if state.ringed:
            rounded(painter, around, RADIUS.m, None, theme.accent, _RING)
        self._paint_picture(painter, tile, pixmap, max(row.width, row.height))
        if state.chosen and not state.ringed:
            rounded(painter, QRectF(tile), RADIUS.s, None, theme.accent, _RING)
        if row.favourite or state.hovered:
            self._paint_star(painter, star_box(cell, self._grid.layoutDirection()), row.favourite, theme)
        painter.setFont(self._font)
        painter.setPen(theme.text if state.chosen else theme.text_secondary)
        caption = QRect(tile.left(), tile.bottom() + 1, tile.width(), CAPTION)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(caption, flags, self._title(row, tile.width()))

    def _paint_picture(self, painter: QPainter, tile: QRect, pixmap: QPixmap | None, natural: int) -> None:
        theme = self._themes.theme
        rounded(painter, QRectF(tile), RADIUS.s, theme.surface_sunken)
        if pixmap is None:
            return
        ratio = self._grid.devicePixelRatioF()
        if pixmap.isNull():
            icon = icon_pixmap("image", theme.text_muted, _ICON, ratio)
            painter.drawPixmap(tile.center() - QPoint(_ICON // 2, _ICON // 2), icon)
            return
        draw_picture(painter, fitted(pixmap, tile, ratio, natural), pixmap, ratio, theme)

    def _paint_star(self, painter: QPainter, box: QRect, on: bool, theme: Theme) -> None:
        rounded(painter, QRectF(box.adjusted(2, 2, -2, -2)), RADIUS.s, theme.surface_raised, theme.border)
        name, colour = ("star-on", theme.accent_ink) if on else ("star", theme.text_secondary)
        icon = icon_pixmap(name, colour, _ICON, self._grid.devicePixelRatioF())
        inset = (STAR - _ICON) // 2
        painter.drawPixmap(box.topLeft() + QPoint(inset, inset), icon)

    def _title(self, row: GalleryRow, width: int) -> str:
        key = (row.id, width)
        known = self._titles.get(key)
        if known is None:
            known = elided(self._metrics, words.title(row), width)
            if len(self._titles) > 4096:
                self._titles.clear()
            self._titles[key] = known
        return known


def fitted(pixmap: QPixmap, box: QRect, ratio: float, natural: int) -> QRect:
    """Where a picture stands in a box: whole, in the middle, never larger than it is.

    Args:
        pixmap: a thumbnail of it, made for this box or another.
        box: logical pixels.
        ratio: device pixels to a logical one.
        natural: the longer side of the picture itself, in pixels.
    """
    width, height = pixmap.width(), pixmap.height()
    scale = min(box.width() * ratio / width, box.height() * ratio / height, natural / max(width, height))
    # One made for this box fills it but for what rounding takes.
    if 0.98 < scale < 1.02:
        scale = 1.0
    wide, high = max(round(width * scale / ratio), 1), max(round(height * scale / ratio), 1)
    return QRect(box.left() + (box.width() - wide) // 2, box.top() + (box.height() - high) // 2, wide, high)


def draw_picture(painter: QPainter, place: QRect, pixmap: QPixmap, ratio: float, theme: Theme) -> None:
    """Draw it there: pixel by pixel where it was made for that, else scaled; see-through over a checker."""
    if pixmap.hasAlphaChannel():
        painter.drawTiledPixmap(place, _checker(theme))
    if abs(place.width() * ratio - pixmap.width()) < ratio:
        pixmap.setDevicePixelRatio(ratio)
        painter.drawPixmap(place.topLeft(), pixmap)
    else:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, pixmap)


def _checker(theme: Theme) -> QPixmap:
    """Four squares to be repeated; kept in Qt's own cache."""
    key, found = f"gallery:checker:{theme.name}", QPixmap()
    if not QPixmapCache.find(key, found):
        found = QPixmap(2 * _CHECK, 2 * _CHECK)
        found.fill(QColor(theme.surface_raised))
        painter = QPainter(found)
        for left, top in ((0, 0), (_CHECK, _CHECK)):
            painter.fillRect(left, top, _CHECK, _CHECK, QColor(theme.border_strong))
        painter.end()
        QPixmapCache.insert(key, found)
    return found
