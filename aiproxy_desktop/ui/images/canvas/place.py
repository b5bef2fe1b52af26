"""Which part of a picture is seen, as thin bars along the edges where it is larger than its room."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from aiproxy_desktop.ui.images.canvas.panes import Pane
from aiproxy_desktop.ui.images.canvas.view_transform import View

_THICK: Final = 4
_MARGIN: Final = 4
_SHORTEST: Final = 24
# They lie over any picture: dark with a light rim.
_INSIDE: Final = QColor(16, 16, 16, 150)
_RIM: Final = QColor(255, 255, 255, 130)


def draw_place(painter: QPainter, view: View, panes: tuple[Pane, ...], ratio: float) -> None:
    """Draw the bars of every pane that has a view of its own; in device pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for origin in sorted({pane.origin for pane in panes}):
        for box in place_bars(view, ratio):
            bar = box.translated(origin, 0)
            for grown, colour in ((ratio, _RIM), (0.0, _INSIDE)):
                rect = bar.adjusted(-grown, -grown, grown, grown)
                painter.setBrush(colour)
                radius = min(rect.width(), rect.height()) / 2
                painter.drawRoundedRect(rect, radius, radius)


def place_bars(view: View, ratio: float) -> list[QRectF]:
    """The bars, below and at the right; none where all of the picture is seen."""
    wide, high = view.room.width(), view.room.height()
    thick, margin = _THICK * ratio, _MARGIN * ratio
    placed = view.placed
    result = []
    across = _bar(placed.left(), placed.width(), wide, ratio)
    down = _bar(placed.top(), placed.height(), high, ratio)
    if across is not None:
        result.append(QRectF(across[0], high - margin - thick, across[1], thick))
    if down is not None:
        result.append(QRectF(wide - margin - thick, down[0], thick, down[1]))
    return result


def _bar(begin: float, length: float, room: int, ratio: float) -> tuple[float, float] | None:
    """Where a bar begins, and its length; None where the picture is no longer than the room and within it."""
    first, last = min(begin, 0.0), max(begin + length, float(room))
    if first >= -0.5 and last <= room + 0.5:
        return None
    # The corner is left to neither.
    track = room - (3 * _MARGIN + _THICK) * ratio
    size = max(room / (last - first) * track, _SHORTEST * ratio)
    share = -first / max(last - first - room, 1.0)
    return _MARGIN * ratio + share * (track - size), size
