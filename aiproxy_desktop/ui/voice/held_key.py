"""A key that is held, whatever the window system makes of its repeating."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent

# Milliseconds. X11 repeats a held key as a release and a press in one; Qt takes them for what they are only
# where both have arrived when it looks. Nobody lets go and presses again so soon.
_REPEATS_WITHIN: Final = 40


class HeldKey(QObject):
    """One key, which is held from its first press to its last release.

    Signals:
        held: it went down.
        let_go: it went up, or `drop` was called; comes once for each `held`.
    """

    held = Signal()
    let_go = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._down = False
        self._going_up = QTimer(self)
        self._going_up.setSingleShot(True)
        self._going_up.setInterval(_REPEATS_WITHIN)
        self._going_up.timeout.connect(self.drop)

    @property
    def down(self) -> bool:
        """Whether it is held."""
        return self._down

    def press(self, event: QKeyEvent) -> None:
        """It goes down, or repeats itself."""
        self._going_up.stop()
        if not self._down and not event.isAutoRepeat():
            self._down = True
            self.held.emit()

    def release(self, event: QKeyEvent) -> None:
        """It goes up, unless it is about to repeat itself."""
        if self._down and not event.isAutoRepeat():
            self._going_up.start()

    def drop(self) -> None:
        """Its release will not be seen: count it as let go now."""
        self._going_up.stop()
        if self._down:
            self._down = False
            self.let_go.emit()
