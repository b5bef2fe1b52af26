"""A piece of code, or a text with lines of its own, to read, select and copy."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.painting import rounded

_MOST_LINES = 18
_PAD = 12
_SLACK = 4


class _Text(QPlainTextEdit):
    """Read only; Tab leaves it."""

    focus_moved = Signal()

    def __init__(self, *, name: str, accessible_name: str, wrap: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setProperty("bare", True)
        self.setFont(font("code"))
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wrap else modes.NoWrap)
        self.document().setDocumentMargin(0)
        # Code is read from the left in every language.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        lines = min(max(self.document().blockCount(), 1), _MOST_LINES)
        # One bar's height is always there: the text must not move when a line turns out long.
        bar = self.horizontalScrollBar().sizeHint().height()
        line = ceil(QFontMetricsF(self.font()).lineSpacing())
        return QSize(200, lines * line + bar + _SLACK)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_moved.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_moved.emit()


class CodeArea(QFrame):
    """Sunken, with a hairline; an accent line where the keyboard is."""

    def __init__(
        self,
        themes: ThemeController,
        *,
        name: str,
        accessible_name: str,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make it, empty.

        Args:
            themes: to paint with.
            name: objectName of the text.
            accessible_name: of the text.
            wrap: break lines that are too long for it, as in prose; code keeps its own.
            parent: of the widget.
        """
        super().__init__(parent)
        self._themes = themes
        self._text = _Text(name=name, accessible_name=accessible_name, wrap=wrap, parent=self)
        self._text.focus_moved.connect(self.update)
        column = QVBoxLayout(self)
        column.setContentsMargins(_PAD, _PAD - 2, _PAD, 2)
        column.addWidget(self._text)
        self.setFocusProxy(self._text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text_widget(self) -> QWidget:
        """What the keyboard goes to, for an order of Tab."""
        return self._text

    @property
    def text(self) -> str:
        """What stands there."""
        return self._text.toPlainText()

    def show_text(self, text: str) -> None:
        """Show another text; the same one keeps what is selected in it."""
        if text != self.text:
            self._text.setPlainText(text)
            self._text.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, focused = self._themes.theme, self._text.hasFocus()
        edge, width = (theme.accent, 2.0) if focused else (theme.border, 1.0)
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.s, theme.surface_sunken, edge, width)
