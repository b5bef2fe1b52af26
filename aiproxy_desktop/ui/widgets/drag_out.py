"""The one place where a drag to another program begins."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QPixmap
from PySide6.QtWidgets import QWidget


def drag_out(source: QWidget, data: QMimeData, picture: QPixmap | None = None) -> None:
    """Hand something to the system as a copy; returns when it was dropped, here or elsewhere.

    Args:
        source: where the drag begins; call it from an event of its mouse.
        data: what is dragged.
        picture: beside the pointer.
    """
    drag = QDrag(source)
    drag.setMimeData(data)
    if picture is not None and not picture.isNull():
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(-8, -8))
    # The system's own loop, entered from a mouse event, where no task runs: there is no other way.
    drag.exec(Qt.DropAction.CopyAction)
