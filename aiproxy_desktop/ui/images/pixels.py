"""Between the studio's pixels (Pillow) and Qt's. Slow for large pictures: called on a thread."""

from __future__ import annotations

from PIL import Image
from PySide6.QtGui import QColorSpace, QImage

from aiproxy_desktop.services.images.picture import Mask, Picture


def qimage_of(picture: Picture) -> QImage:
    """A picture as Qt paints it: its own copy, RGB32 or premultiplied ARGB32, in sRGB."""
    image = picture.image
    width, height = image.size
    if picture.has_alpha:
        raw = image.tobytes("raw", "BGRA")
        shown = QImage(raw, width, height, width * 4, QImage.Format.Format_ARGB32)
        shown = shown.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    else:
        raw = image.tobytes("raw", "BGRX")
        shown = QImage(raw, width, height, width * 4, QImage.Format.Format_RGB32).copy()
    return _in_srgb(shown, picture.icc)


def mask_of(painted: QImage) -> Mask:
    """What was painted on the canvas, as it is worked with."""
    grey = painted.convertToFormat(QImage.Format.Format_Grayscale8)
    if painted.format() == QImage.Format.Format_Alpha8:
        grey = painted.copy()
        grey.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    size = (grey.width(), grey.height())
    return Mask(Image.frombytes("L", size, bytes(grey.constBits()), "raw", "L", grey.bytesPerLine(), 1))


def qimage_of_mask(mask: Mask) -> QImage:
    """A mask for the canvas: Grayscale8, white where it may change."""
    width, height = mask.size
    return QImage(mask.image.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()


def _in_srgb(shown: QImage, icc: bytes) -> QImage:
    """The same colours to the eye, whatever space the values are in; a profile Qt cannot use is left out."""
    space = QColorSpace.fromIccProfile(icc) if icc else QColorSpace()
    if space.isValid():
        shown.setColorSpace(space)
        shown.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return shown
