"""Pictures made from what was asked, so that polarity, size and alignment can be proven on pixels."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageStat

from tests.image_servers.behaviour import Behaviour

Colour = tuple[int, int, int]


def colour_of(prompt: str, variant: int = 0) -> Colour:
    """The first colour that the prompt names (CSS names), else one of its own; variants differ."""
    found = next((_named(word) for word in prompt.lower().split() if _named(word)), None)
    if found is None:
        number = zlib.crc32(prompt.encode())
        found = (number & 0xFF, number >> 8 & 0xFF, number >> 16 & 0xFF)
    red, green, blue = found
    return red, green, (blue + 40 * variant) % 256


def picture(data: bytes) -> Image.Image:
    """A picture of these bytes, read whole."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def generated(
    prompt: str, size: tuple[int, int], *, variant: int = 0, transparent: bool = False
) -> Image.Image:
    """The prompt's colour over all, and a darker frame; with `transparent` a disc of it on nothing."""
    colour = colour_of(prompt, variant)
    if transparent:
        image = Image.new("RGBA", size, (0, 0, 0, 0))
        ImageDraw.Draw(image).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=(*colour, 255))
        return image
    image = Image.new("RGB", size, colour)
    frame = tuple(part // 2 for part in colour)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=frame, width=4)
    return image


def edited(
    images: Sequence[Image.Image],
    hole: Image.Image | None,
    prompt: str,
    behaviour: Behaviour,
    *,
    variant: int = 0,
) -> Image.Image:
    """The first image with the prompt's colour exactly in the hole, and all else slightly changed.

    Args:
        images: the one that is changed, and references.
        hole: mode L, 255 where to paint; None tints all, with a strip of each reference's mean colour.
        prompt: gives the colour.
        behaviour: disturb and shift.
        variant: which of several.
    """
    colour = colour_of(prompt, variant)
    result = images[0].convert("RGBA" if _has_alpha(images[0]) else "RGB")
    result = _disturbed(result, behaviour.disturb)
    paint = Image.new(result.mode, result.size, colour)
    if hole is None:
        result = Image.blend(result, paint, 0.5)
        _add_strips(result, images[1:])
    else:
        result.paste(paint, mask=hole)
    if behaviour.shift != (0, 0):
        result = ImageChops.offset(result, *behaviour.shift)
    return result


def hole_of(mask: Image.Image) -> Image.Image:
    """Where OpenAI's mask says to edit: 255 exactly where it is fully transparent."""
    return mask.getchannel("A").point([255, *[0] * 255])


def encoded(image: Image.Image, kind: str = "png", quality: int | None = None) -> bytes:
    """Bytes of a picture. `kind` is png, jpeg or webp."""
    out = BytesIO()
    if kind == "jpeg":
        image.convert("RGB").save(out, "JPEG", quality=min(95, max(1, quality or 90)))
    elif kind == "webp":
        image.save(out, "WEBP", quality=100 if quality is None else quality, method=0)
    else:
        image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def preview(image: Image.Image, step: int) -> Image.Image:
    """An unfinished image: coarse at first, and of the final size."""
    small = (max(1, image.width >> (4 - step)), max(1, image.height >> (4 - step)))
    return image.resize(small, Image.Resampling.BOX).resize(image.size, Image.Resampling.NEAREST)


def _add_strips(result: Image.Image, references: Sequence[Image.Image]) -> None:
    for number, reference in enumerate(references):
        mean = tuple(round(part) for part in ImageStat.Stat(reference.convert("RGB")).mean)
        top = 8 * number
        result.paste(Image.new(result.mode, (result.width, 8), mean), (0, top))


def _disturbed(image: Image.Image, amount: int) -> Image.Image:
    if not amount:
        return image
    table = [value + amount if value + amount < 256 else value - amount for value in range(256)]
    same = list(range(256))
    return image.point(table * 3 + (same if image.mode == "RGBA" else []))


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


@lru_cache
def _named(word: str) -> Colour | None:
    name = word.strip(".,;:!?")
    return ImageColor.getrgb(name)[:3] if name in ImageColor.colormap else None
