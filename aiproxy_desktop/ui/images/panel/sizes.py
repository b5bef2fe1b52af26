"""Sizes of pictures: what is offered, what is allowed, and the words for it. No Qt here."""

from __future__ import annotations

import re
from math import gcd

from aiproxy_desktop.core.images.requests import LONGEST_SIDE, MOST_PIXELS, MOST_RATIO, SIZE_STEP
from aiproxy_desktop.ui.translation import tr

# Offered besides a model's own where any size may be asked for.
_FREE_PRESETS = (
    *("1536x864", "864x1536", "2048x2048", "2304x1536", "1536x2304"),
    *("2560x1440", "1440x2560", "3840x2160", "2160x3840"),
)
_WHOLE = re.compile(r"(\d{1,6})\s*[x×*]\s*(\d{1,6})", re.IGNORECASE)


def sides(size: str) -> tuple[int, int] | None:
    """Width and height of `1536x1024`; None for what names no pixels, such as `auto`."""
    found = _WHOLE.fullmatch(size.strip())
    return None if found is None else (int(found[1]), int(found[2]))


def presets(sizes: tuple[str, ...], *, free: bool) -> tuple[str, ...]:
    """What to offer: the model's own sizes, and common ones where it takes any."""
    return tuple(dict.fromkeys((*sizes, *(_FREE_PRESETS if free else ()))))


def shape(width: int, height: int) -> str:
    """The proportions in a word or as a ratio: `Square`, `3:2`."""
    if width == height:
        return tr("Square")
    common = gcd(width, height)
    across, down = width // common, height // common
    return f"{across}:{down}" if max(across, down) <= 32 else f"{width / height:.2f}:1"


def size_words(size: str) -> str:
    """`1536 × 1024`; a size that names no pixels stays as it is."""
    found = sides(size)
    return size if found is None else f"{found[0]} × {found[1]}"


def size_row(size: str) -> str:
    """The line of a list: `1536 × 1024, 3:2`."""
    found = sides(size)
    return size if found is None else f"{size_words(size)}, {shape(*found)}"


def size_problem(width: int, height: int) -> str:
    """What is wrong with a size of one's own, as a sentence that says what to do; empty where nothing is."""
    if width < SIZE_STEP or height < SIZE_STEP:
        return tr("Give a width and a height, in pixels.")
    for name, side in ((tr("Width"), width), (tr("Height"), height)):
        if side % SIZE_STEP:
            lower = side // SIZE_STEP * SIZE_STEP
            near = tr("{lower} or {upper}", lower=lower, upper=lower + SIZE_STEP)
            return tr("{side} goes in steps of {step}: {near}.", side=name, step=SIZE_STEP, near=near)
    if max(width, height) > LONGEST_SIDE:
        return tr("The longer side can have at most {most} pixels.", most=LONGEST_SIDE)
    if max(width, height) > MOST_RATIO * min(width, height):
        most = max(SIZE_STEP, -(-max(width, height) // MOST_RATIO // SIZE_STEP) * SIZE_STEP)
        return tr("One side can be at most three times the other: at least {most}.", most=most)
    if width * height > MOST_PIXELS:
        across, down = (3840, 2160) if width >= height else (2160, 3840)
        return tr(
            "That is too many pixels: at most as many as {width} × {height}.", width=across, height=down
        )
    return ""
