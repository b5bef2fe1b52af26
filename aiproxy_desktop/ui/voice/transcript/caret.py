"""The caret where the newest words of a turn end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect

from aiproxy_desktop.ui.widgets.caret import BlinkingCaret

if TYPE_CHECKING:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript


class Caret(BlinkingCaret):
    """At the end of the turn that goes on."""

    def __init__(self, area: VoiceTranscript) -> None:
        super().__init__(area)
        self._area = area

    def place(self) -> QRect:
        """Where it stands in the viewport; null where no turn in view goes on."""
        area = self._area
        for shown in reversed(area.column.shown):
            block = area.column.blocks[shown.index]
            caret = block.caret() if block.exact else None
            if caret is not None:
                return QRect(area.column_left + int(caret.x()), shown.top + int(caret.y()), 9, 17)
        return QRect()
