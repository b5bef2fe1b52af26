"""The application's icon in every size and container that a system asks for, out of the one drawing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from shipping.layout import ICONS, TOP, project

# Sizes of the hicolor theme (specifications.freedesktop.org/icon-theme-spec), pixels.
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
# Those of Windows (learn.microsoft.com/windows/apps/design/style/iconography/app-icon-construction), pixels.
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)

DRAWING = TOP / "resources" / "icons" / "app" / f"{project.COMMAND}.svg"
# What Windows and macOS want.
ICO = ICONS / f"{project.COMMAND}.ico"
ICNS = ICONS / f"{project.COMMAND}.icns"


def picture(size: int) -> bytes:
    """The drawing as a PNG of so many pixels a side."""
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # its stubs want bytes and take text
    return bytes(buffer.data().data())


def png(size: int) -> Path:
    """Where the picture of that size is."""
    return ICONS / f"icon-{size}.png"


def make() -> None:
    """Draw them all: `icon-16.png` and so on, one .ico and one .icns."""
    from PIL import Image

    ICONS.mkdir(parents=True, exist_ok=True)
    wanted = {*SIZES, *ICO_SIZES, 1024}
    drawn = {size: picture(size) for size in sorted(wanted)}
    for size, data in drawn.items():
        png(size).write_bytes(data)
    images = {size: Image.open(BytesIO(data)) for size, data in drawn.items()}
    images[256].save(
        ICO,
        sizes=[(size, size) for size in ICO_SIZES],
        append_images=[images[size] for size in ICO_SIZES if size != 256],
    )
    images[1024].save(ICNS, append_images=[images[size] for size in (32, 64, 128, 256, 512)])
