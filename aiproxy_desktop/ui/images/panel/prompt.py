"""The prompt: grows with its text, Ctrl+Enter sends, Up brings back earlier prompts, pictures are pasted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.writing.recall import Recall
from aiproxy_desktop.ui.widgets.brought import brought, pasted_as_attachment
from aiproxy_desktop.ui.widgets.text_area import TextArea

_LEAST_LINES = 4
_MOST_LINES = 10
_FRAME = 18
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PromptArea(TextArea):
    """Four lines at first, ten at most; then it scrolls.

    Signals:
        submitted(): Ctrl+Enter was pressed.
        pasted(Brought): a picture or files were pasted, not text.
    """

    submitted = Signal()
    pasted = Signal(object)

    def __init__(
        self,
        former: Callable[[], Sequence[str]],
        *,
        name: str,
        accessible_name: str,
        placeholder: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make it.

        Args:
            former: earlier prompts, newest first; asked when someone goes back.
            name: its objectName.
            accessible_name: what a screen reader calls it.
            placeholder: shown while it is empty.
            parent: of the widget.
        """
        super().__init__(
            name=name, accessible_name=accessible_name, placeholder=placeholder, lines=4, parent=parent
        )
        self._former = former
        self._recall = Recall()
        self._shown_lines = _LEAST_LINES
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def sizeHint(self) -> QSize:
        return QSize(200, self._shown_lines * self.fontMetrics().lineSpacing() + _FRAME)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.modifiers() & _CONTROL:
            self.submitted.emit()
            return
        if event.modifiers() in _PLAIN and self._went(Qt.Key(event.key())):
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return pasted_as_attachment(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if pasted_as_attachment(source):
            self.pasted.emit(brought(source))
        else:
            super().insertFromMimeData(source)

    def write_instead(self, text: str) -> None:
        """Put a text in the place of what stands there; undo brings that back."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def _went(self, key: Qt.Key) -> bool:
        """Whether a key went back or forth among earlier prompts."""
        if self._recall.active and self.document().isModified():
            self._recall.forget()
        moves = QTextCursor.MoveOperation
        if key == Qt.Key.Key_Up and (self._recall.active or self.document().isEmpty()):
            if QTextCursor(self.textCursor()).movePosition(moves.Up):
                return False
            active = self._recall.active
            return self._show(self._recall.older() if active else self._recall.begin(self._former(), ""))
        if key == Qt.Key.Key_Down and self._recall.active:
            if QTextCursor(self.textCursor()).movePosition(moves.Down):
                return False
            return self._show(self._recall.newer())
        return key == Qt.Key.Key_Escape and self._recall.active and self._show(self._recall.leave())

    def _show(self, text: str | None) -> bool:
        if text is not None:
            self.write_instead(text)
            # From here on Qt tells whether the person changed what is shown.
            self.document().setModified(False)
        return True

    def _fit(self) -> None:
        # The size of a plain text document is told in lines.
        lines = round(self.document().documentLayout().documentSize().height())
        lines = max(_LEAST_LINES, min(lines, _MOST_LINES))
        if lines != self._shown_lines:
            self._shown_lines = lines
            self.updateGeometry()
