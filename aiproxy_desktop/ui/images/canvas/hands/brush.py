"""Brush and eraser."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch
from aiproxy_desktop.ui.images.canvas.hands.marks import Ring, draw_cross
from aiproxy_desktop.ui.images.canvas.mask.model import Hand as MaskHand
from aiproxy_desktop.ui.images.canvas.tools import Tool

_SEEN_AS_RING: Final = 4.0
_ARROWS: Final[dict[int, tuple[int, int]]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_STEP: Final = 8
_LONG_STEP: Final = 48


class BrushHand(Hand):
    """Paints, or erases. Alt does the other; Shift draws a straight line from where the last stroke ended.

    By keyboard: arrows move the brush (Shift further), Enter puts it down and lifts it again.
    """

    cursor = Qt.CursorShape.BlankCursor

    def __init__(self, desk: Desk, tool: Tool, usual: MaskHand) -> None:
        super().__init__(desk)
        self.tool = tool
        self._usual: MaskHand = usual
        self._at: QPointF | None = None
        self._ended: QPointF | None = None
        self._down = False
        self._ring = Ring()

    def press(self, touch: Touch) -> None:
        mask = self.stage.mask
        if mask is None:
            return
        self._lift()
        start = self._ended if touch.shift and self._ended is not None else touch.place
        mask.begin(start, self._width(touch), self._meant(touch))
        mask.draw_to(touch.place, self._width(touch))
        self._go(touch.place)

    def drag(self, touch: Touch) -> None:
        if self.stage.mask is not None:
            self.stage.mask.draw_to(touch.place, self._width(touch))
        self._go(touch.place)

    def release(self, touch: Touch) -> None:
        if self.stage.mask is not None:
            self.stage.mask.end()
        self._ended = touch.place

    def hover(self, touch: Touch | None) -> Qt.CursorShape:
        self._go(None if touch is None else touch.place)
        return self.cursor

    def key(self, event: QKeyEvent) -> bool:
        step = _ARROWS.get(event.key())
        if step is not None:
            self._step(*step, further=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._put_down_or_lift(event)
            return True
        return False

    def cancel(self) -> bool:
        mask = self.stage.mask
        self._down = False
        if mask is None or not mask.painting:
            return False
        mask.abandon()
        return True

    def put_down(self) -> None:
        self._lift()
        self._go(None)

    def take_up(self) -> None:
        self._ended = None
        self._down = False

    def size_changed(self, former: int) -> None:
        """The ring is of another size."""
        if self._at is not None:
            self.desk.spoil(_around(self._at, max(former, self.desk.brush_size)))

    def paint(self, painter: QPainter) -> None:
        if self._at is None:
            return
        ratio = self.stage.ratio
        radius = self.desk.brush_size * self.stage.view.zoom / 2
        for seen in self.stage.in_room(QRectF(self._at, self._at)):
            if radius < _SEEN_AS_RING * ratio:
                draw_cross(painter, seen.topLeft(), ratio)
            else:
                self._ring.draw(painter, seen.topLeft(), radius, ratio)

    def _width(self, touch: Touch) -> float:
        return max(self.desk.brush_size * touch.pressure, 1.0)

    def _meant(self, touch: Touch) -> MaskHand:
        if touch.alt:
            return "add" if self._usual == "subtract" else "subtract"
        return self._usual

    def _go(self, place: QPointF | None) -> None:
        for at in (self._at, place):
            if at is not None:
                self.desk.spoil(_around(at, self.desk.brush_size), room=12)
        self._at = place

    def _step(self, dx: int, dy: int, *, further: bool) -> None:
        view = self.stage.view
        at = self._at or QPointF(view.picture.width() / 2, view.picture.height() / 2)
        length = (_LONG_STEP if further else _STEP) * self.stage.ratio / view.zoom
        x = min(max(at.x() + dx * length, 0.0), float(view.picture.width()))
        y = min(max(at.y() + dy * length, 0.0), float(view.picture.height()))
        self._go(QPointF(x, y))
        self.stage.look_from(view.revealing(QPointF(x, y), round(24 * self.stage.ratio)))
        if self._down and self.stage.mask is not None:
            self.stage.mask.draw_to(QPointF(x, y), float(self.desk.brush_size))

    def _put_down_or_lift(self, event: QKeyEvent) -> None:
        mask = self.stage.mask
        if self._down:
            self._lift()
        elif mask is not None:
            self._step(0, 0, further=False)
            assert self._at is not None
            alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            mask.begin(self._at, float(self.desk.brush_size), self._meant(Touch(self._at, self._at, alt=alt)))
            self._down = True

    def _lift(self) -> None:
        self._down = False
        if self.stage.mask is not None:
            self.stage.mask.end()


def _around(at: QPointF, width: int) -> QRectF:
    return QRectF(at.x() - width / 2, at.y() - width / 2, width, width)
