"""The streaming caret: where the newest text ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect

from aiproxy_desktop.ui.widgets.caret import BlinkingCaret

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


class Caret(BlinkingCaret):
    """At the end of the answer that is being written."""

    def __init__(self, area: Transcript) -> None:
        super().__init__(area)
        self._area = area

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
