"""The caret where the newest words end, and whether it is lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QTimer

from aiproxy_desktop.ui.theme.tokens import MOTION

if TYPE_CHECKING:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript


class Caret(QObject):
    """Blinks while someone is silent amid a turn, and is solid while words come."""

    def __init__(self, area: VoiceTranscript) -> None:
        super().__init__(area)
        self._area = area
        self.lit = True
        self._timer = QTimer(self)
        self._timer.setInterval(MOTION.caret)
        self._timer.timeout.connect(self._blink)

    def follow(self, *, still: bool) -> None:
        """Blink where there is a caret; `still` for someone who wants no motion."""
        if still or self._place().isNull() or not self._area.isVisible():
            self.lit = True
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _place(self) -> QRect:
        """Where it stands in the viewport; null where no turn in view goes on."""
        area = self._area
        for shown in reversed(area.column.shown):
            block = area.column.blocks[shown.index]
            caret = block.caret() if block.exact else None
            if caret is not None:
                return QRect(area.column_left + int(caret.x()), shown.top + int(caret.y()), 9, 17)
        return QRect()

    def _blink(self) -> None:
        if self._area.isVisible():
            self.lit = not self.lit
            self._area.viewport().update()
        else:
            self._timer.stop()
