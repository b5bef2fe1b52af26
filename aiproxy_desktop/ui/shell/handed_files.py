"""Files that are to be opened: named when the application starts, by later starts, or by macOS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

# What comes before anyone can take it; a start that never gets there must not gather more.
_MOST_WAITING = 1000


class DesktopApplication(QApplication):
    """Qt's application, which hears of the files that macOS wants opened.

    There a file that is dropped on the application's icon, or opened with it, comes by an event instead of
    an argument (doc.qt.io/qt-6/qfileopenevent.html). A filter would see every event of every widget.

    Signals:
        files_handed(tuple[Path, ...]): open these.
    """

    files_handed = Signal(tuple)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.files_handed.emit((Path(event.file()),))
            return True
        return super().event(event)


class HandedFiles(QObject):
    """Keeps files until someone takes them, and then hands on what comes."""

    def __init__(self, files: Sequence[Path] = ()) -> None:
        """Begin with what was named on the command line."""
        super().__init__()
        self._waiting: list[Path] = list(files)
        self._take: Callable[[tuple[Path, ...]], None] | None = None

    def put(self, files: Sequence[Path]) -> None:
        """Hand over files, to be shown at once or as soon as that is possible."""
        if self._take is not None:
            if files:
                self._take(tuple(files))
            return
        self._waiting = [*self._waiting, *files][:_MOST_WAITING]

    def begin(self, take: Callable[[tuple[Path, ...]], None]) -> None:
        """Have files shown from now on, those that wait first."""
        self._take = take
        waiting, self._waiting = self._waiting, []
        self.put(waiting)

    def end(self) -> None:
        """Keep what comes from now on."""
        self._take = None
