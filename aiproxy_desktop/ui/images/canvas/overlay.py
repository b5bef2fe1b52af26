"""The mask as it is seen: its colour, its dashed outline, and what it protects. In device pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log2
from typing import Final

from PIL import Image, ImageChops
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from aiproxy_desktop.ui.images.canvas.mask.buffer import MaskBuffer
from aiproxy_desktop.ui.images.canvas.panes import Pane
from aiproxy_desktop.ui.images.canvas.view_transform import View

_DARK: Final = 254
_WHITE: Final = 255
_DASH: Final = 4
_GAP: Final = 3
_THRESHOLD: Final = [0] * 128 + [255] * 128
_INVERTED_DIM: Final = [255 - value for value in range(256)]


@dataclass(frozen=True, slots=True, eq=False)
class Soft:
    """The mask with its soft edge, made on a thread: mode L, `scale` of the picture's size."""

    image: Image.Image
    scale: float


@dataclass(frozen=True, slots=True)
class Look:
    """How the mask is shown.

    Attributes:
        colour: with its alpha.
        ratio: device pixels for each logical one.
        protected: whether what is not masked is dimmed and hatched.
        masked: whether the mask is coloured; else its outline alone tells that it is there.
    """

    colour: QColor
    ratio: float
    protected: bool = False
    masked: bool = True


class Overlay:
    """Draws the mask over a part of a layer. Dashes stand still on the picture: parts join without a seam."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.soft: Soft | None = None
        self.merging: bool | None = None  # while a stroke changes what `soft` was made of: adding, or not
        self._table = _table(look.colour)
        self._outline_table = _table(QColor(0, 0, 0, 0))
        self._pattern: Image.Image | None = None
        self._hatch: Image.Image | None = None
        self._most: Image.Image | None = None

    def set_look(self, look: Look) -> None:
        """Show it another way from now on."""
        if look.ratio != self.look.ratio:
            self._pattern = self._hatch = None
        self.look = look
        self._table = _table(look.colour)

    def draw(self, painter: QPainter, mask: MaskBuffer, view: View, rect: QRect, pane: Pane) -> None:
        """Draw it over `rect`, a part of a pane."""
        origin = pane.origin
        thick = max(1, round(self.look.ratio))
        pad = 2 * thick + 1
        local = rect.translated(-origin, 0)
        around = local.adjusted(-pad, -pad, pad, pad)
        hard = _seen(mask, view, around)
        if hard is None:
            return
        soft = self._softened(hard, view, around)
        if self.look.protected:
            self._draw_protected(painter, soft, view, rect, origin, pad)
        if soft.getextrema() != (0, 0):
            index = self._capped(soft)
            self._outline(index, hard, (around.left() - view.left, around.top() - view.top), thick)
            # Over a difference the outline alone is drawn: what differs under the mask is to be seen.
            bare = pane.side == "difference" or not self.look.masked
            table = self._outline_table if bare else self._table
            _draw_indexed(painter, index.crop(_inner(index, pad)), table, rect)

    def _capped(self, soft: Image.Image) -> Image.Image:
        """The mask without the two values that mean something else from here on."""
        kept = self._most
        if kept is None or kept.width < soft.width or kept.height < soft.height:
            kept = self._most = Image.new("L", soft.size, _DARK - 1)
        return ImageChops.darker(soft, kept.crop((0, 0, *soft.size)))

    def _softened(self, hard: Image.Image, view: View, around: QRect) -> Image.Image:
        if self.soft is None:
            return hard
        soft = _resized(self.soft.image, self.soft.scale, view, around, Image.Resampling.BILINEAR)
        if soft is None:
            return hard
        if self.merging is None:
            return soft
        # Until the soft edge is made anew, the stroke itself is shown as it is.
        return ImageChops.lighter(soft, hard) if self.merging else ImageChops.darker(soft, hard)

    def _outline(self, index: Image.Image, hard: Image.Image, place: tuple[int, int], thick: int) -> None:
        inside = hard.point(_THRESHOLD)
        if inside.getextrema() in ((0, 0), (255, 255)):
            return
        edge = ImageChops.lighter(
            ImageChops.difference(inside, _shifted(inside, 1, 0)),
            ImageChops.difference(inside, _shifted(inside, 0, 1)),
        )
        for _ in range(thick - 1):
            edge = ImageChops.lighter(edge, _grown(edge))
        dark = ImageChops.lighter(edge, _grown(edge))
        index.paste(_DARK, None, dark)
        index.paste(_WHITE, None, ImageChops.darker(edge, self._dashes(place, index.size)))

    def _dashes(self, place: tuple[int, int], size: tuple[int, int]) -> Image.Image:
        dash, gap = round(_DASH * self.look.ratio), round(_GAP * self.look.ratio)
        self._pattern = _striped(self._pattern, size, dash, gap)
        return _cut(self._pattern, place, size, dash + gap)

    def _draw_protected(
        self, painter: QPainter, soft: Image.Image, view: View, rect: QRect, origin: int, pad: int
    ) -> None:
        outside = soft.point(_INVERTED_DIM).crop(_inner(soft, pad))
        # What lies outside the picture is not protected: it is not there.
        shown = rect.intersected(view.placed.toAlignedRect().translated(origin, 0))
        if shown.isEmpty():
            return
        outside = outside.crop(_box_of(shown.translated(-rect.topLeft())))
        line, gap = round(1.5 * self.look.ratio), round(7 * self.look.ratio)
        self._hatch = _striped(self._hatch, outside.size, line, gap)
        place = (shown.left() - origin - view.left, shown.top() - view.top)
        lines = ImageChops.darker(outside, _cut(self._hatch, place, outside.size, line + gap))
        _draw_indexed(painter, outside, _ramp(QColor(0, 0, 0), 120), shown)
        _draw_indexed(painter, lines, _ramp(QColor(255, 255, 255), 90), shown)


def _seen(mask: MaskBuffer, view: View, around: QRect) -> Image.Image | None:
    """The mask at the view's resolution; None if nothing of the picture is there."""
    index = 0 if view.zoom >= 1 else min(floor(-log2(view.zoom)), len(mask.levels) - 1)
    return _resized(mask.levels[index], 0.5**index, view, around, Image.Resampling.NEAREST)


def _resized(
    level: Image.Image, scale: float, view: View, around: QRect, how: Image.Resampling
) -> Image.Image | None:
    """What of a level is seen in `around`, 0 outside of it."""
    width, height = round(view.picture.width() * view.zoom), round(view.picture.height() * view.zoom)
    target = around.intersected(QRect(view.left, view.top, width, height))
    if target.isEmpty():
        return None
    factor = scale / view.zoom
    box = (
        (target.left() - view.left) * factor,
        (target.top() - view.top) * factor,
        min((target.right() + 1 - view.left) * factor, level.width),
        min((target.bottom() + 1 - view.top) * factor, level.height),
    )
    if box[2] <= box[0] or box[3] <= box[1]:
        return None
    part = level.resize((target.width(), target.height()), how, box)
    if target == around:
        return part
    result = Image.new("L", (around.width(), around.height()), 0)
    result.paste(part, (target.left() - around.left(), target.top() - around.top()))
    return result


def _shifted(image: Image.Image, dx: int, dy: int) -> Image.Image:
    return image.crop((dx, dy, image.width + dx, image.height + dy))


def _grown(edge: Image.Image) -> Image.Image:
    sides = ((1, 0), (-1, 0), (0, 1), (0, -1))
    grown = _shifted(edge, *sides[0])
    for dx, dy in sides[1:]:
        grown = ImageChops.lighter(grown, _shifted(edge, dx, dy))
    return grown


def _striped(kept: Image.Image | None, size: tuple[int, int], on: int, off: int) -> Image.Image:
    """Diagonal stripes, a period larger than `size` at the least."""
    period = on + off
    if kept is not None and kept.width >= size[0] + period and kept.height >= size[1] + period:
        return kept
    width, height = size[0] + 2 * period + 256, size[1] + 2 * period + 256
    row = (b"\xff" * on + bytes(off)) * (width // period + 2)
    rows = [row[(y % period) : (y % period) + width] for y in range(height)]
    return Image.frombytes("L", (width, height), b"".join(rows))


def _cut(pattern: Image.Image, place: tuple[int, int], size: tuple[int, int], period: int) -> Image.Image:
    left, top = place[0] % period, place[1] % period
    return pattern.crop((left, top, left + size[0], top + size[1]))


def _inner(image: Image.Image, pad: int) -> tuple[int, int, int, int]:
    return (pad, pad, image.width - pad, image.height - pad)


def _box_of(rect: QRect) -> tuple[int, int, int, int]:
    return (rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)


def _ramp(colour: QColor, most: int) -> list[int]:
    return [
        QColor(colour.red(), colour.green(), colour.blue(), value * most // 255).rgba()
        for value in range(256)
    ]


def _table(colour: QColor) -> list[int]:
    table = _ramp(colour, colour.alpha())
    table[_DARK] = QColor(16, 16, 16, 190).rgba()
    table[_WHITE] = QColor(255, 255, 255).rgba()
    return table


def _draw_indexed(painter: QPainter, index: Image.Image, table: list[int], rect: QRect) -> None:
    data = index.tobytes()
    image = QImage(data, index.width, index.height, index.width, QImage.Format.Format_Indexed8)
    image.setColorTable(table)
    # Qt blends what has a palette pixel by pixel, twice as slowly.
    painter.drawImage(rect.topLeft(), image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))
