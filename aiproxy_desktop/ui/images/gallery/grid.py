"""The grid of thumbnails: only what is in sight is painted, whatever the number of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from aiproxy_desktop.storage.image_query import GalleryRow
from aiproxy_desktop.ui.images.gallery import keys, words
from aiproxy_desktop.ui.images.gallery.accessible import GridAccessibility
from aiproxy_desktop.ui.images.gallery.band import Band
from aiproxy_desktop.ui.images.gallery.cells import CellPainter, CellState, star_box
from aiproxy_desktop.ui.images.gallery.dragging import Copies, GridDrag
from aiproxy_desktop.ui.images.gallery.geometry import LEAST_SIDE, MOST_SIDE, PAD, Cells
from aiproxy_desktop.ui.images.gallery.selection import Selection
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails, Wanted
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import plain_tooltip

SIDE: Final = 168
_WHEEL_STEP: Final = 16
_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}
_UNCHANGED = {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class GalleryGrid(QAbstractScrollArea):
    """Shows rows and passes on what is wished.

    Signals:
        chosen(): others are chosen, or the keys stand elsewhere; read `selection`.
        opened(str): Enter or a double click on an image.
        starred(str): the star of an image was pressed.
        delete_wanted(): Delete, for what is chosen.
        copy_wanted(): Ctrl+C, for what is chosen.
        menu_wanted(QPoint): the menu of what is chosen, at a place on the screen.
        side_changed(int): tiles are of another size.
    """

    chosen = Signal()
    opened = Signal(str)
    starred = Signal(str)
    delete_wanted = Signal()
    copy_wanted = Signal()
    menu_wanted = Signal(QPoint)
    side_changed = Signal(int)

    def __init__(
        self, themes: ThemeController, thumbnails: Thumbnails, copies: Copies, parent: QWidget | None = None
    ) -> None:
        """Make an empty one.

        Args:
            themes: to paint with.
            thumbnails: the pictures of the tiles.
            copies: makes files of rows for other programs; it is called on a thread.
            parent: of the widget.
        """
        super().__init__(parent)
        self._themes = themes
        self._thumbnails = thumbnails
        self._side = SIDE
        self._cells = Cells(0, 0, SIDE)
        self._places: dict[str, list[int]] = {}
        self._hovered = -1
        self._ringed = False
        self.band = Band()
        self.rows: Sequence[GalleryRow] = ()
        self.selection = Selection()
        self.setObjectName("images.gallery.grid")
        self.setAccessibleName(tr("Images"))
        self.setProperty("layer", "surface")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._painter = CellPainter(themes, self)
        self._drag = GridDrag(copies, self)
        self.accessibility = GridAccessibility(self)
        themes.changed.connect(self.viewport().update)
        thumbnails.arrived.connect(self._arrived)

    # What it shows

    @property
    def side(self) -> int:
        """The least width of a tile, in pixels."""
        return self._side

    @property
    def chosen_rows(self) -> tuple[GalleryRow, ...]:
        """The chosen ones, as they are shown."""
        return tuple(self.rows[self.selection.place_of(image_id)] for image_id in self.selection.ordered)

    def show_rows(self, rows: Sequence[GalleryRow]) -> None:
        """Show other images; the choice stays with those still there, and the view where it was."""
        top = self._top_cell()
        kept = self.rows[top].id if 0 <= top < len(self.rows) else ""
        offset = self.cell_rect(top).top() if kept else 0
        before = (self.selection.current, frozenset(self.selection.chosen))
        self.rows = rows
        self.selection.show([row.id for row in rows])
        self._places = {}
        for place, row in enumerate(rows):
            self._places.setdefault(row.hash, []).append(place)
        self._hovered = -1
        self._painter.forget()
        self.accessibility.reset()
        self._lay_out()
        place = self.selection.place_of(kept) if kept else -1
        if place >= 0 and self.verticalScrollBar().value() > 0:
            self.verticalScrollBar().setValue(self._cells.box(place).top - offset)
        self._look()
        self.viewport().update()
        if before != (self.selection.current, frozenset(self.selection.chosen)):
            self.chosen.emit()

    def set_side(self, side: int) -> None:
        """Make tiles this wide at least; what is in the middle stays there."""
        side = min(max(side, LEAST_SIDE), MOST_SIDE)
        if side == self._side:
            return
        middle = self.selection.place
        if middle < 0 or not self._in_sight(middle):
            middle = self._top_cell()
        self._side = side
        self._lay_out()
        if 0 <= middle < len(self.rows):
            self._show_cell(middle)
        self._look()
        self.viewport().update()
        self.side_changed.emit(side)

    def choose(self, image_id: str) -> bool:
        """Choose one image and bring it into sight; whether it is shown."""
        place = self.selection.place_of(image_id)
        if place < 0:
            return False
        self._pick(place)
        return True

    def cell_rect(self, place: int) -> QRect:
        """Where a cell stands in the viewport."""
        box = self._cells.box(place)
        return QRect(box.left, box.top - self.verticalScrollBar().value(), box.width, box.height)

    def close_drag(self) -> None:
        """At the end: nothing is made for other programs any more."""
        self._drag.close()

    # Painting and laying out

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        offset = self.verticalScrollBar().value()
        area = event.rect()
        chosen, ringed = self.selection.chosen, self._ringed and self.hasFocus()
        for place in self._cells.between(area.top() + offset - PAD, area.bottom() + offset + 1 + PAD):
            cell = self.cell_rect(place)
            if not cell.adjusted(-PAD, -PAD, PAD, PAD).intersects(area):
                continue
            row = self.rows[place]
            state = CellState(
                row.id in chosen, ringed and row.id == self.selection.current, place == self._hovered
            )
            self._painter.paint(painter, cell, row, self._thumbnails.get(self._wanted(row)), state)
        if self.band.active:
            self.band.paint(painter, offset, self._themes.theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        top = self._top_cell()
        self._lay_out()
        if 0 < top < len(self.rows):
            self.verticalScrollBar().setValue(self._cells.box(top).top - PAD)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._thumbnails.forget(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._lay_out()

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        # What stays in sight is moved; only the strip that comes in is painted.
        self.viewport().scroll(0, dy)
        self._look()

    def _lay_out(self) -> None:
        size = self.viewport().size()
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._cells = Cells(len(self.rows), size.width(), self._side, leftwards)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(self._cells.height - size.height(), 0))
        bar.setPageStep(size.height())
        bar.setSingleStep(max(self._cells.step // 3, 1))

    def _wanted(self, row: GalleryRow) -> Wanted:
        side = round(self._cells.side * self.devicePixelRatioF())
        return Wanted(row.hash, side, side)

    def _look(self) -> None:
        """Ask for the pictures of what is in sight, then of what comes next either way."""
        if not self.isVisible() or not self.rows:
            return
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        seen = self._cells.between(top, top + height)
        ahead = self._cells.between(top + height, top + 2 * height)
        behind = self._cells.between(top - height, top)
        order = dict.fromkeys((*seen, *ahead, *reversed(behind)))
        self._thumbnails.want(self, [self._wanted(self.rows[place]) for place in order])

    def _arrived(self, digest: str) -> None:
        for place in self._places.get(digest, ()):
            cell = self.cell_rect(place)
            if cell.intersects(self.viewport().rect()):
                self.viewport().update(cell)

    def _update_cell(self, place: int) -> None:
        if place >= 0:
            self.viewport().update(self.cell_rect(place).adjusted(-8, -8, 8, 8))

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._ringed = False
        point = event.position().toPoint()
        place = self._at(point)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if place < 0:
            self._begin_band(point, event.modifiers())
            return
        row = self.rows[place]
        if star_box(self.cell_rect(place), self.layoutDirection()).contains(point):
            self.starred.emit(row.id)
            return
        toggle, extend = bool(event.modifiers() & _CTRL), bool(event.modifiers() & _SHIFT)
        if toggle or extend or row.id not in self.selection.chosen:
            self._pick(place, toggle=toggle, extend=extend, show=False)
        if row.id in self.selection.chosen:
            self._drag.press(point, self.chosen_rows)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self.band.active:
            self._move_band(point)
        elif self._drag.active:
            self._drag.move(point, self._drag_picture())
        else:
            self._hover(self._at(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.band.active:
            self.band.end()
            self.viewport().update()
        elif self._drag.active:
            self._drag.release()
            place = self._at(event.position().toPoint())
            plain = not event.modifiers() & (_CTRL | _SHIFT)
            # A press on one of several may begin a drag of all; without one it chooses this one alone.
            if plain and place >= 0 and len(self.selection.chosen) > 1:
                self._pick(place, show=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        place = self._at(point)
        if place < 0:
            return
        if star_box(self.cell_rect(place), self.layoutDirection()).contains(point):
            self.mousePressEvent(event)  # two quick clicks on a star are two clicks
        elif event.button() == Qt.MouseButton.LeftButton:
            self._drag.release()
            self.opened.emit(self.rows[place].id)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._at(event.pos())
            if place >= 0:
                row, cell = self.rows[place], self.cell_rect(place)
                text = plain_tooltip(row.caption or words.title(row))
                QToolTip.showText(event.globalPos(), text, self.viewport(), cell)
            return True
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & _CTRL:
            turn = event.angleDelta().y()
            self.set_side(self._side + (_WHEEL_STEP if turn > 0 else -_WHEEL_STEP if turn < 0 else 0))
            event.accept()
            return
        super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            place = self._at(event.pos())
            if place < 0:
                return
            if self.rows[place].id not in self.selection.chosen:
                self._pick(place, show=False)
            self.menu_wanted.emit(event.globalPos())
        elif self.selection.place >= 0:
            if not self.selection.chosen:
                self._pick(self.selection.place)
            self.menu_wanted.emit(self.viewport().mapToGlobal(self.cell_rect(self.selection.place).center()))

    def _at(self, point: QPoint) -> int:
        return self._cells.at(point.x(), point.y() + self.verticalScrollBar().value())

    def _hover(self, place: int) -> None:
        former, self._hovered = self._hovered, place
        if former != place:
            self._update_cell(former)
            self._update_cell(place)

    def _begin_band(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        adds = bool(modifiers & (_CTRL | _SHIFT))
        here = point + QPoint(0, self.verticalScrollBar().value())
        self.band.begin(here, self.selection.chosen if adds else ())
        self._move_band(point)

    def _move_band(self, point: QPoint) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        beyond = min(point.y(), 0) + max(point.y() - height, 0)
        bar.setValue(bar.value() + beyond)
        self.band.move(point + QPoint(0, bar.value()))
        places = self._cells.within(self.band.box)
        former = set(self.selection.chosen)
        self.selection.take(places, self.band.before)
        if places:
            self.selection.go(places[-1])
        self.viewport().update()
        if former != self.selection.chosen:
            self.chosen.emit()

    def _drag_picture(self) -> QPixmap | None:
        place = self.selection.place
        pixmap = self._thumbnails.get(self._wanted(self.rows[place])) if place >= 0 else None
        if pixmap is None or pixmap.isNull():
            return None
        side = round(128 * self.devicePixelRatioF())
        small = pixmap.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        small.setDevicePixelRatio(self.devicePixelRatioF())
        return small

    # The keys

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in _UNCHANGED:
            self._ringed = event.reason() in _KEYBOARD
        if self._ringed and self.selection.place < 0 and self.rows:
            self._pick(max(self._top_cell(), 0))
        self.viewport().update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._ringed = True
        if not self.rows:
            super().keyPressEvent(event)
            return
        key, height = Qt.Key(event.key()), self.viewport().height()
        target = keys.target(key, self.selection.place, self._top_cell(), self._cells, height)
        ctrl, shift = bool(event.modifiers() & _CTRL), bool(event.modifiers() & _SHIFT)
        if target is not None:
            self._walk(target, ctrl=ctrl, shift=shift)
        elif not self._act(key, ctrl=ctrl):
            super().keyPressEvent(event)
        self.viewport().update()

    def _act(self, key: Qt.Key, *, ctrl: bool) -> bool:
        current = self.selection.current
        if key == Qt.Key.Key_A and ctrl:
            self.selection.take_all()
            self.chosen.emit()
        elif key == Qt.Key.Key_C and ctrl and current:
            self.copy_wanted.emit()
        elif key == Qt.Key.Key_Space and current:
            if ctrl:
                self._pick(self.selection.place, toggle=True)
            else:
                self.starred.emit(current)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and current:
            self.opened.emit(current)
        elif key == Qt.Key.Key_Delete and self.selection.chosen:
            self.delete_wanted.emit()
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal} and ctrl:
            self.set_side(self._side + _WHEEL_STEP)
        elif key == Qt.Key.Key_Minus and ctrl:
            self.set_side(self._side - _WHEEL_STEP)
        elif key == Qt.Key.Key_Escape and len(self.selection.chosen) > 1:
            self._pick(self.selection.place)
        else:
            return False
        return True

    def _walk(self, place: int, *, ctrl: bool, shift: bool) -> None:
        if ctrl and not shift:
            self.selection.go(place)
            self._show_cell(place)
            self.accessibility.focused(place)
            self.chosen.emit()
        else:
            self._pick(place, extend=shift, toggle=ctrl and shift)

    def _pick(self, place: int, *, toggle: bool = False, extend: bool = False, show: bool = True) -> None:
        self.selection.pick(place, toggle=toggle, extend=extend)
        if show:
            self._show_cell(place)
        self.accessibility.focused(place)
        self.viewport().update()
        self.chosen.emit()

    # Where things are

    def _top_cell(self) -> int:
        return next(iter(self._cells.between(self.verticalScrollBar().value(), 2**31)), -1)

    def _in_sight(self, place: int) -> bool:
        return self.viewport().rect().intersects(self.cell_rect(place))

    def _show_cell(self, place: int) -> None:
        box, bar = self._cells.box(place), self.verticalScrollBar()
        if box.top - PAD < bar.value():
            bar.setValue(box.top - PAD)
        elif box.bottom + PAD > bar.value() + self.viewport().height():
            bar.setValue(box.bottom + PAD - self.viewport().height())
