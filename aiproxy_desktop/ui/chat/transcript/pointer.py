"""The mouse on the transcript: links, selection by dragging, words, paragraphs, scrolling at the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QElapsedTimer, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from aiproxy_desktop.ui.chat.transcript.column import Shown
from aiproxy_desktop.ui.chat.transcript.images.image_actions import DragOut
from aiproxy_desktop.ui.chat.transcript.images.image_piece import ImagePiece
from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment
from aiproxy_desktop.ui.chat.transcript.note_links import follow, hint
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.chat.transcript.selection import Position, Selection, word_around
from aiproxy_desktop.ui.widgets.edge_scroll import EdgeScroll

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


class Pointer:
    """Turns mouse events into a selection, link activations and the cursor's shape."""

    def __init__(self, area: Transcript) -> None:
        self._area = area
        self._unit: Literal["character", "word", "paragraph"] = "character"
        self._pressed: QPoint | None = None
        self._pressed_href = ""
        self._dragging = False
        self._origin: tuple[Position, Position] | None = None
        self._double = QElapsedTimer()
        self._drag_out = DragOut(area.images, area)
        self.message: int | None = None
        self._scroll = EdgeScroll(area, area.scroll_by, self._extend)

    # -- events

    def press(self, event: QMouseEvent) -> None:
        """Begin a selection, extend one with Shift, or press a link."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        image = self.image_at(point)
        if image is not None:
            self._area.select(None)
            self._drag_out.press(point, image)
            return
        if self._double.isValid() and self._double.elapsed() < QApplication.doubleClickInterval():
            self._double.invalidate()
            self._begin(point, "paragraph")
            return
        self._pressed, self._dragging = point, False
        self._pressed_href = self.href_at(point)
        place = self.position_at(point)
        if place is None:
            return
        selection = self._area.selection
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and selection is not None:
            self._unit, self._origin = "character", (selection.anchor, selection.anchor)
            self._dragging = True
            self._extend(point)
            return
        self._unit, self._origin = "character", (place, place)
        self._area.select(None)

    def double_click(self, event: QMouseEvent) -> None:
        """Select a word."""
        point = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self.image_at(point) is None:
            self._double.start()
            self._begin(event.position().toPoint(), "word")

    def move(self, event: QMouseEvent) -> None:
        """Extend the selection, or show what is under the pointer."""
        point = event.position().toPoint()
        if self._drag_out.active and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_out.move(point)
            return
        if self._origin is not None and event.buttons() & Qt.MouseButton.LeftButton:
            pressed = self._pressed or point
            if not self._dragging:
                distance = (point - pressed).manhattanLength()
                self._dragging = distance >= QApplication.startDragDistance() // 2
            if self._dragging:
                self._pan(point)
                self._extend(point)
                self._scroll.follow(point)
            return
        self._hover(point)

    def release(self, event: QMouseEvent) -> None:
        """End the selection, or follow the link that was pressed."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._scroll.stop()
        point = event.position().toPoint()
        if self._drag_out.active:
            self._drag_out.release(point)
            return
        href, dragged = self._pressed_href, self._dragging
        self._origin, self._pressed, self._pressed_href, self._dragging = None, None, "", False
        shown = self.shown_at(point)
        if href and not dragged and shown is not None and self.href_at(point) == href:
            follow(self._area, shown.message, shown.piece, href)
        clipboard = QGuiApplication.clipboard()
        if dragged and clipboard.supportsSelection():
            text = self._area.selected_text(plain=True)
            if text:
                clipboard.setText(text, clipboard.Mode.Selection)

    def leave(self) -> None:
        """The pointer is elsewhere, unless it went onto a button of the transcript's own."""
        viewport = self._area.viewport()
        if not viewport.rect().contains(viewport.mapFromGlobal(viewport.cursor().pos())):
            self.message = None

    def move_down(self, messages: int) -> None:
        """So many messages came before those here."""
        if self.message is not None:
            self.message += messages
        if self._origin is not None:
            self._origin = Selection(*self._origin).moved(messages).pair

    # -- looking

    def shown_at(self, point: QPoint) -> Shown | None:
        """The piece nearest to a point."""
        return self._area.column.at(point.y())

    def position_at(self, point: QPoint) -> Position | None:
        """The place in the text nearest to a point."""
        area = self._area
        shown = self.shown_at(point)
        if shown is None:
            return None
        piece = area.column.piece(shown.message, shown.piece)
        offset = piece.position_at(point.x() - area.column_left, point.y() - shown.top)
        return Position(shown.message, shown.piece, offset)

    def image_at(self, point: QPoint) -> ShownAttachment | None:
        """The image of an answer under a point, if there is one."""
        area = self._area
        shown = self.shown_at(point)
        if shown is None:
            return None
        piece = area.column.piece(shown.message, shown.piece)
        if not isinstance(piece, ImagePiece):
            return None
        on = piece.holds(point.x() - area.column_left, point.y() - shown.top)
        return piece.shown if on else None

    def href_at(self, point: QPoint) -> str:
        """The link under a point, or ""."""
        area = self._area
        shown = self.shown_at(point)
        if shown is None:
            return ""
        piece = area.column.piece(shown.message, shown.piece)
        return piece.href_at(point.x() - area.column_left, point.y() - shown.top)

    def show_tip(self, event: QHelpEvent) -> None:
        """Say where the link under the pointer leads."""
        href, shown = self.href_at(event.pos()), self.shown_at(event.pos())
        if href and shown is not None:
            text = hint(self._area, shown.message, shown.piece, href)
            QToolTip.showText(event.globalPos(), text, self._area.viewport())
        else:
            QToolTip.hideText()

    def _hover(self, point: QPoint) -> None:
        area = self._area
        shown = self.shown_at(point)
        self.message = None if shown is None else shown.message
        shape = Qt.CursorShape.ArrowCursor
        if shown is not None:
            left = area.column_left
            inside = left <= point.x() < left + area.column.width
            piece = area.column.piece(shown.message, shown.piece)
            if piece.block is not None and inside and 0 <= point.y() - shown.top < piece.height:
                shape = Qt.CursorShape.IBeamCursor
            if self.href_at(point) or self.image_at(point) is not None:
                shape = Qt.CursorShape.PointingHandCursor
        if area.viewport().cursor().shape() != shape:
            area.viewport().setCursor(shape)

    # -- selecting

    def _begin(self, point: QPoint, unit: Literal["word", "paragraph"]) -> None:
        self._unit = unit
        self._pressed, self._pressed_href = point, ""
        place = self.position_at(point)
        if place is None:
            return
        self._origin = self._around(place)
        self._dragging = False
        self._area.select(Selection(*self._origin))

    def _around(self, place: Position) -> tuple[Position, Position]:
        """The word or paragraph at a place."""
        text = self._area.column.piece(place.message, place.piece).text
        if self._unit == "character":
            return place, place
        first, last = (0, len(text)) if self._unit == "paragraph" else word_around(text, place.offset)
        return (
            Position(place.message, place.piece, first),
            Position(place.message, place.piece, last),
        )

    def _extend(self, point: QPoint) -> None:
        place = self.position_at(point)
        if place is None or self._origin is None:
            return
        start, end = self._around(place)
        first, last = self._origin
        if start < first:
            self._area.select(Selection(last, start))
        else:
            self._area.select(Selection(first, max(end, last)))

    def _pan(self, point: QPoint) -> None:
        """Selecting goes on in the part of a long line of code that is out of view."""
        shown = self.shown_at(point)
        if shown is not None:
            piece = self._area.column.piece(shown.message, shown.piece)
            if isinstance(piece, CodePiece) and piece.pan_towards(point.x() - self._area.column_left):
                self._area.settle()
