"""The wheel where it does not scroll the conversation: zoom with Ctrl, sideways over code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWheelEvent

from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece, CodeShape

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

_NOTCH = 120
_STEP = 48


class Wheel:
    """Takes the turns that are not the conversation's."""

    def __init__(self, area: Transcript) -> None:
        self._area = area
        self._turned = 0

    def turn(self, event: QWheelEvent) -> bool:
        """Do what a turn asks for; False leaves it to the conversation."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom(event.angleDelta().y())
            return True
        pixels = _sideways(event)
        shape = self._shape_at(event.position().toPoint()) if pixels else None
        if shape is None:
            return False
        if shape.scroll_to(shape.offset - pixels):
            self._area.settle()
        return True

    def _zoom(self, delta: int) -> None:
        # A touchpad sends a notch in many small parts.
        self._turned += delta
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self._area.zoom_wanted.emit(1 if notches > 0 else -1)

    def _shape_at(self, point: QPoint) -> CodeShape | None:
        shown = self._area.column.at(point.y())
        if shown is None:
            return None
        piece = self._area.column.piece(shown.message, shown.piece)
        return piece.shape if isinstance(piece, CodePiece) and piece.shape.most else None


def _sideways(event: QWheelEvent) -> int:
    """Pixels to move to the right; 0 for a turn that is meant up or down."""
    pixels, angle = event.pixelDelta(), event.angleDelta()
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not angle.x():
        return pixels.y() or angle.y() * _STEP // _NOTCH
    if abs(angle.x()) <= abs(angle.y()):
        return 0
    return pixels.x() or angle.x() * _STEP // _NOTCH
