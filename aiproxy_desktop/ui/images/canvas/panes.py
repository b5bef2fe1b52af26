"""How the canvas is divided while two pictures are compared. Values only; device pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRect, QSize

from aiproxy_desktop.ui.images.canvas.tools import CompareMode
from aiproxy_desktop.ui.images.canvas.view_transform import View

Side = Literal["before", "after", "difference"]
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Pane:
    """A part of the canvas that shows one picture.

    Attributes:
        clip: the part.
        origin: how much further right the picture stands than in the view.
        side: which picture.
        masked: whether the mask lies over it.
    """

    clip: QRect
    origin: int
    side: Side
    masked: bool = True


def pane_room(mode: CompareMode, room: QSize) -> QSize:
    """What of the canvas a view has for itself."""
    return QSize((room.width() - _GAP) // 2, room.height()) if mode == "side_by_side" else room


def panes(mode: CompareMode, room: QSize, view: View, divider: float) -> tuple[Pane, ...]:
    """The panes of a mode; `divider` is the share of the picture that is left of the slider."""
    wide, high = room.width(), room.height()
    if mode == "slider":
        x = divider_x(view, divider, wide)
        return (
            Pane(QRect(0, 0, x, high), 0, "before"),
            Pane(QRect(x, 0, wide - x, high), 0, "after"),
        )
    if mode == "side_by_side":
        half = pane_room(mode, room).width()
        return (
            Pane(QRect(0, 0, half, high), 0, "before", masked=False),
            Pane(QRect(half + _GAP, 0, wide - half - _GAP, high), half + _GAP, "after"),
        )
    return (Pane(QRect(0, 0, wide, high), 0, "difference" if mode == "difference" else "after"),)


def divider_x(view: View, divider: float, wide: int) -> int:
    """Where the slider stands."""
    return min(max(round(view.left + divider * view.picture.width() * view.zoom), 0), wide)


def in_pane(shown: tuple[Pane, ...], point: QPointF) -> QPointF:
    """A point of the canvas as a point of the view it is in."""
    origin = next((pane.origin for pane in shown if pane.origin and point.x() >= pane.origin), 0)
    return QPointF(point.x() - origin, point.y())
