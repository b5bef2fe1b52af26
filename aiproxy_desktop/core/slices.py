"""Long work on the loop's own thread, a few milliseconds at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

# Seconds. A frame has 16 ms, and others want some of it.
_SLICE = 0.004
_PIECE = 32


async def in_slices(items: Iterable[A], work: Callable[[A], B]) -> list[B]:
    """`[work(item) for item in items]`, letting others run every few milliseconds.

    Few items cost no turn of the loop at all.
    """
    import asyncio

    done: list[B] = []
    rest = iter(items)
    ends = time.perf_counter() + _SLICE
    while piece := list(islice(rest, _PIECE)):
        done += map(work, piece)
        if time.perf_counter() > ends:
            await asyncio.sleep(0)
            ends = time.perf_counter() + _SLICE
    return done
