"""Up and Down in the composer: former messages of the conversation, and back to the draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from aiproxy_desktop.ui.chat.writing.prompt_edit import PromptEdit
from aiproxy_desktop.ui.chat.writing.recall import Recall

_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class RecallKeys:
    """A key filter. Up in an empty field begins; an edit of what it shows ends it."""

    def __init__(self, edit: PromptEdit, former: Callable[[], Sequence[str]]) -> None:
        """Watch the keys of an editor.

        Args:
            edit: the editor.
            former: the messages of the conversation, the newest first; asked when someone begins.
        """
        self._edit = edit
        self._former = former
        self._recall = Recall()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key goes back or forth here."""
        if event.modifiers() not in _PLAIN:
            return False
        if self._recall.active and self._edit.document().isModified():
            self._recall.forget()
        cursor = self._edit.textCursor()
        if event.key() == Qt.Key.Key_Up:
            empty = self._edit.document().isEmpty()
            return (empty or self._recall.active) and _at_edge(cursor, QTextCursor.MoveOperation.Up)
        if event.key() == Qt.Key.Key_Down:
            return self._recall.active and _at_edge(cursor, QTextCursor.MoveOperation.Down)
        return event.key() == Qt.Key.Key_Escape and self._recall.active

    def press(self, event: QKeyEvent) -> None:
        """Show the message before or after, or the draft."""
        if event.key() == Qt.Key.Key_Up:
            self._show(
                self._recall.older() if self._recall.active else self._recall.begin(self._former(), "")
            )
        elif event.key() == Qt.Key.Key_Down:
            self._show(self._recall.newer())
        else:
            self._show(self._recall.leave())

    def forget(self) -> None:
        """Another draft stands in the field."""
        self._recall.forget()

    def _show(self, text: str | None) -> None:
        if text is not None:
            self._edit.write_instead(text)
            # From here on Qt tells whether the person changed what is shown.
            self._edit.document().setModified(False)


def _at_edge(cursor: QTextCursor, way: QTextCursor.MoveOperation) -> bool:
    """Whether there is no line further up or down, wrapped ones counted."""
    return not QTextCursor(cursor).movePosition(way)
