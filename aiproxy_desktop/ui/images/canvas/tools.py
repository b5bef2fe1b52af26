"""What the canvas can do, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

Tool = Literal["brush", "eraser", "rectangle", "lasso", "fill", "crop", "extend", "pan"]
CompareMode = Literal["off", "slider", "side_by_side", "difference"]
FillMode = Literal["colour", "similar", "inside"]

TOOLS: Final[tuple[Tool, ...]] = (
    *("brush", "eraser", "rectangle", "lasso", "fill"),
    *("crop", "extend", "pan"),
)
# The key that chooses a tool while the canvas has the focus; Space, held, pans.
TOOL_KEYS: Final[dict[Tool, str]] = {
    "brush": "B",
    "eraser": "E",
    "rectangle": "R",
    "lasso": "L",
    "fill": "G",
    "crop": "C",
    "extend": "X",
}
SMALLEST_BRUSH: Final = 1
LARGEST_BRUSH: Final = 1000


class Hovered(NamedTuple):
    """The pixel under the pointer: its place in the picture and its colour there."""

    point: QPoint
    colour: QColor


@dataclass(frozen=True, slots=True)
class Difference:
    """What a comparison with the picture before found.

    Attributes:
        pixels: how many differ in any channel.
        outside: how many of these the (feathered) mask does not let change; None without a mask.
        of: how many there are.
        largest: the largest difference of one channel, 0-255.
    """

    pixels: int
    outside: int | None
    of: int
    largest: int


def next_brush_size(size: int, steps: int) -> int:
    """The size `steps` presses of `]` (negative: of `[`) away: about a fifth each, a pixel at the least."""
    for _ in range(abs(steps)):
        change = max(1, round(size * 0.2))
        size += change if steps > 0 else -max(1, round(size / 6))
    return min(max(size, SMALLEST_BRUSH), LARGEST_BRUSH)
