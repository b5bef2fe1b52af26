"""What a thick brush changes on the screen when it moves a little: a crescent. Device pixels."""

from __future__ import annotations

from math import ceil, floor, sqrt
from typing import Final

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QRegion

from aiproxy_desktop.ui.images.canvas.mask.shapes import Segment
from aiproxy_desktop.ui.images.canvas.view_transform import View

_WORTH_IT: Final = 160  # a radius
_SLABS: Final = 6
_ROOM: Final = 4
_PLACES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


def newly_covered(segment: Segment, view: View, around: QRect) -> QRegion:
    """The part of `around` in which a piece of a stroke can have changed anything.

    The disc at its start is covered already. What is left is cut into slabs; each has a piece to the left of
    that disc and one to its right.
    """
    start, end = view.to_room(segment.start), view.to_room(segment.end)
    # The outline, and the pixels of the picture that the edge covers in part.
    room = _ROOM + 1.5 * view.zoom
    radius = segment.width * view.zoom / 2 + room
    inner = segment.covered * view.zoom / 2 - room
    gone = end - start
    if inner < _WORTH_IT or abs(gone.x()) + abs(gone.y()) > inner / 2:
        return QRegion(around)
    places = [start + gone * share for share in _PLACES]
    result = QRegion()
    height = max(ceil(around.height() / _SLABS), 1)
    for top in range(around.top(), around.bottom() + 1, height):
        bottom = min(top + height, around.bottom() + 1)
        extent = _extent(places, radius, top, bottom)
        if extent is None:
            continue
        left, right = extent
        half = _covered(start, inner, top, bottom)
        if half is None:
            result += QRect(left, top, right - left, bottom - top)
            continue
        hole_left, hole_right = ceil(start.x() - half), floor(start.x() + half)
        result += QRect(left, top, max(hole_left - left, 0), bottom - top)
        result += QRect(hole_right, top, max(right - hole_right, 0), bottom - top)
    return result & around


def _extent(places: list[QPointF], radius: float, top: int, bottom: int) -> tuple[int, int] | None:
    """How far the dab reaches to both sides in a slab."""
    lefts, rights = [], []
    for place in places:
        off = max(top - place.y(), place.y() - bottom, 0.0)
        if off < radius:
            half = sqrt(radius * radius - off * off)
            lefts.append(place.x() - half)
            rights.append(place.x() + half)
    return (floor(min(lefts)), ceil(max(rights))) if lefts else None


def _covered(centre: QPointF, radius: float, top: int, bottom: int) -> float | None:
    """Half the width of a disc that is covered in all of a slab."""
    off = max(abs(top - centre.y()), abs(bottom - centre.y()))
    return sqrt(radius * radius - off * off) if off < radius else None
