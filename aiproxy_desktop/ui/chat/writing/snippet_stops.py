"""The variables of an inserted prompt: the first is selected, Tab goes to the next."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from aiproxy_desktop.ui.chat.writing.prompt_edit import PromptEdit
from aiproxy_desktop.ui.chat.writing.prompt_template import Filled, Stop


@dataclass(slots=True)
class _Place:
    """A variable in the document. Qt keeps the cursors where they belong while text changes around them."""

    name: str
    start: QTextCursor
    end: QTextCursor
    inserted: str

    def selection(self) -> QTextCursor:
        # A copy of `start` would keep its place while one types, too.
        cursor = QTextCursor(self.start.document())
        cursor.setPosition(self.start.position())
        cursor.setPosition(self.end.position(), QTextCursor.MoveMode.KeepAnchor)
        return cursor


class SnippetStops:
    """A key filter: Tab and Shift Tab go from variable to variable, Esc or leaving the prompt ends it."""

    def __init__(self, edit: PromptEdit) -> None:
        self._edit = edit
        self._places: list[_Place] = []
        self._at = 0

    @property
    def active(self) -> bool:
        """Whether there are variables left to go to."""
        return bool(self._places)

    def insert(self, filled: Filled, over: QTextCursor) -> None:
        """Put a prompt in place of what `over` selects, in one step that can be undone."""
        start = over.selectionStart()
        over.beginEditBlock()
        over.insertText(filled.text)
        over.endEditBlock()
        self._edit.setTextCursor(over)
        self._places = [self._place(stop, start) for stop in filled.stops]
        if self._places:
            self._go(0)
        self._edit.ensureCursorVisible()

    def leave(self) -> None:
        """Go to no more variables."""
        self._places = []

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key goes to another variable here."""
        if not self._places or event.key() not in {*(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)}:
            return False
        first, last = self._places[0], self._places[-1]
        if not first.start.position() <= self._edit.textCursor().position() <= last.end.position():
            self.leave()
        return bool(self._places)

    def press(self, event: QKeyEvent) -> None:
        """Go there."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        self._repeat()
        target = self._at + (1 if event.key() == Qt.Key.Key_Tab else -1)
        if target < len(self._places):
            self._go(max(target, 0))
            return
        end = self._places[-1].end.position()
        self.leave()
        cursor = self._edit.textCursor()
        cursor.setPosition(end)
        self._edit.setTextCursor(cursor)

    def _go(self, at: int) -> None:
        self._at = at
        self._edit.setTextCursor(self._places[at].selection())

    def _repeat(self) -> None:
        """Write what was filled in here also where the same variable stands again, untouched."""
        here = self._places[self._at]
        value = here.selection().selectedText()
        for other in self._places[self._at + 1 :]:
            cursor = other.selection()
            untouched = cursor.selectedText() == other.inserted
            if other.name == here.name and untouched and value != here.inserted:
                cursor.insertText(value)

    def _place(self, stop: Stop, offset: int) -> _Place:
        start, end = (QTextCursor(self._edit.document()) for _side in range(2))
        start.setPosition(offset + stop.start)
        end.setPosition(offset + stop.start + stop.length)
        # Text typed at the start of a variable belongs to it.
        start.setKeepPositionOnInsert(True)
        place = _Place(stop.name, start, end, "")
        place.inserted = place.selection().selectedText()
        return place
