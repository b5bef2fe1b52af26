"""Masks: made softer, read from files, written to files, and written as OpenAI takes them."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from typing import Literal

from PIL import Image, ImageChops, ImageFilter

from aiproxy_desktop.core.errors import InvalidRequestError, MediaError
from aiproxy_desktop.services.chosen_files import clean_name
from aiproxy_desktop.services.images.opening import open_image
from aiproxy_desktop.services.images.picture import Mask
from aiproxy_desktop.services.images.strips import least_and_most, lighter

# OpenAI's bound for a mask (openai-python 3.54.0, `images.edit`).
_MOST_MASK_BYTES = 4 * 1024 * 1024
_ROWS = 256  # of a mask, written at a time
# How finely a mask is written: all values; where that takes too many bytes, few; in the end yes or no.
_STEPS = (1, 16, 255)
# How far a mask's shape may be from its picture's and still be meant for it.
_SAME_ASPECT = 0.01


def feathered(mask: Mask, radius: float) -> Mask:
    """A mask with a soft edge, which grows outward: what was 255 stays so.

    Args:
        mask: as it was painted.
        radius: pixels over which it fades; beyond them it is 0, and nothing changes there.
    """
    reach = math.floor(radius)
    box = mask.box
    if box is None or reach < 1:
        return mask
    width, height = mask.size
    around = (
        max(0, box[0] - reach),
        max(0, box[1] - reach),
        min(width, box[2] + reach),
        min(height, box[3] + reach),
    )
    part = mask.image.crop(around)
    # Half of the way it grows; over that half it is blurred, twice where there is room: a softer slope.
    half = reach // 2
    soft = _grown(part, half)
    for blur in (half // 2, half - half // 2) if half > 1 else (1,):
        soft = soft.filter(ImageFilter.BoxBlur(blur))
    whole = Image.new("L", mask.size)
    whole.paste(lighter(soft, part), around)
    return Mask(whole)


def mask_file(mask: Mask) -> bytes:
    """A mask as a PNG in grey: white is changed."""
    return _png(mask.image, "L")


def for_openai(mask: Mask) -> bytes:
    """A mask as OpenAI takes it: a PNG below 4 MB whose alpha is 0 where the picture is to change.

    Raises:
        InvalidRequestError: it is too intricate for that size.
    """
    for step in _STEPS:
        image = mask.image.point([_kept(value, step) for value in range(256)])
        data = _png(image, "RGBA")
        if len(data) < _MOST_MASK_BYTES:
            return data
    raise InvalidRequestError(
        "The mask is too intricate to be sent", "Paint larger areas, or crop the picture."
    )


def mask_from(data: bytes, name: str, size: tuple[int, int]) -> Mask:
    """A mask out of a file: see-through is changed where it has alpha that varies, else white.

    One of another size is scaled where its shape is the picture's.

    Args:
        data: an image file of any kind that can be opened.
        name: what it is called in errors.
        size: that of the picture.

    Raises:
        MediaError: it cannot be read, or it is of another shape than the picture.
    """
    image = open_image(data, name)
    seen = f"“{clean_name(name)}”"
    if image.size != size:
        theirs, ours = f"{image.width} × {image.height}", f"{size[0]} × {size[1]}"
        if abs(image.width * size[1] / (image.height * size[0]) - 1) > _SAME_ASPECT:
            raise MediaError(
                f"{seen} is no mask for this image: it has {theirs} pixels, the image {ours}",
                "Choose a mask of the image's size.",
            )
        # In its own values: alpha and white are told apart by what the file holds.
        image = image.resize(size, Image.Resampling.BILINEAR)
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        least, most = least_and_most(alpha)
        if least != most:
            return Mask(alpha.point([255 - value for value in range(256)]))
    return Mask(image.convert("RGB").convert("L"))


def _kept(value: int, step: int) -> int:
    """The alpha for a mask's value; what is 255 is wholly see-through, what is 0 wholly seen."""
    if step == 255:
        return 0 if value else 255
    return 255 - (255 if value == 255 else value // step * step)


def _grown(image: Image.Image, by: int) -> Image.Image:
    """Each pixel as the largest value within so many pixels of it, in an octagon: nearly round."""
    # A square and one that stands on its corner make an octagon, an even one at this share. The second
    # leaves out every other pixel; the first fills them in.
    slanted = int(by * 0.293)
    for across, down, reach in (
        (1, 1, slanted),
        (1, -1, slanted),
        (1, 0, by - 2 * slanted),
        (0, 1, by - 2 * slanted),
    ):
        done = 0
        while done < reach:
            # Two copies side by side of what reaches `done` far leave no gap up to this shift.
            shift = min(reach - done, 2 * done + 1)
            image = lighter(
                lighter(_shifted(image, across * shift, down * shift), image),
                _shifted(image, -across * shift, -down * shift),
            )
            done += shift
    return image


def _shifted(image: Image.Image, across: int, down: int) -> Image.Image:
    return image.crop((across, down, image.width + across, image.height + down))


def _png(image: Image.Image, mode: Literal["L", "RGBA"]) -> bytes:
    """Grey, or a see-through black, as a PNG (w3.org/TR/png-3).

    Each row is written as what differs from the row above it, which is next to nothing in a mask: it takes a
    quarter of the time of writers that try every filter.
    """
    width, height = image.size
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if mode == "L" else 6, 0, 0, 0)
    packed = zlib.compressobj(2)
    pixels = [packed.compress(rows) for rows in _filtered(image, mode)]
    pixels.append(packed.flush())
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _filtered(image: Image.Image, mode: Literal["L", "RGBA"]) -> Iterator[bytes]:
    width, height = image.size
    for top in range(0, height, _ROWS):
        end = min(height, top + _ROWS)
        rows = ImageChops.subtract_modulo(
            image.crop((0, top, width, end)), image.crop((0, top - 1, width, end - 1))
        )
        if mode == "RGBA":
            nothing = Image.new("L", rows.size)
            rows = Image.merge("RGBA", (nothing, nothing, nothing, rows))
        raw = memoryview(rows.tobytes())
        row = width * len(mode)
        yield b"".join(part for at in range(0, len(raw), row) for part in (b"\x02", raw[at : at + row]))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
