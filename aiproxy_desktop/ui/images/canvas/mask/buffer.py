"""A mask's bytes, with smaller copies for whoever looks from afar. Pillow alone; nothing of Qt."""

from __future__ import annotations

from typing import Final, Literal

from PIL import Image, ImageChops

Box = tuple[int, int, int, int]  # left, top, right, bottom
How = Literal["add", "subtract", "replace"]

_SMALLEST_LEVEL: Final = 64
_SHARE_PIXELS: Final = 1 << 18


class MaskBuffer:
    """Mode L, 255 is masked. Level 0 is the mask; each further one is half as wide and high.

    The levels follow every change at once, in the changed box alone.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.levels = [Image.new("L", (width, height), 0)]
        while max(self.levels[-1].size) > _SMALLEST_LEVEL:
            wide, high = self.levels[-1].size
            self.levels.append(Image.new("L", ((wide + 1) // 2, (high + 1) // 2), 0))

    @property
    def image(self) -> Image.Image:
        """The mask itself; not to be changed."""
        return self.levels[0]

    @property
    def whole(self) -> Box:
        """The box of everything."""
        return (0, 0, self.width, self.height)

    def apply(self, box: Box, coverage: Image.Image, how: How) -> None:
        """Change what lies in `box`.

        Args:
            box: within the mask, of the size of `coverage`.
            coverage: mode L. Added, the larger value stays at each pixel; subtracted, what it covers is
                taken away, so that painting over a place twice changes nothing more.
            how: `replace` takes the values as they are.
        """
        mask = self.levels[0]
        if how == "add":
            coverage = ImageChops.lighter(mask.crop(box), coverage)
        elif how == "subtract":
            coverage = ImageChops.darker(mask.crop(box), ImageChops.invert(coverage))
        mask.paste(coverage, box)
        self._follow(box)

    def fill(self, value: int, box: Box | None = None) -> None:
        """One value everywhere, or in a box."""
        box = box or self.whole
        self.levels[0].paste(value, box)
        self._follow(box)

    def invert(self) -> None:
        """255 becomes 0, and so on."""
        self.levels = [ImageChops.invert(level) for level in self.levels]
        self._follow(self.whole)

    def put_tiles(self, tiles: list[tuple[Box, Image.Image | int]]) -> Box | None:
        """Put pictures or values in their places; returns the box around all of them."""
        mask = self.levels[0]
        for box, content in tiles:
            mask.paste(content, box)
        around = united([box for box, _ in tiles])
        if around is not None:
            self._follow(around)
        return around

    def bounds(self) -> Box | None:
        """The smallest box around what is not 0."""
        return self.levels[0].getbbox()

    @property
    def empty(self) -> bool:
        """Whether nothing is masked."""
        return self.levels[-1].getextrema() == (0, 0) and self.bounds() is None

    def share(self) -> float:
        """How much is masked, 0 to 1."""
        level = next(
            (level for level in self.levels if level.width * level.height <= _SHARE_PIXELS), self.levels[-1]
        )
        histogram = level.histogram()
        total = sum(value * count for value, count in enumerate(histogram))
        found = total / (255 * level.width * level.height)
        if found in (0.0, 1.0):
            # A few pixels are lost on the way to a small level.
            least, most = self.levels[0].getextrema()
            return 1e-6 if found == 0.0 and most else 1 - 1e-6 if found == 1.0 and least != 255 else found
        return found

    def _follow(self, box: Box) -> None:
        left, top, right, bottom = box
        for finer, coarser in zip(self.levels, self.levels[1:], strict=False):
            left, top = left // 2, top // 2
            right, bottom = min((right + 1) // 2, coarser.width), min((bottom + 1) // 2, coarser.height)
            source = (left * 2, top * 2, min(right * 2, finer.width), min(bottom * 2, finer.height))
            if source[2] > source[0] and source[3] > source[1]:
                coarser.paste(finer.reduce(2, source), (left, top, right, bottom))


def united(boxes: list[Box]) -> Box | None:
    """The box around all of them."""
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def within(box: Box, whole: Box) -> Box | None:
    """What of a box lies in another."""
    left, top = max(box[0], whole[0]), max(box[1], whole[1])
    right, bottom = min(box[2], whole[2]), min(box[3], whole[3])
    return (left, top, right, bottom) if left < right and top < bottom else None
