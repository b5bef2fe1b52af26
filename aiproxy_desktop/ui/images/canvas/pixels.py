"""Qt's pictures under Pillow's eyes, without a copy where that is safe."""

from __future__ import annotations

from typing import Final

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

_GREY: Final = (QImage.Format.Format_Grayscale8, QImage.Format.Format_Alpha8)


def grey_view(image: QImage) -> Image.Image:
    """An 8-bit QImage as mode L, over the same memory: valid while `image` lives and is not changed."""
    return _view(image, "L")


def colour_view(image: QImage) -> Image.Image:
    """A 32-bit QImage as four channels (blue, green, red, alpha or nothing), over the same memory.

    As RGBX, since Pillow would multiply RGBA by its alpha, which Qt has done.
    """
    return _view(image, "RGBX")


def _view(image: QImage, mode: str) -> Image.Image:
    size, memory = (image.width(), image.height()), image.constBits()
    return Image.frombuffer(mode, size, memory, "raw", mode, image.bytesPerLine(), 1)  # type: ignore[arg-type]  # any buffer will do


def grey_image(image: Image.Image) -> QImage:
    """A picture of mode L as Format_Grayscale8, over bytes that live as long as any copy of it."""
    width, height = image.size
    return QImage(image.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)


def grey_of(image: QImage, size: QSize) -> Image.Image:
    """A mask of any format and size as mode L of the size wanted."""
    if image.format() not in _GREY:
        image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    found = grey_view(image).copy()
    wanted = (size.width(), size.height())
    return found if found.size == wanted else found.resize(wanted, Image.Resampling.BILINEAR)
