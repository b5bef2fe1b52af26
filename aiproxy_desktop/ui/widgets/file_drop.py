"""Files that are dragged from another program onto a widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import rounded

_INSET = 8


class FileDrop(QObject):
    """Makes a widget take drops of certain files; all else goes to what is behind it.

    Signals:
        dropped(list[str]): their paths.
    """

    dropped = Signal(list)

    def __init__(
        self,
        themes: ThemeController,
        widget: QWidget,
        wanted: Callable[[QMimeData], list[str]],
        words: str,
        *,
        name: str,
        layer: Literal["surface", "sidebar"] = "surface",
    ) -> None:
        """Take drops on a widget, which owns this.

        Args:
            themes: to paint with.
            widget: takes them.
            wanted: the paths in what is dragged; empty where it is not for here.
            words: shown over the widget while it hovers.
            name: of what is shown.
            layer: what the widget is painted on.
        """
        super().__init__(widget)
        self._wanted = wanted
        self._here = DropHere(themes, widget, words, name=name, layer=layer)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self._show(hovering=False)
        elif isinstance(event, QDropEvent):  # entering and moving are that too
            paths = self._wanted(event.mimeData())
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
        self._here.cover(shown=hovering)


def _take_copy(event: QDropEvent) -> bool:
    """Never a move: the program they come from would delete its files."""
    for action in (Qt.DropAction.CopyAction, Qt.DropAction.LinkAction):
        if event.possibleActions() & action:
            event.setDropAction(action)
            event.accept()
            return True
    return False


class DropHere(QWidget):
    """Lies over a whole widget while what that takes hovers over it."""

    def __init__(
        self,
        themes: ThemeController,
        parent: QWidget,
        words: str,
        *,
        name: str,
        layer: Literal["surface", "sidebar"] = "surface",
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._layer = layer
        self.setObjectName(name)
        # The drop is for what lies under it.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label = Label(words, "body_medium", "accent", wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addWidget(label)
        self.hide()

    def cover(self, *, shown: bool) -> None:
        """Lie over all of the widget it belongs to, or go away."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.setVisible(shown)
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.surface if self._layer == "surface" else theme.sidebar)
        inner = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        rounded(painter, inner, RADIUS.m, theme.accent_soft, theme.accent)
