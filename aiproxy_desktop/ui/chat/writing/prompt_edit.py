"""The text field a person writes a message in."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
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
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from aiproxy_desktop.ui.chat.writing.paste import paste_problem
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.brought import Brought, brought, carries, pasted_as_attachment

# Qt's own placeholder begins under the caret.
_PLACEHOLDER_INDENT = 4

# Beyond this many characters a line is laid out unwrapped, so that a key costs no frame; the cost of wrapping
# one unbroken word grows with its square.
_WRAPPED_LINE = 100_000
_WRAPPED_WORD = 20_000

_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


_TABS = {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}

# Keys that an input method works with; while it composes, none of them does anything else.
_COMPOSING_KEYS = {
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab),
    *(Qt.Key.Key_Up, Qt.Key.Key_Down),
}


class KeyFilter(Protocol):
    """Something that takes keys before the editor does: a list that is open, a variable to fill."""

    def takes(self, event: QKeyEvent) -> bool:
        """Whether `press` would do something; asked also for keys that are shortcuts elsewhere."""
        ...

    def press(self, event: QKeyEvent) -> None:
        """Do it."""
        ...


class PromptEdit(QPlainTextEdit):
    """Plain text that grows with its lines. Shift Enter makes a line, Ctrl Enter submits, Enter as is set.

    `key_filters` get each key first, in their order, unless an input method composes.
    """

    submitted = Signal()
    refused = Signal(str)  # a sentence about what could not be pasted
    attached = Signal(Brought)  # files or a picture were pasted
    height_wanted = Signal()
    focus_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keyboard_focus = False
        self.key_filters: list[KeyFilter] = []
        self._composing = False
        self._enter_sends = True
        self._placeholder = ""
        self._hint = ""
        self._least_height = 0
        self._most_height = 10_000
        self.setObjectName("chat.composer")
        self.setAccessibleName(tr("Message"))
        self.setProperty("bare", True)
        self.setFont(font("reading"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.set_enter_sends(enter_sends=True)
        self.setCursorWidth(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The margin Qt keeps inside is taken off, so that the text lines up with the transcript.
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._size_changed)
        self.textChanged.connect(self._text_changed)

    @property
    def composing(self) -> bool:
        """Whether an input method holds text that is not written yet."""
        return self._composing

    @property
    def placeholder(self) -> str:
        """What is said while nothing is written."""
        return self._hint or self._placeholder

    def set_enter_sends(self, *, enter_sends: bool) -> None:
        """What Enter does; the placeholder tells it."""
        self._enter_sends = enter_sends
        self._placeholder = (
            tr("Write a message. Enter sends, Shift Enter makes a new line.")
            if enter_sends
            else tr("Write a message. Ctrl Enter sends, Enter makes a new line.")
        )
        self.setAccessibleDescription(self._placeholder)
        self.viewport().update()

    def set_hint(self, hint: str) -> None:
        """Say this instead while nothing is written; empty ends that."""
        self._hint = hint
        self.viewport().update()

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

    def write_instead(self, text: str) -> None:
        """Write another text over the whole, which can be undone."""
        self._choose_wrapping(text)
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.document().isEmpty() and not self._composing:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            box = self.viewport().rect().adjusted(_PLACEHOLDER_INDENT, 0, 0, 0)
            painter.drawText(box, Qt.TextFlag.TextWordWrap, self.placeholder)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and self._claims(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                # Esc is a shortcut of the page; here it belongs first to what is composed or open.
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in _TABS:
                # Qt would move the focus before it asks for the key.
                self.keyPressEvent(event)
                return True
        return super().event(event)

    def _claims(self, event: QKeyEvent) -> bool:
        if self._composing:
            return event.key() in _COMPOSING_KEYS
        return any(one.takes(event) for one in self.key_filters)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._composing:
            self._press_while_composing(event)
            return
        for one in self.key_filters:
            if one.takes(event):
                event.accept()
                one.press(event)
                return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.accept()
            self._enter(event)
        else:
            super().keyPressEvent(event)

    def _press_while_composing(self, event: QKeyEvent) -> None:
        # The input method had its chance; what it let through must not send, move or close anything.
        if event.key() in _COMPOSING_KEYS:
            event.accept()
        else:
            super().keyPressEvent(event)

    def _enter(self, event: QKeyEvent) -> None:
        held = event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        if held & Qt.KeyboardModifier.ShiftModifier or not (control or self._enter_sends):
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
        if _too_long_to_wrap(text):
            self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        elif self.document().isEmpty():
            self._wrap()

    def _wrap(self) -> None:
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def _text_changed(self) -> None:
        if self.document().isEmpty() and self.wordWrapMode() == QTextOption.WrapMode.NoWrap:
            self._wrap()  # the long line is gone

    def _size_changed(self) -> None:
        full = int(self.document().size().height()) * self.fontMetrics().lineSpacing()
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if full > self._most_height else policy.ScrollBarAlwaysOff
        )
        self.updateGeometry()
        self.height_wanted.emit()


def _too_long_to_wrap(text: str) -> bool:
    long = [line for line in text.split("\n") if len(line) > _WRAPPED_WORD]
    longest_words = [max(map(len, line.split()), default=0) for line in long]
    return max(map(len, long), default=0) > _WRAPPED_LINE or max(longest_words, default=0) > _WRAPPED_WORD
