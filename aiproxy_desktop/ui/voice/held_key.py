"""One key, held for as long as a person holds it, whatever the system makes of that."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent

# X repeats a held key as releases and presses, each pair of one moment. Qt takes a release for a true one
# where the press that belongs to it has not been read yet, so every release waits that long for it.
_WAIT_MS: Final = 40
_SAME_MOMENT_MS: Final = 5


class HeldKey(QObject):
    """Give it the presses and releases of the keys that talk.

    Signals:
        began: a key is held.
        ended: it is held no more; comes once for each `began`, a moment after the release.
    """

    began = Signal()
    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key: int | None = None
        self._released = 0
        self._waited = QElapsedTimer()
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(_WAIT_MS)
        self._leaving.timeout.connect(self._left)

    @property
    def held(self) -> bool:
        """Whether a key is held."""
        return self._key is not None

    def press(self, event: QKeyEvent) -> None:
        """A key went down, or repeats itself."""
        if self._leaving.isActive() and event.key() == self._key:
            self._leaving.stop()
            if event.isAutoRepeat() or event.timestamp() - self._released < _SAME_MOMENT_MS:
                return
            self.let_go()
        if self._key is None and not event.isAutoRepeat():
            self._key = event.key()
            self.began.emit()

    def release(self, event: QKeyEvent) -> None:
        """A key came up, or repeats itself."""
        if event.key() == self._key and not event.isAutoRepeat():
            self._released = event.timestamp()
            self._waited.start()
            self._leaving.start()

    def let_go(self) -> None:
        """Hold nothing any more, at once."""
        self._leaving.stop()
        if self._key is not None:
            self._key = None
            self.ended.emit()

    def _left(self) -> None:
        if self._waited.elapsed() > 2 * _WAIT_MS:
            # The loop was busy: what it has not read yet may be the press.
            self._waited.start()
            self._leaving.start()
        else:
            self.let_go()
