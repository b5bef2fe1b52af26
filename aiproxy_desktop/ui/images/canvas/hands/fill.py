"""Filling: what looks like the pixel clicked, or what an outline encloses."""

from __future__ import annotations

from functools import partial

from PIL import Image, ImageFilter
from PySide6.QtGui import QImage

from aiproxy_desktop.ui.images.canvas.hands.base import Desk, Hand, Touch
from aiproxy_desktop.ui.images.canvas.mask.flood import connected, like
from aiproxy_desktop.ui.images.canvas.mask.model import Hand as MaskHand
from aiproxy_desktop.ui.images.canvas.pixels import colour_view
from aiproxy_desktop.ui.images.canvas.tools import FillMode


class FillHand(Hand):
    """A click fills, beside the window; Alt takes away what it would fill."""

    tool = "fill"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._round = 0
        self.busy = False

    def press(self, touch: Touch) -> None:
        x, y = int(touch.place.x() // 1), int(touch.place.y() // 1)
        mask, picture = self.stage.mask, self.stage.after
        if mask is None or picture is None or not self.stage.view.picture_rect.contains(x, y):
            return
        if not picture.has_pixels and self.desk.fill_mode != "inside":
            return  # a preview says nothing of single pixels
        self._round += 1
        self._set_busy(busy=True)
        if self.desk.fill_mode == "inside":
            before = mask.buffer.image.copy()
            work = partial(_inside, before, x, y, touch.hand)
        else:
            work = partial(_by_colour, picture.full, x, y, self.desk.tolerance, self.desk.fill_mode)
        self.desk.background.run(work, partial(self._take, self._round, touch.hand))

    def double(self, touch: Touch) -> None:
        del touch  # the first click has filled

    def cancel(self) -> bool:
        self._round += 1
        was, self.busy = self.busy, False
        if was:
            self.desk.busy_changed.emit(False)
        return was

    def take_up(self) -> None:
        self.cancel()

    def _take(self, round_: int, hand: MaskHand, coverage: Image.Image) -> None:
        if round_ != self._round or self.stage.mask is None:
            return
        self._set_busy(busy=False)
        self.stage.mask.region(coverage, hand)

    def _set_busy(self, *, busy: bool) -> None:
        if busy != self.busy:
            self.busy = busy
            self.desk.busy_changed.emit(busy)


def _by_colour(picture: QImage, x: int, y: int, tolerance: int, mode: FillMode) -> Image.Image:
    alike = like(colour_view(picture), x, y, tolerance, 4 if picture.hasAlphaChannel() else 3)
    return connected(alike, x, y) if mode == "colour" else alike


def _inside(mask: Image.Image, x: int, y: int, hand: MaskHand) -> Image.Image:
    """What the edge of the mask encloses around a pixel: a hole to be filled, or a patch to be taken away."""
    wanted = [255] * 128 + [0] * 128 if hand == "add" else [0] * 128 + [255] * 128
    found = connected(mask.point(wanted), x, y)
    # The smooth edge of the outline is filled as well: two steps outwards.
    return found if found.getbbox() is None else _grown(found)


def _grown(found: Image.Image) -> Image.Image:
    return found.filter(ImageFilter.MaxFilter(3))
