"""Waiting for a state, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], object], what: str = "", seconds: float = 60.0) -> None:
    """Let the loop run until `condition()` is true.

    Args:
        condition: looked at about every 10 ms.
        what: said when it never comes true.
        seconds: generous, since it only bounds a failure.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never came true: {what or condition}")
        await asyncio.sleep(0.01)


def until_now(condition: Callable[[], object], what: str = "", timeout: float = 60.0) -> None:
    """As `until`, for a test without a loop: it only sleeps.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never came true: {what or condition}")
        time.sleep(0.02)
