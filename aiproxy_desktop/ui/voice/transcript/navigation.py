"""The keys of the transcript, and the entry they are on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript

_STEP: Final = 72
# What stays in view of the page before, pixels.
_OVERLAP: Final = 48


class Navigation:
    """Moves from entry to entry; `ring` says that the keyboard was used and the place shows.

    Space is not among the keys: it talks.
    """

    def __init__(self, area: VoiceTranscript) -> None:
        self._area = area
        self.current: int | None = None
        self.ring = False

    def reset(self, kept: int) -> None:
        """Only the first `kept` entries are what they were."""
        if self.current is not None and self.current >= kept:
            self.current = None

    def enter(self) -> None:
        """The keyboard came: to the entry it was on if that is in view, else to the last in view."""
        self.ring = True
        shown = [each.index for each in self._area.column.shown]
        if shown and self.current not in shown:
            self._go(shown[-1])

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key asks for; False leaves it to the window."""
        area = self._area
        if event.matches(QKeySequence.StandardKey.Copy):
            area.copy()
            return True
        if event.matches(QKeySequence.StandardKey.SelectAll):
            area.select_all()
            return True
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if event.key() == Qt.Key.Key_Escape and area.selection is not None:
            area.select(None)
            return True
        return self._move(Qt.Key(event.key()))

    def _move(self, key: Qt.Key) -> bool:
        column = self._area.column
        page = max(_STEP, column.view_height - _OVERLAP)
        moves: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Up: lambda: self._step(-1),
            Qt.Key.Key_Down: lambda: self._step(1),
            Qt.Key.Key_PageUp: lambda: column.scroll_by(-page),
            Qt.Key.Key_PageDown: lambda: column.scroll_by(page),
            Qt.Key.Key_Home: lambda: column.scroll_to(0),
            Qt.Key.Key_End: self._area.scroll_to_end,
        }
        move = moves.get(key)
        if move is None:
            return False
        move()
        self._area.settle()
        return True

    def _step(self, direction: int) -> None:
        """To the next entry (1) or the one before (-1); first through an entry taller than the view."""
        column = self._area.column
        if not column.blocks:
            return
        if not self.ring or self.current is None:
            self.enter()
            return
        span = column.span(self.current)
        if span is not None and direction > 0 and span[1] > column.view_height + _STEP:
            column.scroll_by(min(_STEP, span[1] - column.view_height))
            return
        if span is not None and direction < 0 and span[0] < -_STEP:
            column.scroll_by(max(-_STEP, span[0]))
            return
        target = max(0, min(len(column.blocks) - 1, self.current + direction))
        if target != self.current:
            self._go(target)
        column.reveal(target)

    def _go(self, index: int) -> None:
        self.current = index
        self._area.accessibility.focused(index)
