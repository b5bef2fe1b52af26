"""A line for a toast, as view-models say it. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, in one sentence; with `undo`, a way back."""

    text: str
    undo: Callable[[], None] | None = None
