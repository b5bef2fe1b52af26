"""The soft edge that a run gives the mask, worked out beside the window and shown when it is there."""

from __future__ import annotations

from functools import partial
from typing import Final

from PIL import Image
from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.images.masks import feathered
from aiproxy_desktop.services.images.picture import Mask
from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.canvas.mask.model import MaskModel
from aiproxy_desktop.ui.images.canvas.overlay import Soft

_MOST_PIXELS: Final = 4 << 20


class Feathering(QObject):
    """Makes the soft mask of one radius, again after each change.

    Signals:
        made: a `Soft`, or None where there is no soft edge.
    """

    made = Signal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._mask: MaskModel | None = None
        self._round = 0
        self.radius = 0.0

    def follow(self, mask: MaskModel | None) -> None:
        """Make it of this mask from now on."""
        self._mask = mask
        self.make()

    def set_radius(self, radius: float) -> None:
        """Another radius, in pixels of the picture; 0 is a hard edge."""
        if radius != self.radius:
            self.radius = radius
            self.make()

    def make(self) -> None:
        """Make it of the mask as it is now."""
        self._round += 1
        mask = self._mask
        if mask is None or self.radius <= 0 or mask.box.isEmpty():
            self.made.emit(None)
            return
        levels = mask.buffer.levels
        index = next(
            (place for place, level in enumerate(levels) if level.width * level.height <= _MOST_PIXELS), 0
        )
        scale = 0.5**index
        level = levels[index].copy()
        self._background.run(
            partial(_softened, level, self.radius * scale), partial(self._take, self._round, scale)
        )

    def _take(self, round_: int, scale: float, image: Image.Image) -> None:
        if round_ == self._round:
            self.made.emit(Soft(image, scale))


def _softened(level: Image.Image, radius: float) -> Image.Image:
    return feathered(Mask(level), radius).image
