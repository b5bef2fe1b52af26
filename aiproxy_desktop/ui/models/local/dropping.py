"""Model files that are dragged from another program, onto the panel or anywhere on the page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import rounded

_ENDING = ".gguf"
_INSET = 8


class GgufDrop(QObject):
    """Makes a widget take drops with model files or folders in them; all else goes to what is behind it.

    Whatever else is in such a drop is handed on as well, so that it can be refused in words.
    """

    dropped = Signal(list)  # paths, str

    def __init__(self, themes: ThemeController, widget: QWidget) -> None:
        """Take drops on a widget, which owns this."""
        super().__init__(widget)
        self._themes = themes
        self._widget = widget
        self._here: _DropHere | None = None
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self._show(hovering=False)
        elif isinstance(event, QDropEvent):  # entering and moving are that too
            paths = model_paths(event.mimeData())
            moving = isinstance(event, QDragMoveEvent)
            self._show(hovering=bool(paths) and moving)
            if not paths or not _take_copy(event):
                event.ignore()
                return True
            if not moving:
                self.dropped.emit(paths)
            return True
        return False

    def _show(self, *, hovering: bool) -> None:
        if hovering and self._here is None:
            self._here = _DropHere(self._themes, self._widget)
        if self._here is not None:
            self._here.setGeometry(self._widget.rect())
            self._here.setVisible(hovering)
            self._here.raise_()


def model_paths(data: QMimeData) -> list[str]:
    """The files and folders that are dragged, where a model file or a folder is among them; else none."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    wanted = any(path.lower().endswith(_ENDING) or Path(path).is_dir() for path in paths)
    return paths if wanted else []


def _take_copy(event: QDropEvent) -> bool:
    """Never a move: the program they come from would delete its files."""
    for action in (Qt.DropAction.CopyAction, Qt.DropAction.LinkAction):
        if event.possibleActions() & action:
            event.setDropAction(action)
            event.accept()
            return True
    return False


class _DropHere(QWidget):
    """Over the whole widget, while a model file hovers over it."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("models.local.dropHere")
        # The drop is for what lies under it.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = Label(tr("Drop it here to run it on this computer."), "body_medium", "accent", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addWidget(words)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.surface)
        inner = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        rounded(painter, inner, RADIUS.m, theme.accent_soft, theme.accent)
