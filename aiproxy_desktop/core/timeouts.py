"""How long to wait, and for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to get a connection, until the first token, of silence between two bytes, and in all.

    A model that reasons, or that is being loaded, says nothing for minutes. None sets no bound.
    """

    connect: float = 10.0
    idle: float = 300.0
    first_token: float | None = None
    total: float | None = None
