"""The guarantee: where the mask is 0, every byte of the result is the original's."""

from __future__ import annotations

from PIL import Image

from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.strips import Box, least_and_most

_SOME = [0] + [255] * 254 + [0]  # 255 where it is neither 0 nor 255


def composited(original: Picture, made: Image.Image, mask: Mask, region: Box | None = None) -> Picture:
    """The original, with what was made of it where the mask lets it be.

    Where the mask is 0 all channels are the original's, the colour of see-through pixels included; where it
    is 255 they are the made ones; between they are blended, by how much of each is seen.

    Args:
        original: what was to be changed.
        made: RGB or RGBA, in the original's colour space, of the region's size.
        mask: already feathered, of the original's size.
        region: the part (left, top, right, bottom) that was made; by default all.

    Raises:
        ValueError: the sizes do not fit.
    """
    region = region or (0, 0, *original.size)
    if original.size != mask.size or made.size != (region[2] - region[0], region[3] - region[1]):
        raise ValueError(f"sizes do not fit: {original.size}, {mask.size}, {made.size} for {region}")
    within = mask.image.crop(region).getbbox()
    if within is None:
        return original
    left, top = region[0] + within[0], region[1] + within[1]
    box = (left, top, region[0] + within[2], region[1] + within[3])
    changed = made.crop(within)
    mode = _mode(original, changed)
    part = original.image.crop(box).convert(mode)
    whole = _as(original.image, mode)
    whole.paste(_blended(part, changed.convert(mode), mask.image.crop(box)), box)
    return Picture(whole, original.icc)


def _mode(original: Picture, made: Image.Image) -> str:
    """RGBA where anything of either is see-through."""
    if original.has_alpha:
        return "RGBA"
    return "RGBA" if made.mode == "RGBA" and least_and_most(made.getchannel("A"))[0] < 255 else "RGB"


def _as(image: Image.Image, mode: str) -> Image.Image:
    return image.copy() if image.mode == mode else image.convert(mode)


def _blended(original: Image.Image, made: Image.Image, mask: Image.Image) -> Image.Image:
    if original.mode == "RGB":
        return Image.composite(made, original, mask)
    # Colours that nobody sees must not tint what is blended with them.
    mixed = Image.composite(made.convert("RGBa"), original.convert("RGBa"), mask).convert("RGBA")
    result = original.copy()
    result.paste(made, (0, 0), mask.point([0] * 255 + [255]))
    result.paste(mixed, (0, 0), mask.point(_SOME))
    return result
