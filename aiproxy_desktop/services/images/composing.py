"""The guarantee: where the mask is 0, every byte of the result is the original's."""

from __future__ import annotations

from PIL import Image

from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.strips import difference, least_and_most, strips

_NOTHING = [255] + [0] * 255  # 255 where a mask is 0
_SOME = [0] + [255] * 254 + [0]  # 255 where it is neither 0 nor 255


def composited(original: Picture, made: Image.Image, mask: Mask) -> Picture:
    """The original, with what was made of it where the mask lets it be.

    Where the mask is 0 all channels are the original's, the colour of see-through pixels included; where it
    is 255 they are the made ones; between they are blended, by how much of each is seen.

    Args:
        original: what was to be changed.
        made: RGB or RGBA, of the same size, in the original's colour space.
        mask: already feathered.

    Raises:
        ValueError: the sizes differ.
    """
    if not original.size == made.size == mask.size:
        raise ValueError(f"sizes differ: {original.size}, {made.size}, {mask.size}")
    box = mask.box
    if box is None:
        return original
    part, changed, where = original.image.crop(box), made.crop(box), mask.image.crop(box)
    see_through = changed.mode == "RGBA" and least_and_most(changed.getchannel("A"))[0] < 255
    mode = "RGBA" if original.has_alpha or see_through else "RGB"
    whole = original.image.copy() if original.image.mode == mode else original.image.convert(mode)
    whole.paste(_blended(part.convert(mode), changed.convert(mode), where), box)
    return Picture(whole, original.icc)


def unchanged_outside(original: Picture, result: Picture, mask: Mask) -> bool:
    """Whether every byte where the mask is 0 is the original's."""
    return changed_outside(original, result, mask) == 0


def changed_outside(original: Picture, result: Picture, mask: Mask) -> int:
    """How many pixels differ where the mask is 0; all of them where the sizes do."""
    if not original.size == result.size == mask.size:
        return original.size[0] * original.size[1]
    count = 0
    for box in strips(original.size):
        outside = mask.image.crop(box).point(_NOTHING)
        differs = _any_channel(original.image.crop(box), result.image.crop(box))
        count += sum(differs.histogram(outside)[1:])
    return count


def difference_view(first: Picture, second: Picture, *, amplified: int = 4) -> Picture:
    """Where and how far two pictures of one size differ: black where they are equal, brighter the further.

    Raises:
        ValueError: the sizes differ.
    """
    if first.size != second.size:
        raise ValueError(f"sizes differ: {first.size}, {second.size}")
    apart = difference(first.image.convert("RGB"), second.image.convert("RGB"))
    # The least difference is seen, too.
    table = [0] + [min(255, 24 + value * amplified) for value in range(1, 256)]
    return Picture(apart.point(table * 3))


def _blended(original: Image.Image, made: Image.Image, mask: Image.Image) -> Image.Image:
    if original.mode == "RGB":
        return Image.composite(made, original, mask)
    # Colours that nobody sees must not tint what is blended with them.
    mixed = Image.composite(made.convert("RGBa"), original.convert("RGBa"), mask).convert("RGBA")
    result = original.copy()
    result.paste(made, (0, 0), mask.point([0] * 255 + [255]))
    result.paste(mixed, (0, 0), mask.point(_SOME))
    return result


def _any_channel(first: Image.Image, second: Image.Image) -> Image.Image:
    """Mode L: 0 where all channels are equal."""
    from PIL import ImageChops

    if first.mode != second.mode:
        first, second = first.convert("RGBA"), second.convert("RGBA")
    bands = ImageChops.difference(first, second).split()
    most = bands[0]
    for band in bands[1:]:
        most = ImageChops.lighter(most, band)
    return most
