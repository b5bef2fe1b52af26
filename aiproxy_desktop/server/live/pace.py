"""How fast a client may go: who goes faster waits, and nothing is lost."""

from __future__ import annotations

import asyncio
import time


class Pace:
    """A bucket that fills by itself, and with each answer.

    Args:
        at_once: how many are let pass without a wait.
        each_second: how many more after that.
    """

    def __init__(self, at_once: int, each_second: float) -> None:
        self._most, self._rate = float(at_once), each_second
        self._left, self._since = float(at_once), time.monotonic()

    async def one(self) -> None:
        """Let one pass, when it is time."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._since) * self._rate) - 1
        self._since = now
        if self._left < 0:
            await asyncio.sleep(-self._left / self._rate)

    def give_back(self) -> None:
        """One that passed has been dealt with."""
        self._left = min(self._most, self._left + 1)
