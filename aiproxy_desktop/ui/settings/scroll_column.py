"""The scrolled column that every settings page stands in: a title, a line below it, then content."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.widgets.labels import Label

_MARGINS = (24, 24, 24, 32)
_ROUND_FOCUS = 24


class ScrollColumn(QScrollArea):
    """A column of 768, centred, which narrows with the window and scrolls."""

    def __init__(self, title: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("layer", "surface")
        around = QHBoxLayout(inner)
        around.setContentsMargins(*_MARGINS)
        around.addStretch(1)
        column_widget = QWidget(inner)
        column_widget.setMaximumWidth(LAYOUT.settings_column)
        column_widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.column = QVBoxLayout(column_widget)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(Label(title, "title"))
        around.addWidget(column_widget, 1000)
        around.addStretch(1)
        self._inner = inner
        self._around = around
        self.verticalScrollBar().rangeChanged.connect(self._balance)
        self.setWidget(inner)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def lay_out_now(self) -> None:
        """Give new content its place at once, so that it can be scrolled to."""
        self._inner.adjustSize()

    def _focus_changed(self, _former: QWidget | None, now: QWidget | None) -> None:
        """What the keys reach is in sight, also from outside; under a pressed pointer nothing moves."""
        pressed = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if now is not None and not pressed and self._inner.isAncestorOf(now):
            self.ensureWidgetVisible(now, 0, _ROUND_FOCUS)

    def _balance(self, _lowest: int, highest: int) -> None:
        """Keep the column where it was when a scroll bar comes or goes."""
        left, top, right, bottom = _MARGINS
        taken = self.verticalScrollBar().sizeHint().width() if highest > 0 else 0
        self._around.setContentsMargins(left, top, max(right - taken, 0), bottom)
