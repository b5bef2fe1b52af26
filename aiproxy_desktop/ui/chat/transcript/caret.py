"""The streaming caret: where the newest text ends, and whether it is lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QTimer

from aiproxy_desktop.ui.theme.tokens import MOTION

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


class Caret(QObject):
    """Blinks while an answer waits for more, and is solid while text comes."""

    def __init__(self, area: Transcript) -> None:
        super().__init__(area)
        self._area = area
        self.lit = True
        self._timer = QTimer(self)
        self._timer.setInterval(MOTION.caret)
        self._timer.timeout.connect(self._blink)

    def follow(self, *, still: bool) -> None:
        """Blink where there is a caret; `still` for someone who wants no motion."""
        if still or self.place().isNull():
            self.lit = True
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def place(self) -> QRect:
        """Where it stands in the viewport; null where no answer in view is being written."""
        column = self._area.column
        for shown in reversed(column.shown):
            view = column.views[shown.message]
            if view.streaming and view.caret_piece() == shown.piece:
                point = column.piece(shown.message, shown.piece).end_point()
                if point is not None:
                    x = self._area.column_left + round(point.x()) + 3
                    return QRect(x, shown.top + round(point.y()) + 4, 8, 16)
        return QRect()

    def _blink(self) -> None:
        self.lit = not self.lit
        self._area.viewport().update(self.place())
