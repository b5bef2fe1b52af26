"""Icons: the project's own SVG files, drawn in any colour, at any device ratio."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from aiproxy_desktop.project import COMMAND
from aiproxy_desktop.resources_dir import resources_dir

# Of window lists, switchers and title bars, pixels.
_WINDOW_SIZES = (16, 24, 32, 48, 64, 128, 256)
# Up to so many pixels another drawing, with less in it, tells more.
_SMALL = 24


def icon_pixmap(name: str, color: str, size: int, device_ratio: float = 1.0) -> QPixmap:
    """One icon as a pixmap of `size` logical pixels.

    Qt's own pixmap cache keeps it: drawing the same icon again costs a look-up.

    Args:
        name: file name in resources/icons without its ending, such as `chat-20`.
        color: what `currentColor` becomes, `#RRGGBB`; of no meaning where colours are fixed.
        size: logical pixels, both ways.
        device_ratio: of the screen it is for.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    key = f"icon:{name}:{color}:{size}:{device_ratio}"
    cached = QPixmap()
    if QPixmapCache.find(key, cached):
        return cached
    source = (resources_dir() / "icons" / f"{name}.svg").read_text("ascii").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(source.encode("ascii")))
    side = round(size * device_ratio)
    pixmap = QPixmap(QSize(side, side))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(device_ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def icon(name: str, color: str, size: int = 16, disabled: str | None = None) -> QIcon:
    """The same as a QIcon for buttons and menus, sharp at 1x and 2x.

    Args:
        name: as for `icon_pixmap`.
        color: in the normal state.
        size: logical pixels.
        disabled: colour while the widget is disabled; None leaves it to the style.
    """
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(icon_pixmap(name, color, size, ratio), QIcon.Mode.Normal)
        if disabled is not None:
            result.addPixmap(icon_pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return result


def application_icon() -> QIcon:
    """The application's own, for its windows; whoever shows them picks a size."""
    result = QIcon()
    for size in _WINDOW_SIZES:
        drawing = f"{COMMAND}-small" if size <= _SMALL else COMMAND
        result.addPixmap(icon_pixmap(f"app/{drawing}", "", size))
    return result
