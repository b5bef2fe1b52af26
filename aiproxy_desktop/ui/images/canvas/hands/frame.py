"""Crop, extend and the rectangle as frames: handles, keys, figures."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QRegion

from aiproxy_desktop.ui.images.canvas.frames import (
    HANDLES,
    Frame,
    Handle,
)
from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch
from aiproxy_desktop.ui.images.canvas.hands.marks import (
    draw_handle,
    draw_label,
    draw_line_on_anything,
    label_size,
)
from aiproxy_desktop.ui.translation import tr

_REACH: Final = 9
_CURSORS: Final[dict[Handle, Qt.CursorShape]] = {
    "left_top": Qt.CursorShape.SizeFDiagCursor,
    "right_bottom": Qt.CursorShape.SizeFDiagCursor,
    "right_top": Qt.CursorShape.SizeBDiagCursor,
    "left_bottom": Qt.CursorShape.SizeBDiagCursor,
    "left": Qt.CursorShape.SizeHorCursor,
    "right": Qt.CursorShape.SizeHorCursor,
    "top": Qt.CursorShape.SizeVerCursor,
    "bottom": Qt.CursorShape.SizeVerCursor,
    "inside": Qt.CursorShape.SizeAllCursor,
}
_ARROWS: Final[dict[int, tuple[int, int]]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class FrameHand(Hand):
    """Arrows move the chosen handle, or the frame (Shift: ten pixels); H goes to the next handle.

    Shift, held, keeps the proportions of a corner that is dragged. Enter takes the frame.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.frame: Frame | None = None
        self._held: Handle | None = None
        self._chosen: Handle = "inside"
        self._from: tuple[Frame, QPointF] | None = None

    # -- the pointer

    def press(self, touch: Touch) -> None:
        if self.frame is None:
            return
        self._held = self._at(touch)
        self._from = (self.frame, touch.place)
        if self._held is not None:
            self._chosen = self._held
            self._spoil()

    def drag(self, touch: Touch) -> None:
        if self._held is None or self._from is None:
            return
        frame, began = self._from
        gone = touch.place - began
        self._put(frame.moved(self._held, round(gone.x()), round(gone.y()), locked=touch.shift))

    def release(self, touch: Touch) -> None:
        del touch
        self._held = None

    def double(self, touch: Touch) -> None:
        if self.frame is not None and QRectF(self.frame.box).contains(touch.place):
            self.apply()

    def hover(self, touch: Touch | None) -> Qt.CursorShape:
        handle = None if touch is None or self.frame is None else self._at(touch)
        return Qt.CursorShape.ArrowCursor if handle is None else _CURSORS[handle]

    # -- keys

    def key(self, event: QKeyEvent) -> bool:
        if self.frame is None:
            return False
        step = _ARROWS.get(event.key())
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if step is not None:
            length = 10 if shift else 1
            self._put(self.frame.moved(self._chosen, step[0] * length, step[1] * length))
        elif event.key() == Qt.Key.Key_H:
            order: tuple[Handle, ...] = ("inside", *HANDLES)
            place = order.index(self._chosen) + (-1 if shift else 1)
            self._chosen = order[place % len(order)]
            self._spoil()
            self.desk.said.emit(_spoken(self._chosen))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
        else:
            return False
        return True

    def apply(self) -> None:
        """Take the frame."""

    def put_down(self) -> None:
        self._spoil()
        self.frame = None
        self._held = None
        self._chosen = "inside"

    # -- drawing

    def paint(self, painter: QPainter) -> None:
        if self.frame is None:
            return
        ratio = self.stage.ratio
        for seen in self.stage.in_room(QRectF(self.frame.box)):
            box = QRectF(seen.toRect())
            self.paint_around(painter, box)
            path = QPainterPath()
            path.addRect(box)
            draw_line_on_anything(painter, path, ratio)
            frame = Frame(box.toRect(), QRect(), QRect())
            for handle, place in frame.places().items():
                active = self.desk.themes.theme.accent if handle == self._chosen else None
                draw_handle(painter, place, ratio, active=active)
            self._paint_size(painter, box)

    def paint_around(self, painter: QPainter, box: QRectF) -> None:
        """Draw what is not the frame."""

    def _paint_size(self, painter: QPainter, box: QRectF) -> None:
        assert self.frame is not None
        ratio = self.stage.ratio
        text = size_words(self.frame.box)
        width, height = label_size(text, ratio)
        top = box.bottom() + 10 * ratio
        if top + height > self.stage.room.height():
            top = min(box.bottom(), self.stage.room.height()) - height - 10 * ratio
        left = min(max(box.center().x() - width / 2, 0), self.stage.room.width() - width)
        draw_label(painter, text, QPointF(left, top), ratio)

    def _at(self, touch: Touch) -> Handle | None:
        assert self.frame is not None
        return self.frame.at(touch.place, _REACH * self.stage.ratio / self.stage.view.zoom)

    def _put(self, frame: Frame) -> None:
        if frame != self.frame:
            self.frame = frame
            self._spoil()
            self.desk.frame_changed.emit()

    def _spoil(self) -> None:
        room = self.stage.room
        self.stage.stale.emit(QRegion(0, 0, room.width(), room.height()))


def size_words(box: QRect) -> str:
    """Width and height of a part of the picture."""
    return tr("{width} × {height} px", width=f"{box.width():,}", height=f"{box.height():,}")


def _spoken(handle: Handle) -> str:
    return {
        "left_top": tr("Top left corner"),
        "top": tr("Top edge"),
        "right_top": tr("Top right corner"),
        "right": tr("Right edge"),
        "right_bottom": tr("Bottom right corner"),
        "bottom": tr("Bottom edge"),
        "left_bottom": tr("Bottom left corner"),
        "left": tr("Left edge"),
        "inside": tr("The whole frame"),
    }[handle]
