"""Keys on the canvas: what the tool does not take zooms, undoes, sizes the brush or moves the slider."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from aiproxy_desktop.ui.images.canvas.comparing import Comparing
from aiproxy_desktop.ui.images.canvas.pointer import Pointer
from aiproxy_desktop.ui.images.canvas.tools import TOOL_KEYS, Tool

if TYPE_CHECKING:
    from aiproxy_desktop.ui.images.canvas.canvas import Canvas

_TOOLS: Final[dict[int, Tool]] = {Qt.Key[f"Key_{letter}"]: tool for tool, letter in TOOL_KEYS.items()}
_PLAIN: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class Keys:
    """Takes a key, or leaves it to the window."""

    def __init__(self, canvas: Canvas, pointer: Pointer, comparing: Comparing) -> None:
        self._canvas = canvas
        self._pointer = pointer
        self._comparing = comparing
        zoom: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: canvas.zoom_in,
            Qt.Key.Key_Equal: canvas.zoom_in,
            Qt.Key.Key_Minus: canvas.zoom_out,
            Qt.Key.Key_0: canvas.fit,
        }
        self._with_control = dict(zoom)
        self._alone = zoom | {
            Qt.Key.Key_1: canvas.actual_size,
            Qt.Key.Key_BracketLeft: canvas.smaller_brush,
            Qt.Key.Key_BracketRight: canvas.larger_brush,
        }

    def press(self, event: QKeyEvent) -> bool:
        """A key went down; False leaves it to the window."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._hold_space(held=True)
            return True
        if event.key() == Qt.Key.Key_Escape:
            return self._cancel()
        if self._comparing_first(event) or self._pointer.hand.key(event) or self._comparing.key(event):
            return True
        return self._command(event)

    def release(self, event: QKeyEvent) -> bool:
        """A key came up."""
        if event.key() != Qt.Key.Key_Space:
            return False
        if not event.isAutoRepeat():
            self._hold_space(held=False)
        return True

    def let_go(self) -> None:
        """The keyboard went elsewhere."""
        self._hold_space(held=False)

    def _comparing_first(self, event: QKeyEvent) -> bool:
        """While pictures are compared, arrows are the slider's, except in a frame."""
        return self._canvas.tool not in ("crop", "extend") and self._comparing.key(event)

    def _command(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._canvas.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._canvas.redo()
        else:
            return self._single(event)
        return True

    def _single(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        actions = self._alone if held in _PLAIN else {}
        if held & Qt.KeyboardModifier.ControlModifier:
            actions = self._with_control
        action = actions.get(event.key())
        if action is not None:
            action()
            return True
        tool = _TOOLS.get(event.key())
        if tool is None or event.modifiers() not in _PLAIN:
            return False
        self._canvas.set_tool(tool)
        return True

    def _cancel(self) -> bool:
        if self._pointer.hand.cancel():
            self._pointer.give_up()
            return True
        return False

    def _hold_space(self, *, held: bool) -> None:
        if held != self._pointer.space:
            self._pointer.space = held
            if not self._pointer.busy:
                shape = Qt.CursorShape.OpenHandCursor if held else self._pointer.hand.cursor
                self._canvas.setCursor(shape)
