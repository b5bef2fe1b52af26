"""How a picture goes to a model: which part of it, at which size, and back again. Values only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiproxy_desktop.core.images.models import ImageModelFacts

Box = tuple[int, int, int, int]
Size = tuple[int, int]

# Sizes of models that take any (see `core.images.requests`): sides in steps, within bounds either way.
_STEP = 16
_LONG, _SHORT = 3840, 2160
_MOST_RATIO = 3.0
# Models draw small pictures badly: smaller ones are sent larger, about so many pixels.
_LEAST_PIXELS = 1024 * 640
# What goes along with a mask so that the change fits in: a part of the mask's sides, and never less.
_CONTEXT = 0.6
_LEAST_CONTEXT = 192
_LEAST_REGION = 1024
# A part is sent instead of the whole only where it stays so much sharper.
_WORTH_A_PART = 1.2
_AS_GOOD_AS_ONE = 1.05
# Pixels along each side of a square answer of Gemini's; other shapes have as many in all.
_RESOLUTIONS = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}


@dataclass(frozen=True, slots=True)
class EditPlan:
    """What is sent of a picture, and where it stands in what is sent.

    `region` of the picture is scaled to `content`, a box in an image of `sent_size`; the rest of that is
    padding, which is thrown away. `options` are those that ask for an answer of that size.
    """

    size: Size
    region: Box
    content: Box
    sent_size: Size
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def region_size(self) -> Size:
        """Width and height of the part that is sent, in the picture's pixels."""
        return self.region[2] - self.region[0], self.region[3] - self.region[1]

    @property
    def content_size(self) -> Size:
        """Width and height of that part where it is sent."""
        return self.content[2] - self.content[0], self.content[3] - self.content[1]

    @property
    def scale(self) -> float:
        """Pixels sent for each of the picture's, along a side; below 1 detail is lost."""
        return self.content_size[0] / self.region_size[0]

    @property
    def whole(self) -> bool:
        """Whether all of the picture is sent."""
        return self.region == (0, 0, *self.size)

    def padding(self) -> Box:
        """Pixels of padding at the left, top, right and bottom of what is sent."""
        left, top, right, bottom = self.content
        return left, top, self.sent_size[0] - right, self.sent_size[1] - bottom


def plan_edit(
    size: Size, mask_box: Box | None, facts: ImageModelFacts | None, options: Mapping[str, Any]
) -> EditPlan:
    """Which part of a picture is sent, and at which size.

    All of it, unless that would have to be shrunk and the mask is small: then the part around the mask, so
    that a patch in a large photo is as sharp as the photo. Shapes are never stretched: what a model has no
    size for is padded.

    Args:
        size: of the picture.
        mask_box: what may change; None for all of it.
        facts: what the model takes; None where that is not known: the picture is sent as it is.
        options: those of the request; a size, aspect ratio or resolution that is chosen there is kept to.
    """
    whole = (0, 0, *size)
    plan = _fitted(size, whole, facts, options)
    if mask_box is None or mask_box == whole or facts is None or plan.scale >= 1:
        return plan
    part = _fitted(size, _around(size, mask_box, plan.sent_size), facts, options)
    # The part's own size may differ from the whole's: once more, in its shape.
    if part.scale < plan.scale * _WORTH_A_PART:
        return plan
    return part


def _fitted(size: Size, region: Box, facts: ImageModelFacts | None, options: Mapping[str, Any]) -> EditPlan:
    wide, high = region[2] - region[0], region[3] - region[1]
    sent, asked = _sent_size((wide, high), facts, options)
    scale = min(sent[0] / wide, sent[1] / high)
    if 1 <= scale < _AS_GOOD_AS_ONE:
        scale = 1.0  # pixel for pixel: what is not scaled loses nothing
    across = min(sent[0], max(1, round(wide * scale)))
    down = min(sent[1], max(1, round(high * scale)))
    if sent[0] - across <= 1 and sent[1] - down <= 1 and scale != 1:
        across, down = sent
    left, top = (sent[0] - across) // 2, (sent[1] - down) // 2
    return EditPlan(size, region, (left, top, left + across, top + down), sent, asked)


def _sent_size(
    region: Size, facts: ImageModelFacts | None, options: Mapping[str, Any]
) -> tuple[Size, dict[str, Any]]:
    """The size to send, and the options that ask for the same."""
    if facts is not None and facts.aspect_ratios:
        return _by_ratio(region, facts, options)
    chosen = parsed_size(options.get("size"))
    if chosen is not None:
        return chosen, {"size": f"{chosen[0]}x{chosen[1]}"}
    if facts is None or "size" not in facts.fields:
        return region, {}
    if facts.free_size:
        free = _free_size(region)
        return free, {"size": f"{free[0]}x{free[1]}"}
    sizes = [one for one in map(parsed_size, facts.sizes) if one is not None]
    if not sizes:
        return region, {}
    near = _nearest(region, sizes)
    return near, {"size": f"{near[0]}x{near[1]}"}


def _nearest(region: Size, sizes: Iterable[Size]) -> Size:
    """The size of the nearest shape; of several the smallest that holds the region, else the largest."""
    shape = region[0] / region[1]
    best = sorted(sizes, key=lambda one: (round(abs(math.log(one[0] / one[1] / shape)), 3), one[0] * one[1]))
    alike = [one for one in best if _same_shape(one, best[0])]
    return next((one for one in alike if one[0] >= region[0] and one[1] >= region[1]), alike[-1])


def _same_shape(first: Size, second: Size) -> bool:
    return abs(math.log(first[0] * second[1] / (first[1] * second[0]))) < 0.01


def _free_size(region: Size) -> Size:
    wide, high = float(region[0]), float(region[1])
    # A shape that is too long is padded to one that is not.
    wide, high = max(wide, high / _MOST_RATIO), max(high, wide / _MOST_RATIO)
    scale = min(1.0, _LONG / max(wide, high), _SHORT / min(wide, high))
    if wide * high * scale**2 < _LEAST_PIXELS:
        scale = math.sqrt(_LEAST_PIXELS / (wide * high))
    across, down = _stepped(wide * scale), _stepped(high * scale)
    # Rounding must not leave the bounds.
    across = min(across, int(_MOST_RATIO * down) // _STEP * _STEP, _LONG if across >= down else _SHORT)
    down = min(down, int(_MOST_RATIO * across) // _STEP * _STEP, _LONG if down > across else _SHORT)
    return across, down


def _stepped(side: float) -> int:
    return max(_STEP, math.ceil(side / _STEP - 0.01) * _STEP)


def _by_ratio(
    region: Size, facts: ImageModelFacts, options: Mapping[str, Any]
) -> tuple[Size, dict[str, Any]]:
    """Gemini's way: a shape and a resolution are asked for, and images of any size are taken."""
    shapes = {name: shape for name in facts.aspect_ratios if (shape := _ratio(name)) is not None}
    name = str(options.get("aspect_ratio") or "")
    if name not in shapes:
        near = _nearest(region, shapes.values())
        name = next(one for one, shape in shapes.items() if shape == near)
    across, down = shapes[name]
    asked: dict[str, Any] = {"aspect_ratio": name}
    side = _RESOLUTIONS["1K"]
    if facts.resolutions:
        chosen = str(options.get("image_size") or "")
        if chosen not in facts.resolutions:
            chosen = _enough(region, facts.resolutions)
        asked["image_size"] = chosen
        side = _RESOLUTIONS.get(chosen, side)
    # In that shape, no larger than the region needs and no larger than the answer will be.
    needed = max(region[0] / across, region[1] / down)
    unit = min(needed, side / math.sqrt(across * down))
    return (max(1, round(across * unit)), max(1, round(down * unit))), asked


def _enough(region: Size, resolutions: tuple[str, ...]) -> str:
    known = sorted((one for one in resolutions if one in _RESOLUTIONS), key=lambda one: _RESOLUTIONS[one])
    if not known:
        return resolutions[0]
    pixels = region[0] * region[1]
    return next((one for one in known if _RESOLUTIONS[one] ** 2 * 1.1 >= pixels), known[-1])


def _around(size: Size, box: Box, most: Size) -> Box:
    """The mask's box with generous context, in whole steps, within the picture."""
    spans = []
    for low, high, side, bound in ((box[0], box[2], size[0], most[0]), (box[1], box[3], size[1], most[1])):
        wanted = (high - low) + 2 * max(_LEAST_CONTEXT, (high - low) * _CONTEXT)
        # As much as the model takes costs no sharpness; much more than needed costs money.
        length = min(side, max(wanted, min(_LEAST_REGION, bound)))
        length = min(side, math.ceil(length / _STEP) * _STEP)
        start = round((low + high) / 2 - length / 2)
        start = max(0, min(start, side - length))
        spans.append((start, start + length))
    return spans[0][0], spans[1][0], spans[0][1], spans[1][1]


def parsed_size(value: Any) -> Size | None:
    """`"1536x1024"` as numbers; None for "auto" and whatever else is no size."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(value or ""))
    if found is None or not int(found[1]) or not int(found[2]):
        return None
    return int(found[1]), int(found[2])


def _ratio(name: str) -> Size | None:
    found = re.fullmatch(r"(\d{1,2}):(\d{1,2})", name)
    return (int(found[1]), int(found[2])) if found and int(found[1]) and int(found[2]) else None
