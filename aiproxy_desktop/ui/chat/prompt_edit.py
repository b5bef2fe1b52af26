"""The text field a person writes a message in."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from aiproxy_desktop.ui.chat.attachments.brought import Brought, brought, carries, pasted_as_attachment
from aiproxy_desktop.ui.chat.paste import paste_problem
from aiproxy_desktop.ui.theme.fonts import font

PLACEHOLDER = "Write a message. Enter sends, Shift Enter makes a new line."

# Qt's own placeholder begins under the caret.
_PLACEHOLDER_INDENT = 4

# Beyond this many characters a line is laid out unwrapped: wrapping one unbroken line takes seconds.
_WRAPPED_LINE = 20_000

_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


class PromptEdit(QPlainTextEdit):
    """Plain text that grows with its lines. Enter submits, Shift Enter makes a line."""

    submitted = Signal()
    refused = Signal(str)  # a sentence about what could not be pasted
    attached = Signal(Brought)  # files or a picture were pasted
    height_wanted = Signal()
    focus_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keyboard_focus = False
        self._composing = False
        self._least_height = 0
        self._most_height = 10_000
        self.setObjectName("chat.composer")
        self.setAccessibleName("Message")
        self.setProperty("bare", True)
        self.setFont(font("reading"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleDescription(PLACEHOLDER)
        self.setTabChangesFocus(True)
        self.setCursorWidth(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The margin Qt keeps inside is taken off, so that the text lines up with the transcript.
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._size_changed)

    def set_bounds(self, least_height: int, most_height: int) -> None:
        """How small and how large it may be, pixels; the most is taken down to whole lines."""
        most_height -= (most_height - 2) % self.fontMetrics().lineSpacing()
        if (least_height, most_height) != (self._least_height, self._most_height):
            self._least_height, self._most_height = least_height, most_height
            self._size_changed()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        # The layout of plain text counts its height in lines.
        full = max(int(self.document().size().height()) * line + 2, self._least_height)
        return QSize(200, max(min(full, self._most_height), line + 2))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.fontMetrics().lineSpacing() + 2)

    def replace_text(self, text: str) -> None:
        """Show another draft, the cursor at its end; the old one cannot be undone into it."""
        self._choose_wrapping(text)
        self.setPlainText(text)
        self.moveCursor(self.textCursor().MoveOperation.End)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.document().isEmpty() and not self._composing:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            box = self.viewport().rect().adjusted(_PLACEHOLDER_INDENT, 0, 0, 0)
            painter.drawText(box, Qt.TextFlag.TextWordWrap, PLACEHOLDER)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or self._composing:
            super().keyPressEvent(event)
            return
        event.accept()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        elif not event.isAutoRepeat():
            self.submitted.emit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        # While an input method composes, Enter belongs to it even where the key comes through.
        self._composing = bool(event.preeditString())
        self.viewport().update()
        super().inputMethodEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or carries(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if carries(event.mimeData()):
            event.ignore()  # files are the page's, wherever they are dropped
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if carries(event.mimeData()):
            event.ignore()
        else:
            super().dragMoveEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if pasted_as_attachment(source):
            self.attached.emit(brought(source))
            return
        text = source.text().replace("\r\n", "\n").replace("\r", "\n")
        problem = paste_problem(text)
        if problem:
            self.refused.emit(problem)
            return
        self._choose_wrapping(text)
        self.insertPlainText(text)
        self.ensureCursorVisible()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.keyboard_focus = event.reason() in _KEYBOARD
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._composing = False
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size_changed()

    def set_text_colours(self, text: str, placeholder: str) -> None:
        """Colours of a theme, `#RRGGBB`."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, text)
        palette.setColor(QPalette.ColorRole.PlaceholderText, placeholder)
        self.setPalette(palette)

    def _choose_wrapping(self, text: str) -> None:
        longest = max(map(len, text.split("\n")), default=0)
        if longest > _WRAPPED_LINE:
            self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        elif self.document().isEmpty():
            self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def _size_changed(self) -> None:
        full = int(self.document().size().height()) * self.fontMetrics().lineSpacing()
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if full > self._most_height else policy.ScrollBarAlwaysOff
        )
        self.updateGeometry()
        self.height_wanted.emit()
