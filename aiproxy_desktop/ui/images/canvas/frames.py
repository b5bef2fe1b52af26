"""A frame with eight handles over a picture: how it moves. Values only, pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRect, QRectF

Corner = Literal["left_top", "right_top", "right_bottom", "left_bottom"]
Edge = Literal["top", "right", "bottom", "left"]
Handle = Corner | Edge | Literal["inside"]
HANDLES: Final[tuple[Handle, ...]] = (
    *("left_top", "top", "right_top", "right"),
    *("right_bottom", "bottom", "left_bottom", "left"),
)
MOST_EXTENSION: Final = 8192


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame, and where it may go.

    Attributes:
        box: the pixels in it.
        least: what must stay in it; empty: one pixel at the least.
        most: what it must stay in.
    """

    box: QRect
    least: QRect
    most: QRect

    def places(self) -> dict[Handle, QPointF]:
        """Where the handles are."""
        box = QRectF(self.box)
        x, y = box.center().x(), box.center().y()
        return {
            "left_top": box.topLeft(),
            "top": QPointF(x, box.top()),
            "right_top": box.topRight(),
            "right": QPointF(box.right(), y),
            "right_bottom": box.bottomRight(),
            "bottom": QPointF(x, box.bottom()),
            "left_bottom": box.bottomLeft(),
            "left": QPointF(box.left(), y),
        }

    def at(self, place: QPointF, reach: float) -> Handle | None:
        """The handle within `reach` of a place, an edge, or the inside."""
        for handle, where in self.places().items():
            gap = place - where
            if max(abs(gap.x()), abs(gap.y())) <= reach:
                return handle
        box = QRectF(self.box)
        if not box.adjusted(-reach, -reach, reach, reach).contains(place):
            return None
        edges: dict[Edge, float] = {
            "left": abs(place.x() - box.left()),
            "right": abs(place.x() - box.right()),
            "top": abs(place.y() - box.top()),
            "bottom": abs(place.y() - box.bottom()),
        }
        for edge, gone in edges.items():
            if gone <= reach / 2:
                return edge
        return "inside" if box.contains(place) else None

    def moved(self, handle: Handle, dx: int, dy: int, *, locked: bool = False) -> Frame:
        """With a handle moved by whole pixels; locked, a corner keeps the frame's proportions."""
        left, top, right, bottom = self._edges(self.box)
        if handle == "inside":
            return self._shifted(dx, dy)
        if locked and "_" in handle:
            dx, dy = _in_proportion(handle, dx, dy, self.box)
        if "left" in handle:
            left = min(left + dx, self._least_left)
        if "right" in handle:
            right = max(right + dx, self._least_right)
        if "top" in handle:
            top = min(top + dy, self._least_top)
        if "bottom" in handle:
            bottom = max(bottom + dy, self._least_bottom)
        most = self._edges(self.most)
        left, top = max(left, most[0]), max(top, most[1])
        right, bottom = min(right, most[2]), min(bottom, most[3])
        return self._of(QRect(left, top, right - left, bottom - top))

    def around(self, box: QRect) -> Frame:
        """Around other pixels, as far as it may."""
        box = (box | self.least if not self.least.isEmpty() else box) & self.most
        return self if box.isEmpty() else self._of(box)

    def _of(self, box: QRect) -> Frame:
        return Frame(box, self.least, self.most)

    def _shifted(self, dx: int, dy: int) -> Frame:
        if not self.least.isEmpty():
            return self
        low, high = self._edges(self.most), self._edges(self.box)
        dx = min(max(dx, low[0] - high[0]), low[2] - high[2])
        dy = min(max(dy, low[1] - high[1]), low[3] - high[3])
        return self._of(self.box.translated(dx, dy))

    @staticmethod
    def _edges(box: QRect) -> tuple[int, int, int, int]:
        return box.left(), box.top(), box.left() + box.width(), box.top() + box.height()

    @property
    def _least_left(self) -> int:
        return self.box.right() if self.least.isEmpty() else self.least.left()

    @property
    def _least_right(self) -> int:
        return self.box.left() + 1 if self.least.isEmpty() else self.least.right() + 1

    @property
    def _least_top(self) -> int:
        return self.box.bottom() if self.least.isEmpty() else self.least.top()

    @property
    def _least_bottom(self) -> int:
        return self.box.top() + 1 if self.least.isEmpty() else self.least.bottom() + 1


def crop_frame(box: QRect, picture: QRect) -> Frame:
    """A frame that stays within the picture."""
    return Frame(box & picture if box.intersects(picture) else picture, QRect(), picture)


def extend_frame(picture: QRect, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Frame:
    """A frame that stays around the picture."""
    left, top, right, bottom = (min(max(side, 0), MOST_EXTENSION) for side in margins)
    far = MOST_EXTENSION
    return Frame(
        picture.adjusted(-left, -top, right, bottom), picture, picture.adjusted(-far, -far, far, far)
    )


def margins_of(frame: Frame) -> tuple[int, int, int, int]:
    """What an extending frame adds at the left, top, right and bottom."""
    box, picture = frame.box, frame.least
    return (
        picture.left() - box.left(),
        picture.top() - box.top(),
        box.right() - picture.right(),
        box.bottom() - picture.bottom(),
    )


def _in_proportion(handle: Handle, dx: int, dy: int, box: QRect) -> tuple[int, int]:
    """The movement of a corner along the diagonal that is nearest to the one made."""
    wide, high = box.width(), box.height()
    across = -1 if "left" in handle else 1
    down = -1 if "top" in handle else 1
    share = (dx * across * wide + dy * down * high) / (wide * wide + high * high)
    return round(share * wide) * across, round(share * high) * down
