"""The application's icon in every size and container that a system asks for, out of its two drawings."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from shipping.layout import ICONS, TOP, project

if TYPE_CHECKING:
    from PIL.Image import Image

# Sizes of the hicolor theme (specifications.freedesktop.org/icon-theme-spec), pixels.
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
# Those of Windows (learn.microsoft.com/windows/apps/design/style/iconography/app-icon-construction), pixels.
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
# Those of an .icns (Pillow's documentation, "ICNS"), pixels.
ICNS_SIZES = (32, 64, 128, 256, 512, 1024)

_FOLDER = TOP / "resources" / "icons" / "app"
DRAWING = _FOLDER / f"{project.COMMAND}.svg"
# Up to so many pixels another drawing, with less in it, tells more.
_SMALL, _SMALL_DRAWING = 24, _FOLDER / f"{project.COMMAND}-small.svg"
# What the executable of Windows and the bundle of macOS bear.
ICO = ICONS / f"{project.COMMAND}.ico"
ICNS = ICONS / f"{project.COMMAND}.icns"

# The drawing's square has 112 of 128 parts of each side, those in Apple's Dock 824 of 1024.
_ON_A_MAC = (824 / 1024) / (112 / 128)


def picture(size: int, scale: float = 1.0) -> bytes:
    """The drawing as a PNG.

    Args:
        size: pixels of each side.
        scale: how large it is drawn in them, from the middle.
    """
    from PySide6.QtCore import QBuffer, QIODevice, QRectF
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    drawing = _SMALL_DRAWING if size <= _SMALL else DRAWING
    margin = size * (1 - scale) / 2
    painter = QPainter(image)
    QSvgRenderer(str(drawing)).render(painter, QRectF(margin, margin, size * scale, size * scale))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # its stubs want bytes and take text
    return bytes(buffer.data().data())


def make() -> None:
    """Draw those for Windows and macOS into `build/icons`; a desktop of Linux takes single pictures."""
    ICONS.mkdir(parents=True, exist_ok=True)
    *smaller, largest = (_image(size) for size in ICO_SIZES)
    largest.save(ICO, sizes=[(size, size) for size in ICO_SIZES], append_images=smaller)
    *smaller, largest = (_image(size, _ON_A_MAC) for size in ICNS_SIZES)
    largest.save(ICNS, append_images=smaller)


def _image(size: int, scale: float = 1.0) -> Image:
    from PIL import Image

    return Image.open(BytesIO(picture(size, scale)))
