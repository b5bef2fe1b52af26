"""The keys of the transcript."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from aiproxy_desktop.ui.chat.transcript.note_links import follow
from aiproxy_desktop.ui.chat.transcript.offers import KEYS

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

# What stays in view of the page before, pixels.
_OVERLAP: Final = 48

PLAIN_KEY: Final = "Ctrl+Shift+C"
MARKDOWN_KEY: Final = "Ctrl+Shift+X"


def handle_key(area: Transcript, event: QKeyEvent) -> bool:
    """Do what a key asks for; False leaves it to the window."""
    if event.matches(QKeySequence.StandardKey.Copy):
        area.copy()
        return True
    if QKeySequence(event.keyCombination()) == QKeySequence(PLAIN_KEY):
        area.copy(plain=True)
        return True
    if QKeySequence(event.keyCombination()) == QKeySequence(MARKDOWN_KEY):
        area.copy(rich=False)
        return True
    if event.matches(QKeySequence.StandardKey.SelectAll):
        area.select_all()
        return True
    if event.key() == Qt.Key.Key_Escape and area.finding.active:
        area.finding.close()
        return True
    if event.key() == Qt.Key.Key_Escape and area.selection is not None:
        area.select(None)
        return True
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    return _act(area, Qt.Key(event.key())) or _move(area, Qt.Key(event.key()))


def _act(area: Transcript, key: Qt.Key) -> bool:
    """What a letter does with the message the keyboard is on."""
    action, current = KEYS.get(key), area.navigation.current
    if action is None or current is None or not area.navigation.ring:
        return False
    if not area.doing.offers(current, action):
        return False
    area.doing.do(current, action)
    return True


def _move(area: Transcript, key: Qt.Key) -> bool:
    column, navigation = area.column, area.navigation
    page = column.view_height - _OVERLAP
    moves: dict[Qt.Key, Callable[[], None]] = {
        Qt.Key.Key_Up: lambda: navigation.step(-1),
        Qt.Key.Key_Down: lambda: navigation.step(1),
        Qt.Key.Key_Left: lambda: navigation.step_link(-1),
        Qt.Key.Key_Right: lambda: navigation.step_link(1),
        Qt.Key.Key_PageUp: lambda: column.scroll_by(-page),
        Qt.Key.Key_PageDown: lambda: column.scroll_by(page),
        Qt.Key.Key_Space: lambda: column.scroll_by(page),
        Qt.Key.Key_Home: lambda: column.scroll_to(0),
        Qt.Key.Key_End: column.scroll_to_end,
    }
    link, message = navigation.link, navigation.current
    if link is not None and message is not None:
        moves[Qt.Key.Key_Return] = moves[Qt.Key.Key_Enter] = lambda: follow(
            area, message, link.piece, link.href
        )
    move = moves.get(key)
    if move is None:
        return False
    move()
    area.settle()
    return True
