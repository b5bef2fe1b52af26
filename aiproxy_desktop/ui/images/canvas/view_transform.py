"""Where a picture stands in a room, how large, and which pixel is where. Values only."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize

SMALLEST_ZOOM: Final = 0.05
LARGEST_ZOOM: Final = 32.0
_STEPS: Final = (
    *(0.05, 0.0625, 1 / 12, 0.125, 1 / 6, 0.25, 1 / 3, 0.5, 2 / 3),
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0),
)


@dataclass(frozen=True, slots=True)
class View:
    """A picture in a room.

    The room is counted in device pixels, so that 100 % shows each pixel of the picture as one of the screen.

    Attributes:
        picture: pixels of the picture.
        room: device pixels of the pane it is seen in.
        zoom: device pixels for each pixel of the picture.
        left: where the picture begins in the room; whole, so that pixels stay sharp.
        top: the same downwards.
        fitting: whether it is as large as the room allows.
    """

    picture: QSize
    room: QSize
    zoom: float = 1.0
    left: int = 0
    top: int = 0
    fitting: bool = True

    @property
    def placed(self) -> QRectF:
        """Where the picture stands in the room."""
        return QRectF(
            self.left, self.top, self.picture.width() * self.zoom, self.picture.height() * self.zoom
        )

    @property
    def picture_rect(self) -> QRect:
        """The pixels of the picture."""
        return QRect(0, 0, self.picture.width(), self.picture.height())

    def to_picture(self, point: QPointF) -> QPointF:
        """The place in the picture that is seen at a point of the room."""
        return QPointF((point.x() - self.left) / self.zoom, (point.y() - self.top) / self.zoom)

    def to_room(self, point: QPointF) -> QPointF:
        """Where a place of the picture is seen."""
        return QPointF(point.x() * self.zoom + self.left, point.y() * self.zoom + self.top)

    def box_in_room(self, box: QRectF) -> QRectF:
        """Where a part of the picture is seen."""
        return QRectF(self.to_room(box.topLeft()), self.to_room(box.bottomRight()))

    def covering(self, box: QRectF) -> QRect:
        """The device pixels that a part of the picture touches."""
        seen = self.box_in_room(box)
        left, top = floor(seen.left()), floor(seen.top())
        return QRect(left, top, ceil(seen.right()) - left, ceil(seen.bottom()) - top)

    def fitted(self, margin: int) -> View:
        """All of the picture, in the middle, with `margin` device pixels around it."""
        width = max(self.room.width() - 2 * margin, 1) / max(self.picture.width(), 1)
        height = max(self.room.height() - 2 * margin, 1) / max(self.picture.height(), 1)
        # However large a picture is, all of it can be seen.
        return replace(self, zoom=min(width, height, LARGEST_ZOOM), fitting=True)._centred()

    def zoomed(self, zoom: float, at: QPointF) -> View:
        """At another zoom; what is seen at `at`, a point of the room, stays there."""
        zoom = _bounded(zoom)
        kept = self.to_picture(at)
        left, top = round(at.x() - kept.x() * zoom), round(at.y() - kept.y() * zoom)
        return replace(self, zoom=zoom, left=left, top=top, fitting=False)._within()

    def panned(self, dx: int, dy: int) -> View:
        """Moved by device pixels, as far as the bounds allow."""
        return replace(self, left=self.left + dx, top=self.top + dy, fitting=False)._within()

    def resized(self, room: QSize, margin: int) -> View:
        """In another room: fitted again, or with the same place in the middle."""
        if self.fitting:
            return replace(self, room=room).fitted(margin)
        dx = (room.width() - self.room.width()) // 2
        dy = (room.height() - self.room.height()) // 2
        return replace(self, room=room, left=self.left + dx, top=self.top + dy)._within()

    def revealing(self, place: QPointF, margin: int) -> View:
        """Moved just so far that a place of the picture is seen."""
        seen = self.to_room(place)
        dx = _inwards(seen.x(), self.room.width(), margin)
        dy = _inwards(seen.y(), self.room.height(), margin)
        return self.panned(dx, dy) if dx or dy else self

    def towards(self, point: QPointF, most: int) -> View:
        """Moved by at most `most` to see what is hidden where a point lies that is beyond the room."""
        placed = self.placed
        dx = _beyond(point.x(), placed.left(), placed.right(), self.room.width(), most)
        dy = _beyond(point.y(), placed.top(), placed.bottom(), self.room.height(), most)
        return self.panned(dx, dy) if dx or dy else self

    def _centred(self) -> View:
        left = round((self.room.width() - self.picture.width() * self.zoom) / 2)
        top = round((self.room.height() - self.picture.height() * self.zoom) / 2)
        return replace(self, left=left, top=top)

    def _within(self) -> View:
        """The middle of the room stays over the picture: it cannot be lost, and its edges can be painted."""
        wide, high = round(self.picture.width() * self.zoom), round(self.picture.height() * self.zoom)
        middle_x, middle_y = self.room.width() // 2, self.room.height() // 2
        left = min(max(self.left, middle_x - wide), middle_x)
        top = min(max(self.top, middle_y - high), middle_y)
        return replace(self, left=left, top=top)


def next_zoom(zoom: float, steps: int) -> float:
    """The zoom `steps` presses of Ctrl+plus away (negative: of Ctrl+minus)."""
    for _ in range(abs(steps)):
        if steps > 0:
            index = bisect_right(_STEPS, zoom * 1.001)
            zoom = _STEPS[min(index, len(_STEPS) - 1)]
        else:
            index = bisect_left(_STEPS, zoom * 0.999) - 1
            zoom = _STEPS[max(index, 0)]
    return zoom


def _bounded(zoom: float) -> float:
    return min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)


def _inwards(seen: float, room: int, margin: int) -> int:
    if seen < margin:
        return round(margin - seen)
    if seen > room - margin:
        return round(room - margin - seen)
    return 0


def _beyond(point: float, begin: float, end: float, room: int, most: int) -> int:
    """How far the picture moves for a point before or behind the room; 0 where none of it is hidden there."""
    if point < 0 and begin < 0:
        return round(min(-point, -begin, most))
    if point >= room and end > room:
        return -round(min(point - room + 1, end - room, most))
    return 0
