"""Pixels in memory. Pillow does the arithmetic; it needs no window."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image as it is worked on: upright, one frame, 8 bits a channel. Never changed in place.

    `image` is of mode RGB or RGBA (not premultiplied); `icc` is the colour profile its values are in, empty
    for sRGB.
    """

    image: Image.Image
    icc: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.size

    @property
    def has_alpha(self) -> bool:
        """Whether pixels can be see-through."""
        return self.image.mode == "RGBA"


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Where a picture may change: mode L, 255 is changed, 0 stays as it is, between is blended."""

    image: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, those of its picture."""
        return self.image.size

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """The smallest rectangle (left, top, right, bottom) around what may change; None if nothing may."""
        return self.image.getbbox()
