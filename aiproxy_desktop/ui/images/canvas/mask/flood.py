"""Filling: which pixels are like one, and connected with it. Slow for large pictures; call it on a thread.

Nothing of Qt.
"""

from __future__ import annotations

from PIL import Image, ImageChops

_FULL = b"\xff"


def like(picture: Image.Image, x: int, y: int, tolerance: int, channels: int = 4) -> Image.Image:
    """Mode L: 255 where no channel differs from the pixel's by more than `tolerance`.

    Args:
        picture: of four channels.
        x: the pixel's column.
        y: its row.
        tolerance: 0-255.
        channels: how many of them count: 4 where the last is alpha, else 3.
    """
    colour = picture.getpixel((x, y))
    assert isinstance(colour, tuple)
    found: Image.Image | None = None
    for channel, value in zip(picture.split()[:channels], colour, strict=False):
        low, high = max(int(value) - tolerance, 0), min(int(value) + tolerance, 255)
        near = channel.point([255 if low <= level <= high else 0 for level in range(256)])
        found = near if found is None else ImageChops.darker(found, near)
    assert found is not None
    return found


def connected(allowed: Image.Image, x: int, y: int) -> Image.Image:
    """Mode L: 255 for the pixels of `allowed` (0 or 255) that are connected with one by their sides.

    Rows of pixels are found and set by bytes, not one by one: 16 megapixels take a second at the most.
    """
    width, height = allowed.size
    free = bytearray(allowed.tobytes())
    found = bytearray(width * height)
    if free[y * width + x]:
        _spread(free, found, (width, height), (x, y))
    return Image.frombytes("L", (width, height), bytes(found))


def _spread(free: bytearray, found: bytearray, size: tuple[int, int], seed: tuple[int, int]) -> None:
    width, height = size
    waiting = [(seed[1], seed[0], seed[0] + 1)]
    while waiting:
        row, left, right = waiting.pop()
        begin, end = row * width, (row + 1) * width
        at = free.find(_FULL, begin + left, begin + right)
        while at >= 0:
            first = free.rfind(b"\x00", begin, at) + 1 or begin
            last = free.find(b"\x00", at, end)
            last = end if last < 0 else last
            length = last - first
            free[first:last] = bytes(length)
            found[first:last] = _FULL * length
            if row > 0:
                waiting.append((row - 1, first - begin, last - begin))
            if row < height - 1:
                waiting.append((row + 1, first - begin, last - begin))
            at = free.find(_FULL, last, begin + right) if last < begin + right else -1
