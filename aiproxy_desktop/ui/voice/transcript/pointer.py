"""The mouse on the transcript: selecting by dragging, words, whole texts, scrolling at the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QElapsedTimer, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.chat.transcript.selection import Position, Selection, word_around
from aiproxy_desktop.ui.widgets.edge_scroll import EdgeScroll

if TYPE_CHECKING:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript


class Pointer:
    """Turns mouse events into a selection and the cursor's shape."""

    def __init__(self, area: VoiceTranscript) -> None:
        self._area = area
        self._unit: Literal["character", "word", "text"] = "character"
        self._pressed: QPoint | None = None
        self._dragging = False
        self._origin: tuple[Position, Position] | None = None
        self._double = QElapsedTimer()
        self._scroll = EdgeScroll(area, area.scroll_by, self._extend)

    def reset(self) -> None:
        """What was selected from is gone."""
        self._origin, self._dragging = None, False
        self._scroll.stop()

    def press(self, event: QMouseEvent) -> None:
        """Begin a selection, or extend one with Shift."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        if self._double.isValid() and self._double.elapsed() < QApplication.doubleClickInterval():
            self._double.invalidate()
            self._begin(point, "text")
            return
        self._pressed, self._dragging = point, False
        place = self._position_at(point)
        if place is None:
            return
        selection = self._area.selection
        self._unit = "character"
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and selection is not None:
            self._origin = (selection.anchor, selection.anchor)
            self._dragging = True
            self._extend(point)
            return
        self._origin = (place, place)
        self._area.select(None)

    def double_click(self, event: QMouseEvent) -> None:
        """Select a word."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._double.start()
            self._begin(event.position().toPoint(), "word")

    def move(self, event: QMouseEvent) -> None:
        """Extend the selection, or show what is under the pointer."""
        point = event.position().toPoint()
        if self._origin is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover(point)
            return
        if not self._dragging:
            distance = (point - (self._pressed or point)).manhattanLength()
            self._dragging = distance >= QApplication.startDragDistance() // 2
        if self._dragging:
            self._extend(point)
            self._scroll.follow(point)

    def release(self, event: QMouseEvent) -> None:
        """End the selection."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        dragged = self._dragging
        self.reset()
        clipboard = QGuiApplication.clipboard()
        if dragged and clipboard.supportsSelection():
            text = self._area.selected_text()
            if text:
                clipboard.setText(text, clipboard.Mode.Selection)

    def _position_at(self, point: QPoint) -> Position | None:
        column = self._area.column
        shown = column.at(point.y())
        if shown is None:
            return None
        block = column.laid_out(shown.index)
        part, unit = block.position_at(point.x() - self._area.column_left, point.y() - shown.top)
        return Position(shown.index, part, unit)

    def _hover(self, point: QPoint) -> None:
        area = self._area
        shown = area.column.at(point.y())
        shape = Qt.CursorShape.ArrowCursor
        if shown is not None:
            x = point.x() - area.column_left
            block = area.column.blocks[shown.index]
            if 0 <= x < area.column.width and block.on_text(x, point.y() - shown.top):
                shape = Qt.CursorShape.IBeamCursor
        if area.viewport().cursor().shape() != shape:
            area.viewport().setCursor(shape)

    def _begin(self, point: QPoint, unit: Literal["word", "text"]) -> None:
        self._unit, self._pressed, self._dragging = unit, point, False
        place = self._position_at(point)
        if place is not None:
            self._origin = self._around(place)
            self._area.select(Selection(*self._origin))

    def _around(self, place: Position) -> tuple[Position, Position]:
        parts = self._area.column.laid_out(place.message).parts
        if self._unit == "character" or place.piece >= len(parts):
            return place, place
        text = parts[place.piece].display.text
        first, last = (0, len(text)) if self._unit == "text" else word_around(text, place.offset)
        return (
            Position(place.message, place.piece, first),
            Position(place.message, place.piece, last),
        )

    def _extend(self, point: QPoint) -> None:
        place = self._position_at(point)
        if place is None or self._origin is None:
            return
        start, end = self._around(place)
        first, last = self._origin
        if start < first:
            self._area.select(Selection(last, start))
        else:
            self._area.select(Selection(first, max(end, last)))
