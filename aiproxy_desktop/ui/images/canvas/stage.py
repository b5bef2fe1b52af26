"""What the canvas shows: pictures, mask, and how they are seen. The widget shows its layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from aiproxy_desktop.ui.images.canvas.crescent import newly_covered
from aiproxy_desktop.ui.images.canvas.layers import Layers, rects
from aiproxy_desktop.ui.images.canvas.mask.model import MaskModel
from aiproxy_desktop.ui.images.canvas.mask.shapes import Segment
from aiproxy_desktop.ui.images.canvas.overlay import Look, Overlay, Soft
from aiproxy_desktop.ui.images.canvas.panes import Pane, divider_x, in_pane, pane_room, panes
from aiproxy_desktop.ui.images.canvas.picture.drawing import (
    GRID_FROM,
    draw_checks,
    draw_grid,
    draw_picture,
)
from aiproxy_desktop.ui.images.canvas.picture.levels import Picture
from aiproxy_desktop.ui.images.canvas.tools import CompareMode
from aiproxy_desktop.ui.images.canvas.view_transform import View
from aiproxy_desktop.ui.theme.controller import ThemeController

FIT_MARGIN: Final = 16
EXTENDING_MARGIN: Final = 96


class Stage(QObject):
    """All places are device pixels unless they are called places of the picture.

    Signals:
        stale: a region of the widget to be painted again.
        moved: another view of the picture.
        divided: the slider stands elsewhere.
    """

    stale = Signal(QRegion)
    moved = Signal()
    divided = Signal()

    def __init__(self, themes: ThemeController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.ratio = 1.0
        self.room = QSize(1, 1)
        self.view = View(QSize(0, 0), QSize(1, 1))
        self.mask: MaskModel | None = None
        self.after: Picture | None = None
        self.before: Picture | None = None
        self.difference: Picture | None = None
        self.mode: CompareMode = "off"
        self.divider = 0.5
        self._fit_margin = FIT_MARGIN
        self._look = Look(QColor(themes.theme.mask), 1.0)
        self.overlay = Overlay(self._look)
        self._layers = Layers(self._draw_base, self._draw_mask)
        self._layers.resize(self.room)

    # -- what is shown

    @property
    def panes(self) -> tuple[Pane, ...]:
        """How the canvas is divided."""
        return panes(self.mode, self.room, self.view, self.divider)

    @property
    def look(self) -> Look:
        """How the mask is shown."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Show the mask another way."""
        if look != self._look:
            self._look = look
            self.overlay.set_look(look)
            self.spoil_all()

    def set_soft(self, soft: Soft | None) -> None:
        """The soft edge has been made anew."""
        changed = soft is not self.overlay.soft
        self.overlay.soft = soft
        self.overlay.merging = None
        if changed:
            self.spoil_all()

    def set_picture(self, side: str, picture: Picture | None) -> None:
        """Show another picture as `after`, `before` or `difference`."""
        setattr(self, side, picture)
        self.spoil_all()

    def set_mode(self, mode: CompareMode) -> None:
        """Compare another way."""
        if mode != self.mode:
            self.mode = mode
            self.look_from(self.view.resized(pane_room(mode, self.room), self._margin))
            self.spoil_all()

    def set_divider(self, divider: float) -> None:
        """Move the slider; only what lies between is drawn."""
        wide = self.room.width()
        old = divider_x(self.view, self.divider, wide)
        self.divider = min(max(divider, 0.0), 1.0)
        new = divider_x(self.view, self.divider, wide)
        changed = QRect(min(old, new), 0, abs(new - old), self.room.height())
        self._layers.spoil_base(changed)
        self.stale.emit(QRegion(0, 0, wide, self.room.height()))
        self.divided.emit()

    def spoil_all(self) -> None:
        """Everything looks different."""
        self._layers.spoil_all()
        self.stale.emit(QRegion(QRect(0, 0, self.room.width(), self.room.height())))

    # -- the view

    @property
    def _margin(self) -> int:
        return round(self._fit_margin * self.ratio)

    def set_fit_margin(self, margin: int) -> None:
        """Logical pixels around a picture that is fitted."""
        if margin != self._fit_margin:
            self._fit_margin = margin
            if self.view.fitting and self.after is not None:
                self.fit()

    def resize(self, room: QSize, ratio: float) -> None:
        """Another room, in device pixels."""
        if room == self.room and ratio == self.ratio:
            return
        self.room, self.ratio = room, ratio
        self._layers.resize(room)
        self.set_look(replace(self._look, ratio=ratio))
        self.look_from(self.view.resized(pane_room(self.mode, room), self._margin))
        self.spoil_all()

    def show(self, size: QSize) -> None:
        """A picture of another size: all of it is seen."""
        self.view = View(size, pane_room(self.mode, self.room)).fitted(self._margin)
        self.divider = 0.5
        self.spoil_all()
        self.moved.emit()

    def look_from(self, view: View) -> None:
        """See the picture from elsewhere."""
        old, self.view = self.view, view
        if view == old:
            return
        if self.mode != "side_by_side" and (view.zoom, view.room) == (old.zoom, old.room):
            self._layers.shift(view.left - old.left, view.top - old.top)
            self.stale.emit(QRegion(QRect(0, 0, self.room.width(), self.room.height())))
        else:
            self.spoil_all()
        self.moved.emit()

    def fit(self) -> None:
        """All of the picture."""
        self.look_from(self.view.fitted(self._margin))

    def to_picture(self, point: QPointF) -> QPointF:
        """The place of the picture under a point of the widget."""
        return self.view.to_picture(in_pane(self.panes, point))

    def in_room(self, box: QRectF) -> list[QRectF]:
        """Where a part of the picture is seen: in each pane that has the mask over it."""
        seen = self.view.box_in_room(box)
        origins = {pane.origin for pane in self.panes if pane.masked}
        return [seen.translated(origin, 0) for origin in sorted(origins)]

    # -- the mask

    def mask_changed(self, box: QRect, segment: Segment | None = None) -> None:
        """A box of the mask has changed, or what a piece of a stroke has newly covered in it."""
        if not self._look.masked:
            self.set_look(replace(self._look, masked=True))  # who paints wants to see it
        if self.mask is not None:
            self.overlay.merging = self.mask.hand == "add"
        around = self.view.covering(QRectF(box))
        self.spoil_mask(QRegion(around) if segment is None else newly_covered(segment, self.view, around))

    def spoil_mask(self, region: QRegion) -> None:
        """Draw the mask anew in a region of the view."""
        room = 3 * max(1, round(self.ratio))
        grown = QRegion()
        for rect in rects(region):
            grown += rect.adjusted(-room, -room, room, room)
        for pane in self.panes:
            if pane.masked:
                spoilt = grown.translated(pane.origin, 0) & pane.clip
                self._layers.spoil(spoilt)
                self.stale.emit(spoilt)

    # -- drawing

    def layer(self) -> QImage:
        """What is seen, up to date, in device pixels."""
        return self._layers.refreshed()

    def _draw_base(self, painter: QPainter, rect: QRect) -> None:
        theme = self._themes.theme
        painter.fillRect(rect, QColor(theme.surface_sunken))
        if self.after is None:
            return
        for pane in self.panes:
            clip = rect & pane.clip
            picture = self._picture(pane)
            placed = self.view.placed.translated(pane.origin, 0)
            clip &= placed.toAlignedRect()
            if clip.isEmpty() or picture is None:
                continue
            painter.setClipRect(clip)
            if picture.see_through:
                draw_checks(painter, placed, clip, (theme.surface_raised, theme.border), self.ratio)
            draw_picture(painter, picture, placed, clip)
            if self.view.zoom >= GRID_FROM:
                draw_grid(painter, placed, clip, self.view.zoom)
        painter.setClipRect(rect)

    def _draw_mask(self, painter: QPainter, rect: QRect) -> None:
        mask = self.mask
        if mask is None or (mask.empty and not self._look.protected):
            return
        for pane in self.panes:
            clip = rect & pane.clip
            if pane.masked and not clip.isEmpty():
                self.overlay.draw(painter, mask.buffer, self.view, clip, pane)

    def _picture(self, pane: Pane) -> Picture | None:
        if pane.side == "before":
            return self.before
        if pane.side == "difference":
            return self.difference or self.after
        return self.after
