"""Between the studio's pixels (Pillow) and Qt's. Slow for large pictures: called on a thread."""

from __future__ import annotations

from PIL import Image
from PySide6.QtGui import QColorSpace, QImage

from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.ui.images.canvas.pixels import grey_of

# What is copied at once.
_BAND_PIXELS = 1 << 19


def qimage_of(picture: Picture) -> QImage:
    """A picture as Qt paints it: RGB32 or premultiplied ARGB32, in sRGB.

    Made in bands: whoever copies bytes holds Python's lock meanwhile, and the window waits for it.
    """
    image = picture.image
    form = QImage.Format.Format_ARGB32_Premultiplied if picture.has_alpha else QImage.Format.Format_RGB32
    shown = QImage(image.width, image.height, form)
    space = QColorSpace.fromIccProfile(picture.icc) if picture.icc else QColorSpace()
    memory, line = shown.bits(), shown.bytesPerLine()
    assert isinstance(memory, memoryview)
    rows = max(_BAND_PIXELS // max(image.width, 1), 1)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        band = image.crop((0, top, image.width, bottom))
        memory[top * line : bottom * line] = _in_srgb(band, space) if space.isValid() else _raw(band)
    return shown


def mask_of(painted: QImage) -> Mask:
    """What was painted on the canvas, as it is worked with."""
    return Mask(grey_of(painted, painted.size()))


def _raw(band: Image.Image) -> bytes:
    """Rows as they lie in a QImage."""
    return band.convert("RGBa").tobytes("raw", "BGRa") if band.mode == "RGBA" else band.tobytes("raw", "BGRX")


def _in_srgb(band: Image.Image, space: QColorSpace) -> bytes:
    """The same colours to the eye, whatever space the values are in."""
    form = QImage.Format.Format_ARGB32_Premultiplied if band.mode == "RGBA" else QImage.Format.Format_RGB32
    raw = _raw(band)
    shown = QImage(raw, band.width, band.height, band.width * 4, form)
    shown.setColorSpace(space)
    converted = shown.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    if converted.isNull():  # a profile that Qt cannot use is left out
        return raw
    return bytes(converted.convertToFormat(form).constBits())
