"""Images on their way out of the grid: files with proper names, made on a thread while the drag begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QObject, QPoint, QUrl
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from aiproxy_desktop.storage.image_query import GalleryRow
from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.widgets.brought import IMAGES_TYPE, ids_as_data
from aiproxy_desktop.ui.widgets.drag_out import drag_out

# Images that are dragged at once; more of them would be a copy of the library.
MOST: Final = 200

Copies = Callable[[Sequence[GalleryRow]], tuple[Path, ...]]


class GridDrag(QObject):
    """One drag after the other, from the press to the drop."""

    def __init__(self, copies: Copies, source: QWidget) -> None:
        super().__init__(source)
        self._copies = copies
        self._source = source
        self._background = Background("dragged images", self)
        self._pressed: QPoint | None = None
        self._rows: Sequence[GalleryRow] = ()
        self._ids: list[str] = []
        self._files: tuple[Path, ...] | None = None
        self._asked = 0

    @property
    def active(self) -> bool:
        """Whether the button is down on an image."""
        return self._pressed is not None

    def press(self, point: QPoint, rows: Sequence[GalleryRow]) -> None:
        """The button went down on images."""
        self._pressed, self._rows, self._files = point, rows[:MOST], None
        self._asked += 1

    def move(self, point: QPoint, picture: QPixmap | None) -> bool:
        """The pointer moved with the button down; whether the drag was had."""
        if self._pressed is None or (point - self._pressed).manhattanLength() < 2:
            return False
        if self._files is None:
            if self._rows:
                number, rows, self._rows = self._asked, self._rows, ()
                self._ids = [row.id for row in rows]
                self._background.run(partial(self._copies, rows), partial(self._take, number))
            return False
        if (point - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return False
        files = self._files
        self.release()
        drag_out(self._source, files_as_data(files, self._ids), picture)
        return True

    def release(self) -> None:
        """The button went up."""
        self._pressed, self._rows, self._files = None, (), None
        self._asked += 1

    def close(self) -> None:
        """Make nothing more."""
        self._background.close()

    def _take(self, number: int, files: tuple[Path, ...]) -> None:
        if number == self._asked and files:
            self._files = files


def files_as_data(files: Sequence[Path], ids: Sequence[str]) -> QMimeData:
    """Files for other programs, and for this one what they are."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    data.setData(IMAGES_TYPE, ids_as_data(ids))
    return data
