"""What a list offers. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: its value as text, its words, whether it is chosen."""

    value: str
    words: str
    chosen: bool
