"""Another program: a window that prints what is dropped on it, as one line of JSON."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QPoint
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Takes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's own name
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's own name
        data = event.mimeData()
        image = data.imageData()
        size = [image.width(), image.height()] if isinstance(image, QImage) else None
        color = image.pixelColor(1, 1).name() if isinstance(image, QImage) else None
        files = [url.toLocalFile() for url in data.urls()]
        _say({"files": files, "size": size, "color": color})
        event.acceptProposedAction()


def _say(words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Stand at the place given, until the input ends."""
    app = QApplication(sys.argv[:1])
    target = Target()
    target.resize(300, 300)
    target.move(QPoint(int(sys.argv[1]), int(sys.argv[2])))
    target.show()
    app.processEvents()
    _say("ready")
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
