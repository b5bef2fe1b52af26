"""An export that is dragged from another program onto the list of conversations is taken in."""

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

_ENDINGS = {".json", ".zip"}
_INSET = 8


class ImportDrop(QObject):
    """Makes a widget take the drop of one file that may be an export; all else goes to what is behind it."""

    dropped = Signal(Path)

    def __init__(self, themes: ThemeController, widget: QWidget) -> None:
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
            file = export_in(event.mimeData())
            self._show(hovering=file is not None and isinstance(event, QDragMoveEvent))
            if file is None or not event.possibleActions() & Qt.DropAction.CopyAction:
                event.ignore()
                return True
            # Never a move: the program it comes from would delete it.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            if not isinstance(event, QDragMoveEvent):
                self.dropped.emit(file)
            return True
        return False

    def _show(self, *, hovering: bool) -> None:
        if hovering and self._here is None:
            self._here = _DropHere(self._themes, self._widget)
        if self._here is not None:
            self._here.setGeometry(self._widget.rect())
            self._here.setVisible(hovering)
            self._here.raise_()


def export_in(data: QMimeData) -> Path | None:
    """The one file that is dragged, where it may be an export by its name."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in _ENDINGS else None


class _DropHere(QWidget):
    """Over the whole widget, while an export hovers over it."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("chat.importHere")
        # The drop is for what lies under it.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = Label(tr("Drop the file here to import conversations."), "body_medium", "accent", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addWidget(words)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.sidebar)
        inner = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        rounded(painter, inner, RADIUS.m, theme.accent_soft, theme.accent)
