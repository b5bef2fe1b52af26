"""A caret in painted text: whether it is lit."""

from __future__ import annotations

from PySide6.QtCore import QRect, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

from aiproxy_desktop.ui.theme.tokens import MOTION


class BlinkingCaret(QTimer):
    """Blinks while nothing comes, and is solid while text does."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._viewed = area
        self.lit = True
        self.setInterval(MOTION.caret)
        self.timeout.connect(self._blink)

    def place(self) -> QRect:
        """Where it stands in the viewport; null where there is none in view."""
        raise NotImplementedError

    def follow(self, *, still: bool) -> None:
        """Blink where there is a caret; `still` for someone who wants no motion."""
        if still or self.place().isNull() or not self._viewed.isVisible():
            self.lit = True
            self.stop()
        elif not self.isActive():
            self.start()

    def _blink(self) -> None:
        if self._viewed.isVisible():
            self.lit = not self.lit
            self._viewed.viewport().update(self.place())
        else:
            self.stop()
