"""A program of its own that drags something: run with where its window stands, and what it holds.

`python -m tests.ui.drag_source X Y [URL...]`; without addresses it drags a picture. It prints a line when
it can be dragged from, and another when the drop was taken or refused.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

SIDE = 80


class Source(QWidget):
    """A square that is dragged from at the first press."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(None, Qt.WindowType.X11BypassWindowManagerHint | Qt.WindowType.FramelessWindowHint)
        self._urls = urls

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin."""
        mime = QMimeData()
        if self._urls:
            mime.setUrls([QUrl(url) for url in self._urls])
        else:
            image = QImage(40, 30, QImage.Format.Format_RGB32)
            image.fill(QColor("green"))
            mime.setImageData(image)
        drag = QDrag(self)
        drag.setMimeData(mime)
        taken = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction)
        sys.stdout.write(f"dropped {taken.name}\n")
        sys.stdout.flush()


def main() -> None:
    """Show the square until the process is ended."""
    application = QApplication(sys.argv[:1])
    source = Source(sys.argv[3:])
    source.setGeometry(int(sys.argv[1]), int(sys.argv[2]), SIDE, SIDE)
    source.show()
    source.raise_()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    application.exec()


if __name__ == "__main__":
    main()
