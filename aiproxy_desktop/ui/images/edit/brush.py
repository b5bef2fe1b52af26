"""The brush's size on its slider. No Qt here."""

from __future__ import annotations

# A slider of a thousand steps on a curve: the small sizes, which are wanted most, get most of the way.
BRUSH_STEPS = 1000
MOST_BRUSH = 1000


def brush_at(step: int) -> int:
    """The size, in pixels of the picture, that a place of the slider stands for."""
    size: float = MOST_BRUSH ** min(max(step / BRUSH_STEPS, 0.0), 1.0)
    return round(size)


def step_of(size: int) -> int:
    """The slider's place for a size; the nearest one where several are."""
    low, high = 0, BRUSH_STEPS
    while low < high:
        middle = (low + high) // 2
        if brush_at(middle) < size:
            low = middle + 1
        else:
            high = middle
    return low
