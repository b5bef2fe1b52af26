"""The lasso: drawn by hand, or from corner to corner."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPolygonF

from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch
from aiproxy_desktop.ui.images.canvas.hands.marks import draw_handle, draw_line_on_anything
from aiproxy_desktop.ui.images.canvas.mask.model import Hand as MaskHand

_CLOSE: Final = 8
_STILL: Final = 4
_APART: Final = 1.5


class LassoHand(Hand):
    """A drag encloses what it went around; clicks set corners.

    The first corner again, a double click or Enter closes. Alt takes away, Backspace takes back a corner.
    """

    tool = "lasso"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._points: list[QPointF] = []
        self._pressed: QPointF | None = None
        self._by_corners = False
        self._next: QPointF | None = None
        self._hand: MaskHand = "add"

    def press(self, touch: Touch) -> None:
        if self.stage.mask is None:
            return
        self._hand = touch.hand
        self._pressed = touch.point
        if self._by_corners:
            if self._near_start(touch):
                self._close()
                return
        else:
            self._points = []
        self._points.append(touch.place)
        self._spoil()

    def drag(self, touch: Touch) -> None:
        if self._pressed is None or not self._points:
            return
        if not self._by_corners or self._moved(touch):
            gone = (touch.place - self._points[-1]) * self.stage.view.zoom
            if gone.manhattanLength() >= _APART * self.stage.ratio:
                self._spoil(touch.place)
                self._points.append(touch.place)

    def release(self, touch: Touch) -> None:
        if self._pressed is None or not self._points:
            return
        drawn = len(self._points) > 2 and not self._by_corners and self._moved_far()
        self._pressed = None
        if drawn:
            self._close()
        elif not self._by_corners:
            self._points = self._points[:1]
            self._by_corners = True
            self._next = touch.place

    def double(self, touch: Touch) -> None:
        if self._by_corners:
            self._close()
        else:
            self.press(touch)

    def hover(self, touch: Touch | None) -> Qt.CursorShape:
        if self._by_corners and touch is not None:
            self._spoil(touch.place)
            self._next = touch.place
        return self.cursor

    def key(self, event: QKeyEvent) -> bool:
        if not self._by_corners:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close()
        elif event.key() == Qt.Key.Key_Backspace:
            self._spoil()
            self._points.pop()
            if not self._points:
                self.cancel()
        else:
            return False
        return True

    def cancel(self) -> bool:
        if not self._points:
            return False
        self._spoil()
        self._points = []
        self._pressed = self._next = None
        self._by_corners = False
        return True

    def paint(self, painter: QPainter) -> None:
        if not self._points:
            return
        view, ratio = self.stage.view, self.stage.ratio
        for seen in self.stage.in_room(QRectF(0, 0, 0, 0)):
            shift = seen.topLeft() - view.to_room(QPointF())
            points = [view.to_room(point) + shift for point in self._points]
            if self._by_corners and self._next is not None:
                points.append(view.to_room(self._next) + shift)
            path = QPainterPath()
            path.addPolygon(QPolygonF(points))
            draw_line_on_anything(painter, path, ratio, dashed=True)
            if self._by_corners:
                for point in points[: len(self._points)]:
                    draw_handle(painter, point, ratio)

    def _close(self) -> None:
        points, hand = self._points, self._hand
        self.cancel()
        if self.stage.mask is not None and len(points) > 2:
            self.stage.mask.lasso(points, hand)

    def _near_start(self, touch: Touch) -> bool:
        gap = (touch.place - self._points[0]) * self.stage.view.zoom
        return len(self._points) > 2 and gap.manhattanLength() <= _CLOSE * self.stage.ratio

    def _moved(self, touch: Touch) -> bool:
        assert self._pressed is not None
        return (touch.point - self._pressed).manhattanLength() > _STILL * self.stage.ratio

    def _moved_far(self) -> bool:
        around = QPolygonF(self._points).boundingRect()
        return max(around.width(), around.height()) * self.stage.view.zoom > _STILL * self.stage.ratio

    def _spoil(self, place: QPointF | None = None) -> None:
        points = [*self._points[-1:], *self._points[:1]] if self._pressed else list(self._points)
        points += [point for point in (place, self._next) if point is not None]
        if points:
            self.desk.spoil(QPolygonF(points).boundingRect(), room=8)
