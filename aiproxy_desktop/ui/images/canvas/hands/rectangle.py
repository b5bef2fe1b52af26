"""Masking a rectangle."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath

from aiproxy_desktop.ui.images.canvas.frames import crop_frame
from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Touch
from aiproxy_desktop.ui.images.canvas.hands.frame import FrameHand, size_words
from aiproxy_desktop.ui.images.canvas.hands.marks import draw_label, draw_line_on_anything


class RectangleHand(FrameHand):
    """Masks a rectangle: dragged, or begun with Enter and moved by keys.

    Alt takes away, Shift makes a square.
    """

    tool = "rectangle"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._began: QPointF | None = None
        self._box = QRect()
        self._takes_away = False

    def press(self, touch: Touch) -> None:
        if self.frame is not None:
            super().press(touch)
            if self._held is not None:
                return
            self._leave()
        self._began = touch.place
        self._takes_away = touch.alt
        self._box = QRect()

    def drag(self, touch: Touch) -> None:
        if self._began is None:
            super().drag(touch)
            return
        self._spoil_box()
        self._takes_away = touch.alt
        self._box = _between(self._began, touch.place, square=touch.shift)
        self._box &= self.stage.view.picture_rect
        self._spoil_box()

    def release(self, touch: Touch) -> None:
        if self._began is None:
            super().release(touch)
            return
        self._spoil_box()
        box, self._began = self._box, None
        self._box = QRect()
        if self.stage.mask is not None and not box.isEmpty():
            self.stage.mask.rectangle(box, "subtract" if touch.alt or self._takes_away else "add")

    def double(self, touch: Touch) -> None:
        if self.frame is None:
            self.press(touch)
        else:
            super().double(touch)

    def hover(self, touch: Touch | None) -> Qt.CursorShape:
        return self.cursor if self.frame is None else super().hover(touch)

    def key(self, event: QKeyEvent) -> bool:
        self._takes_away = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self.frame is None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            picture = self.stage.view.picture_rect
            wide, high = picture.width() // 4, picture.height() // 4
            self._put(crop_frame(picture.adjusted(wide, high, -wide, -high), picture))
            return True
        return super().key(event)

    def apply(self) -> None:
        frame = self.frame
        self._leave()
        if self.stage.mask is not None and frame is not None:
            self.stage.mask.rectangle(frame.box, "subtract" if self._takes_away else "add")

    def cancel(self) -> bool:
        half_made = self._began is not None or self.frame is not None
        self._spoil_box()
        self._began = None
        self._box = QRect()
        self._leave()
        return half_made

    def put_down(self) -> None:
        self.cancel()

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        if self._box.isEmpty():
            return
        ratio = self.stage.ratio
        for seen in self.stage.in_room(QRectF(self._box)):
            path = QPainterPath()
            path.addRect(QRectF(seen.toRect()))
            draw_line_on_anything(painter, path, ratio, dashed=True)
            text = size_words(self._box)
            draw_label(painter, text, seen.bottomRight() + QPointF(8, 8) * ratio, ratio)

    def _leave(self) -> None:
        if self.frame is not None:
            self._spoil()
        self.frame = None
        self._held = None

    def _spoil_box(self) -> None:
        if not self._box.isEmpty():
            self.desk.spoil(QRectF(self._box), room=8)
            # The figures stand beside the corner.
            corner = QRectF(self._box.right(), self._box.bottom(), 1, 1)
            self.desk.spoil(corner, room=160)


def _between(start: QPointF, end: QPointF, *, square: bool) -> QRect:
    """The pixels that a drag from one place to another goes over."""
    if square:
        side = max(abs(end.x() - start.x()), abs(end.y() - start.y()))
        across = side if end.x() >= start.x() else -side
        down = side if end.y() >= start.y() else -side
        end = QPointF(start.x() + across, start.y() + down)
    return QRectF(start, end).normalized().toAlignedRect()
