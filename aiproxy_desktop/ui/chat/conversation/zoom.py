"""The sizes a conversation's text can have."""

from __future__ import annotations

from typing import Final

STEPS: Final = (70, 80, 90, 100, 110, 125, 150, 175, 200)
USUAL: Final = 100


def stepped(zoom: int, direction: int) -> int:
    """The next size, percent: larger for 1, smaller for -1, the usual one for 0; the last goes no further."""
    if direction == 0:
        return USUAL
    if direction > 0:
        return next((step for step in STEPS if step > zoom), STEPS[-1])
    return next((step for step in reversed(STEPS) if step < zoom), STEPS[0])
