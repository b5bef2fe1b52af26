"""Models move what they redraw by some pixels: their answer is laid back over the original.

Found coarse to fine on small grey copies, by what was not to change: shifts, and a stretch of up to some per
cent along each side. What does not lie better than before stays where it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from PIL import Image, ImageChops, ImageFilter

from aiproxy_desktop.services.images.encoding import on_white
from aiproxy_desktop.services.images.extending import with_edges

FloatBox = tuple[float, float, float, float]

# Long sides of the copies, and how many tries each is worth.
_LEVELS = ((192, 0), (480, 70), (1024, 50))
# How far the first level looks: a part of the long side; and the stretches it tries.
_FARTHEST = 0.04
_STRETCHES = (0.97, 0.98, 0.99, 1.01, 1.02, 1.03)
# What counts as lying better; and what, of what there is to see, may be left of a difference.
_BETTER = 0.94
_MOST_LEFT = 0.95
# Stripes and lines of text lie as well a stripe farther off: of shifts that gain nearly as much as the best,
# by this part of it, the nearest is taken.
_AS_GOOD = 0.15
# Of the first copy: fewer kept pixels say nothing.
_LEAST_KEPT = 300
# What stands for no detail in a picture of details.
_NO_DETAIL = 128
# Shapes this near to each other are the same.
_SAME_SHAPE = 0.03


@dataclass(frozen=True, slots=True)
class _Move:
    """Parts of the width and height by which places are looked up elsewhere; stretches around the middle."""

    right: float = 0.0
    down: float = 0.0
    wide: float = 1.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class _Level:
    made: Image.Image
    original: Image.Image
    kept: Image.Image

    def cost(self, move: _Move) -> float:
        """How far both are from each other where the original was to stay, on average."""
        width, height = self.made.size
        left = (0.5 - move.wide / 2 + move.right) * width
        top = (0.5 - move.high / 2 + move.down) * height
        moved = self.made.transform(
            self.made.size,
            Image.Transform.AFFINE,
            (move.wide, 0, left, 0, move.high, top),
            Image.Resampling.BILINEAR,
        )
        return self._apart(moved)

    def texture(self) -> float:
        """How much there is to be seen of the original: how far it is from a picture without any detail."""
        return self._apart(Image.new("L", self.original.size, _NO_DETAIL))

    def _apart(self, other: Image.Image) -> float:
        counts = ImageChops.difference(other, self.original).histogram(self.kept)
        return sum(value * count for value, count in enumerate(counts)) / max(1, sum(counts))


def aligned(answer: Image.Image, box: FloatBox, original: Image.Image, kept: Image.Image) -> Image.Image:
    """The part of an answer that shows the original, at the original's size and place.

    Args:
        answer: RGB or RGBA, of any size.
        box: where the original should be in it.
        original: what was sent, as it was seen.
        kept: mode L, of the original's size: 255 where nothing was to change.
    """
    return cut(answer, aligned_box(answer, box, original, kept), original.size)


def aligned_box(answer: Image.Image, box: FloatBox, original: Image.Image, kept: Image.Image) -> FloatBox:
    """Where the original truly is in an answer; the box as it was where no better one is found."""
    move, better = _Move(), False
    finest = _copies(answer, box, original, kept, _LEVELS[-1][0])
    for side, tries in _LEVELS:
        level = _level(finest, side)
        if level is None:
            return box
        move = _refined(level, move, tries) if tries else _coarse(level)
        # Only the finest of them tells: there a shift of a pixel is one.
        better = _lies_better(level, move)
        if side >= max(original.size):
            break
    if not better:
        return box
    return _moved(box, move)


def box_in_answer(
    answer: Image.Image,
    sent: tuple[int, int],
    content: tuple[int, int, int, int],
    original: Image.Image,
    kept: Image.Image | None,
) -> FloatBox:
    """Where an answer of any size should show what was sent.

    An answer of the shape that was sent, or of the content's alone (models leave padding out), is taken as
    that. One of another shape has been stretched, or shows the content in its middle: whichever
    fits the original better, the middle where there is nothing to tell by.
    """
    width, height = answer.size
    across, down = width / sent[0], height / sent[1]
    scaled = content[0] * across, content[1] * down, content[2] * across, content[3] * down
    if abs(math.log(across / down)) < _SAME_SHAPE:
        return scaled
    wide, high = content[2] - content[0], content[3] - content[1]
    scale = min(width / wide, height / high)
    left, top = (width - wide * scale) / 2, (height - high * scale) / 2
    middle = left, top, width - left, height - top
    if abs(math.log((width * high) / (height * wide))) < _SAME_SHAPE or kept is None:
        return middle
    costs = [
        level.cost(_Move())
        if (level := _level(_copies(answer, one, original, kept, _LEVELS[0][0]), _LEVELS[0][0]))
        else 0.0
        for one in (middle, scaled)
    ]
    return scaled if costs[1] < costs[0] else middle


def cut(answer: Image.Image, box: FloatBox, size: tuple[int, int]) -> Image.Image:
    """A part of an image, in parts of pixels, scaled in one go; beyond its edges it goes on as they are."""
    beyond = max(-box[0], -box[1], box[2] - answer.width, box[3] - answer.height)
    if beyond > 1e-6:
        margin = math.ceil(beyond)
        place = margin, margin, margin + answer.width, margin + answer.height
        answer = with_edges(answer, place, (answer.width + 2 * margin, answer.height + 2 * margin))
        box = box[0] + margin, box[1] + margin, box[2] + margin, box[3] + margin
    if answer.size == size and [*box] == [0, 0, *size]:
        return answer
    box = max(0.0, box[0]), max(0.0, box[1]), min(answer.width, box[2]), min(answer.height, box[3])
    return answer.resize(size, Image.Resampling.LANCZOS, box=box)


def _moved(box: FloatBox, move: _Move) -> FloatBox:
    wide, high = box[2] - box[0], box[3] - box[1]
    left = box[0] + (0.5 - move.wide / 2 + move.right) * wide
    top = box[1] + (0.5 - move.high / 2 + move.down) * high
    return left, top, left + move.wide * wide, top + move.high * high


def _copies(
    answer: Image.Image, box: FloatBox, original: Image.Image, kept: Image.Image, side: int
) -> _Level:
    """Both grey, of one size, no longer than that side; with what is kept."""
    size = _shrunk(original.size, side)
    grey = original.convert("L").resize(size, Image.Resampling.BOX)
    return _Level(_grey_part(answer, box, size), grey, kept.resize(size, Image.Resampling.BOX))


def _grey_part(answer: Image.Image, box: FloatBox, size: tuple[int, int]) -> Image.Image:
    if answer.mode == "RGBA":
        return on_white(cut(answer, box, size)).convert("L")
    return cut(answer.convert("L"), box, size)


def _level(copies: _Level, side: int) -> _Level | None:
    """Smaller ones, ready to be compared; None where too little is kept."""
    size = _shrunk(copies.made.size, side)
    made, original, kept = (
        one.resize(size, Image.Resampling.BOX) for one in (copies.made, copies.original, copies.kept)
    )
    # What has anything to change in it does not count, nor what a shift brings in from beyond the edge.
    weights = kept.point([0] * 255 + [255])
    margin = round(max(size) * _FARTHEST) + 1
    if min(size) <= 2 * margin:
        return None
    inner = Image.new("L", size)
    inner.paste(weights.crop((margin, margin, size[0] - margin, size[1] - margin)), (margin, margin))
    if inner.histogram()[255] < _LEAST_KEPT:
        return None
    return _Level(_details(made), _details(original), inner)


def _shrunk(size: tuple[int, int], side: int) -> tuple[int, int]:
    factor = min(1.0, side / max(size))
    return max(16, round(size[0] * factor)), max(16, round(size[1] * factor))


def _details(grey: Image.Image) -> Image.Image:
    """Without slow changes: a model's other light or tint must not count as a shift."""
    grey = grey.filter(ImageFilter.GaussianBlur(0.7))
    return ImageChops.subtract(grey, grey.filter(ImageFilter.GaussianBlur(4)), 0.5, _NO_DETAIL)


def _coarse(level: _Level) -> _Move:
    """The best of a grid of shifts, then of stretches with shifts around it."""
    width, height = level.made.size
    reach = round(max(width, height) * _FARTHEST)
    shifts = [(level.cost(move), move) for move in _grid(_Move(), reach, width, height)]
    still, least = shifts[0][0], min(cost for cost, _ in shifts)
    good = least + _AS_GOOD * (still - least)
    best = start = next(move for cost, move in shifts if cost <= good)
    least = level.cost(best)
    for stretch in _STRETCHES:
        for move in _grid(_Move(start.right, start.down, stretch, stretch), 1, width, height):
            if (cost := level.cost(move)) < least:
                best, least = move, cost
    return best


def _lies_better(level: _Level, move: _Move) -> bool:
    """Whether a move happened: to look up places between pixels blurs, and so helps a little, too.

    That is told by the opposite move, which blurs as much. Where little is to be seen, in a smooth sky say,
    noise alone would decide: some of what there is must fall into place.
    """
    opposite = _Move(-move.right, -move.down, 2 - move.wide, 2 - move.high)
    cost = level.cost(move)
    least = _BETTER * min(level.cost(_Move()), level.cost(opposite))
    return cost < least and cost < _MOST_LEFT * level.texture()


def _grid(around: _Move, reach: int, width: int, height: int) -> Iterator[_Move]:
    """Shifts by whole pixels, the nearest first."""
    steps = range(-reach, reach + 1)
    for right, down in sorted(product(steps, steps), key=lambda step: step[0] ** 2 + step[1] ** 2):
        yield _Move(around.right + right / width, around.down + down / height, around.wide, around.high)


def _refined(level: _Level, move: _Move, tries: int) -> _Move:
    """Smaller and smaller steps in every direction, as long as they help."""
    width, height = level.made.size
    least = level.cost(move)
    step = 1.0  # pixels of this level
    while tries > 0 and step >= 0.1:
        better = False
        for near in _steps(move, step / width, step / height):
            tries -= 1
            if (cost := level.cost(near)) < least:
                move, least, better = near, cost, True
                break
            if tries <= 0:
                break
        if not better:
            step /= 2
    return move


def _steps(move: _Move, right: float, down: float) -> Iterator[_Move]:
    for sign in (1, -1):
        yield _Move(move.right + sign * right, move.down, move.wide, move.high)
        yield _Move(move.right, move.down + sign * down, move.wide, move.high)
        # A stretch moves the edges by half of it.
        yield _Move(move.right, move.down, move.wide + 2 * sign * right, move.high)
        yield _Move(move.right, move.down, move.wide, move.high + 2 * sign * down)
