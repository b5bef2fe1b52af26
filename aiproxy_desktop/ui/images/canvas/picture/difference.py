"""Where two pictures differ, to be seen and counted. Blocks, in bounded pieces; call it on a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops
from PySide6.QtGui import QImage

from aiproxy_desktop.services.images.masks import feathered
from aiproxy_desktop.services.images.picture import Mask
from aiproxy_desktop.ui.images.canvas.picture.levels import Picture, with_levels
from aiproxy_desktop.ui.images.canvas.pixels import colour_view
from aiproxy_desktop.ui.images.canvas.tools import Difference

_BAND_PIXELS: Final = 1 << 20
# A difference of 1 must be seen: the square root lifts it to 16, and 0 stays black.
_LIFTED: Final = [round((value / 255) ** 0.5 * 255) for value in range(256)]
_ANY: Final = [0] + [255] * 255
_NONE: Final = [255] + [0] * 255


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The difference as a picture (grey, lifted so that the smallest is seen) and in figures."""

    picture: Picture
    found: Difference


def compared(
    before: QImage, after: QImage, mask: Image.Image | None = None, feather: float = 0.0
) -> Compared:
    """Compare two pictures, channel by channel.

    Args:
        before: of another size it is scaled to `after`'s first.
        after: in Format_RGB32 or Format_ARGB32_Premultiplied, as `before`.
        mask: mode L, what may differ; None where nothing is known about that.
        feather: radius of its soft edge, in which pixels may differ too.
    """
    width, height = after.width(), after.height()
    one, other = colour_view(before), colour_view(after)
    if one.size != other.size:
        one = one.resize(other.size, Image.Resampling.BILINEAR)
    allowed = None if mask is None else feathered(Mask(mask), feather).image
    channels = 4 if before.hasAlphaChannel() or after.hasAlphaChannel() else 3
    result = QImage(width, height, QImage.Format.Format_RGB32)
    memory, line = result.bits(), result.bytesPerLine()
    assert isinstance(memory, memoryview)
    pixels = outside = largest = 0
    rows = max(_BAND_PIXELS // max(width, 1), 1)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        box = (0, top, width, bottom)
        grey = _largest(one.crop(box), other.crop(box), channels)
        differs = grey.point(_ANY)
        counts = grey.histogram()
        pixels += sum(counts[1:])
        largest = max(largest, *(value for value, count in enumerate(counts) if count))
        if allowed is not None:
            kept = ImageChops.darker(differs, allowed.crop(box).point(_NONE))
            outside += kept.histogram()[255]
        seen = grey.point(_LIFTED)
        full = Image.new("L", seen.size, 255)
        memory[top * line : bottom * line] = Image.merge("RGBX", (seen, seen, seen, full)).tobytes()
    known = None if allowed is None else outside
    figures = Difference(pixels, known, width * height, largest)
    return Compared(with_levels(result), figures)


def _largest(one: Image.Image, other: Image.Image, channels: int) -> Image.Image:
    found, *rest = ImageChops.difference(one, other).split()[:channels]
    for channel in rest:
        found = ImageChops.lighter(found, channel)
    return found
