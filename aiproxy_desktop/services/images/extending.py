"""Crop and outpaint: pictures cut smaller, and made larger with a mask of what is new."""

from __future__ import annotations

from typing import Literal

from PIL import Image

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.recognising import MOST_PIXELS

Filling = Literal["clear", "edges"]


def crop(picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    """The part of a picture in a box (left, top, right, bottom), which is cut to the picture.

    Raises:
        InvalidRequestError: nothing of the picture is in it.
    """
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(picture.size[0], box[2]), min(picture.size[1], box[3])
    if left >= right or top >= bottom:
        raise InvalidRequestError(
            "The crop holds nothing of the image", "Draw it over the part that shall stay."
        )
    return Picture(picture.image.crop((left, top, right, bottom)), picture.icc)


def extend(
    picture: Picture, left: int, top: int, right: int, bottom: int, *, filling: Filling = "clear"
) -> tuple[Picture, Mask]:
    """A picture with room to its sides, and the mask of the room.

    The mask does not reach into the picture: all of it is kept, byte for byte.

    Args:
        picture: what is in the middle.
        left: pixels to be added at that side, none or more.
        top: likewise.
        right: likewise.
        bottom: likewise.
        filling: see-through (the result has alpha), or the colours of the picture's edges.

    Raises:
        InvalidRequestError: no room is asked for, or more than can be held.
    """
    width, height = picture.size
    size = width + left + right, height + top + bottom
    if min(left, top, right, bottom) < 0 or size == picture.size:
        raise InvalidRequestError(
            "The image is not extended", "Drag an edge outward, or say how many pixels to add."
        )
    if size[0] * size[1] > MOST_PIXELS:
        raise InvalidRequestError(
            f"{size[0]} × {size[1]} pixels are too many", f"At most {MOST_PIXELS // 10**6} megapixels fit."
        )
    mask = Image.new("L", size, 255)
    mask.paste(0, (left, top, left + width, top + height))
    if filling == "clear":
        whole = Image.new("RGBA", size)
        whole.paste(picture.image.convert("RGBA"), (left, top))
    else:
        whole = with_edges(picture.image, (left, top, left + width, top + height), size)
    return Picture(whole, picture.icc), Mask(mask)


def with_edges(image: Image.Image, place: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
    """An image at a place of a larger one, whose rest goes on as its edges are."""
    left, top, right, bottom = place
    whole = Image.new(image.mode, size)
    whole.paste(image, (left, top))
    if left:
        whole.paste(whole.crop((left, top, left + 1, bottom)).resize((left, bottom - top)), (0, top))
    if right < size[0]:
        edge = whole.crop((right - 1, top, right, bottom)).resize((size[0] - right, bottom - top))
        whole.paste(edge, (right, top))
    # Now whole rows: the corners go on, too.
    if top:
        whole.paste(whole.crop((0, top, size[0], top + 1)).resize((size[0], top)), (0, 0))
    if bottom < size[1]:
        edge = whole.crop((0, bottom - 1, size[0], bottom)).resize((size[0], size[1] - bottom))
        whole.paste(edge, (0, bottom))
    return whole
