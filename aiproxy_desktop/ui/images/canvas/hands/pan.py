"""Moving the picture."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch

_STEP: Final = 64
_ARROWS: Final[dict[int, tuple[int, int]]] = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class PanHand(Hand):
    """Drags the picture about; arrows scroll it."""

    cursor = Qt.CursorShape.OpenHandCursor
    leads = False

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._last = QPointF()

    def press(self, touch: Touch) -> None:
        self._last = touch.point

    def drag(self, touch: Touch) -> None:
        dx, dy = round(touch.point.x() - self._last.x()), round(touch.point.y() - self._last.y())
        self._last = QPointF(self._last.x() + dx, self._last.y() + dy)
        self.stage.look_from(self.stage.view.panned(dx, dy))

    def hover(self, touch: Touch | None) -> Qt.CursorShape:
        del touch
        return self.cursor

    def key(self, event: QKeyEvent) -> bool:
        step = _ARROWS.get(event.key())
        if step is None:
            return False
        length = round(_STEP * self.stage.ratio)
        self.stage.look_from(self.stage.view.panned(step[0] * length, step[1] * length))
        return True
