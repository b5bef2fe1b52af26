"""A picture with halves of halves of itself, so that it looks smooth from afar and costs little to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter

from aiproxy_desktop.ui.images.canvas.pixels import colour_view

_OPAQUE: Final = QImage.Format.Format_RGB32
_SEE_THROUGH: Final = QImage.Format.Format_ARGB32_Premultiplied
_SMALLEST: Final = 256
# What is worked on at once: Qt holds Python's lock meanwhile, and the window waits for it.
_BAND_PIXELS: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is drawn. Never changed in place.

    Attributes:
        size: of the picture as a whole, also while only a preview of it is there.
        levels: the largest first; a preview is one level of whatever size it has.
        complete: whether the first level is the picture itself and the others are there too.
    """

    size: QSize
    levels: tuple[QImage, ...]
    complete: bool = False

    @property
    def see_through(self) -> bool:
        """Whether something behind it can be seen."""
        return self.levels[0].hasAlphaChannel()

    @property
    def has_pixels(self) -> bool:
        """Whether the picture's own pixels are there, four bytes each."""
        return self.levels[0].size() == self.size and self.levels[0].format() in (_OPAQUE, _SEE_THROUGH)

    @property
    def full(self) -> QImage:
        """The largest there is."""
        return self.levels[0]

    def for_scale(self, scale: float) -> QImage:
        """The smallest level that has the pixels to be drawn at `scale`, 1.0 being the picture's own size."""
        wanted = self.size.width() * min(scale, 1.0)
        enough = [level for level in self.levels if level.width() >= wanted - 1]
        return enough[-1] if enough else self.levels[0]


def as_it_comes(image: QImage, size: QSize | None = None) -> Picture:
    """What can be drawn at once, before the levels are made."""
    return Picture(image.size() if size is None else size, (image,))


def with_levels(image: QImage) -> Picture:
    """The picture with its levels. Blocks, about 0.2 s for 50 megapixels; call it on a thread."""
    levels = [_drawn_fast(image)]
    while max(levels[-1].width(), levels[-1].height()) > _SMALLEST:
        levels.append(_half(levels[-1]))
    return Picture(image.size(), tuple(levels), complete=True)


def _drawn_fast(image: QImage) -> QImage:
    """In one of the two formats that are drawn without a conversion."""
    if image.format() in (_OPAQUE, _SEE_THROUGH):
        return image
    result = QImage(image.size(), _SEE_THROUGH if image.hasAlphaChannel() else _OPAQUE)
    rows = max(_BAND_PIXELS // max(image.width(), 1), 1)
    for top in range(0, image.height(), rows):
        band = image.copy(QRect(0, top, image.width(), min(rows, image.height() - top)))
        painter = QPainter(result)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(0, top, band.convertToFormat(result.format()))
        painter.end()
    return result


def _half(image: QImage) -> QImage:
    """Half as wide and high, every four pixels averaged."""
    source = colour_view(image)
    width, height = (image.width() + 1) // 2, (image.height() + 1) // 2
    result = QImage(width, height, image.format())
    memory, line = result.bits(), result.bytesPerLine()
    assert isinstance(memory, memoryview)
    rows = max(_BAND_PIXELS // max(image.width(), 1), 1)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = source.reduce(2, (0, top * 2, image.width(), min(bottom * 2, image.height())))
        memory[top * line : bottom * line] = band.tobytes()
    return result
