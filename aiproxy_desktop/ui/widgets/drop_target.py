"""Files and pictures dragged from other programs onto a page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.widgets.brought import Brought, brought, carries


class DropTarget(QObject):
    """Makes a whole widget take drops of files and pictures, wherever none of its children does."""

    hovering = Signal(bool)
    dropped = Signal(Brought)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        elif isinstance(event, QDragEnterEvent | QDragMoveEvent):
            if not self._takes(event):
                return False
            _take_copy(event)
            if kind == QEvent.Type.DragEnter:
                self.hovering.emit(True)
            return True
        elif isinstance(event, QDropEvent) and kind == QEvent.Type.Drop:
            self.hovering.emit(False)
            if not self._takes(event):
                return False
            _take_copy(event)
            self.dropped.emit(brought(event.mimeData()))
            return True
        return False

    def _takes(self, event: QDropEvent) -> bool:
        source = event.source()
        # What is on its way out of here is not brought.
        own = isinstance(source, QWidget) and self._widget.isAncestorOf(source)
        return not own and carries(event.mimeData())


def _take_copy(event: QDropEvent) -> None:
    """Never a move: the program they come from would delete its files."""
    if event.possibleActions() & Qt.DropAction.CopyAction:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    elif event.possibleActions() & Qt.DropAction.LinkAction:
        event.setDropAction(Qt.DropAction.LinkAction)
        event.accept()
    else:
        event.ignore()
