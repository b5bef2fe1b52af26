"""Large pictures in strips: some of Pillow's steps hold the interpreter for as long as they last."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PIL import Image, ImageChops

Box = tuple[int, int, int, int]

# Pixels of one step: 2 ms at most, of those that hold the interpreter.
_PIXELS = 1_000_000


def strips(size: tuple[int, int], pixels: int = _PIXELS) -> Iterator[Box]:
    """Boxes (left, top, right, bottom) of about as many pixels, which cover a size from top to bottom."""
    width, height = size
    rows = max(1, pixels // max(1, width))
    for top in range(0, height, rows):
        yield 0, top, width, min(height, top + rows)


def in_strips(
    step: Callable[[Image.Image, Image.Image], Image.Image], first: Image.Image, second: Image.Image
) -> Image.Image:
    """What a step on two images of one size comes to, taken in strips."""
    done: Image.Image | None = None
    for box in strips(first.size):
        part = step(first.crop(box), second.crop(box))
        if part.size == first.size:
            return part
        if done is None:
            done = Image.new(part.mode, first.size)
        done.paste(part, box)
    if done is None:
        raise ValueError("an image without pixels")
    return done


def lighter(first: Image.Image, second: Image.Image) -> Image.Image:
    """The larger value of each pixel."""
    return in_strips(ImageChops.lighter, first, second)


def least_and_most(image: Image.Image) -> tuple[float, float]:
    """The smallest and the largest value of an image of one channel."""
    least, most = float("inf"), float("-inf")
    for box in strips(image.size):
        low, high = image.crop(box).getextrema()
        if isinstance(low, tuple) or isinstance(high, tuple):
            raise TypeError("an image of more than one channel")
        least, most = min(least, low), max(most, high)
    return least, most
