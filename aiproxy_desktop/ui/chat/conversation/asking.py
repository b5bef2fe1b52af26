"""Where something is being asked: written down, and not yet sent."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Asking(QObject):
    """Conversations by their id; None is one that begins. Nothing else is asked there meanwhile."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places: set[str | None] = set()

    def __contains__(self, place: str | None) -> bool:
        return place in self._places

    def begin(self, place: str | None) -> None:
        """Something is being asked there."""
        self._places.add(place)
        self.changed.emit()

    def end(self, place: str | None) -> None:
        """It is written down, or was not."""
        self._places.discard(place)
        self.changed.emit()
