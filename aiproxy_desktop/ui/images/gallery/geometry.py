"""Where the cells of the grid stand. Numbers only; no Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

PAD: Final = 24
GAP: Final = 16
CAPTION: Final = 28

LEAST_SIDE: Final = 96
MOST_SIDE: Final = 320


class Box(NamedTuple):
    """A rectangle in the pixels of the whole content."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Just beyond its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Just beyond its lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Cells:
    """`count` cells in a content of this width, in lines; square tiles with a caption below.

    Tiles are at least `wished` wide, and share what room is left in a line.
    """

    count: int
    width: int
    wished: int
    leftwards: bool = False

    @property
    def columns(self) -> int:
        """How many stand side by side."""
        return max((self.width - 2 * PAD + GAP) // (self.wished + GAP), 1)

    @property
    def side(self) -> int:
        """Of a tile."""
        columns = self.columns
        return max((self.width - 2 * PAD - (columns - 1) * GAP) // columns, LEAST_SIDE // 2)

    @property
    def step(self) -> int:
        """From line to line."""
        return self.side + CAPTION + GAP

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Of the whole content."""
        return 2 * PAD + self.lines * self.step - GAP if self.count else 0

    def box(self, place: int) -> Box:
        """A cell: tile and caption."""
        line, column = divmod(place, self.columns)
        left = PAD + column * (self.side + GAP)
        if self.leftwards:
            left = self.width - left - self.side
        return Box(left, PAD + line * self.step, self.side, self.side + CAPTION)

    def at(self, x: int, y: int) -> int:
        """The cell at a point; -1 where there is none."""
        if self.leftwards:
            x = self.width - 1 - x
        line, below = divmod(y - PAD, self.step)
        column, beside = divmod(x - PAD, self.side + GAP)
        place = line * self.columns + column
        inside = 0 <= column < self.columns and line >= 0 and below < self.side + CAPTION
        return place if inside and beside < self.side and 0 <= place < self.count else -1

    def between(self, top: int, bottom: int) -> range:
        """The cells of all lines that reach into this stretch."""
        first = max((top - PAD) // self.step, 0) * self.columns
        last = (max((bottom - PAD) // self.step, 0) + 1) * self.columns
        return range(min(first, self.count), min(last, self.count))

    def within(self, area: Box) -> tuple[int, ...]:
        """The cells that touch a rectangle."""
        return tuple(
            place
            for place in self.between(area.top, area.bottom)
            for box in (self.box(place),)
            if box.left < area.right
            and box.right > area.left
            and box.top < area.bottom
            and box.bottom > area.top
        )
