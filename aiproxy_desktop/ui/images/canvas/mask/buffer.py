"""A mask's bytes, with smaller copies for whoever looks from afar. Pillow alone; nothing of Qt."""

from __future__ import annotations

from typing import Final, Literal

from PIL import Image, ImageChops

Box = tuple[int, int, int, int]  # left, top, right, bottom
How = Literal["add", "subtract", "replace"]

_SMALLEST_LEVEL: Final = 64
_SHARE_PIXELS: Final = 1 << 18
_BAND_PIXELS: Final = 1 << 22


class MaskBuffer:
    """Mode L, 255 is masked. Level 0 is the mask; each further one is half as wide and high.

    The levels follow every change at once, in the changed box alone.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._levels: list[Image.Image] = []

    @property
    def levels(self) -> list[Image.Image]:
        """The mask and its halves; their memory is taken when they are first asked for."""
        if not self._levels:
            self._levels = blank_levels(self.width, self.height)
        return self._levels

    def prepare(self, levels: list[Image.Image]) -> None:
        """Take blank levels that were made elsewhere, unless it has its own by now."""
        self._levels = self._levels or levels

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
        self._levels = [ImageChops.invert(level) for level in self.levels]
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
        return self.levels[0].getbbox() if self._levels else None

    @property
    def empty(self) -> bool:
        """Whether nothing is masked, as far as a person could see."""
        return not self._levels or self._small.getextrema() == (0, 0)

    def share(self) -> float:
        """How much is masked; 0 and 1 only where it is exactly that."""
        if self.empty:
            return 0.0
        level = next(
            (level for level in self.levels if level.width * level.height <= _SHARE_PIXELS), self.levels[-1]
        )
        total = sum(value * count for value, count in enumerate(level.histogram()))
        found = total / (255 * level.width * level.height)
        if found == 1.0 and self._small.getextrema() != (255, 255):
            return 1 - 1e-6  # a few pixels were lost on the way to a small level
        return found or 1e-6

    @property
    def _small(self) -> Image.Image:
        """A sixteenth of the pixels, in which a single one can still be seen."""
        return self.levels[min(2, len(self.levels) - 1)]

    def _follow(self, box: Box) -> None:
        left, top, right, bottom = box
        for finer, coarser in zip(self.levels, self.levels[1:], strict=False):
            left, top = left // 2, top // 2
            right, bottom = min((right + 1) // 2, coarser.width), min((bottom + 1) // 2, coarser.height)
            source = (left * 2, top * 2, min(right * 2, finer.width), min(bottom * 2, finer.height))
            if source[2] > source[0] and source[3] > source[1]:
                coarser.paste(finer.reduce(2, source), (left, top, right, bottom))


def blank_levels(width: int, height: int) -> list[Image.Image]:
    """What a mask of nothing consists of. Touching that much memory takes a while for a large picture."""
    sizes = [(width, height)]
    while max(sizes[-1]) > _SMALLEST_LEVEL:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return [_blank(*size) for size in sizes]


def _blank(width: int, height: int) -> Image.Image:
    image = Image.new("L", (width, height), None)
    rows = max(_BAND_PIXELS // max(width, 1), 1)
    for top in range(0, height, rows):
        image.paste(0, (0, top, width, min(top + rows, height)))
    return image


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
