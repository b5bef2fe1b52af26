from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from aiproxy_desktop.core.deadline import Deadline


class Silent:
    """Gives one item, then nothing for ever; knows how it was ended."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.cancelled = 0
        self._stubborn = stubborn

    async def items(self) -> AsyncGenerator[int]:
        yield 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            if not self._stubborn:
                raise
        yield 2


def soon() -> float:
    return asyncio.get_running_loop().time() + 0.02


async def test_it_gives_the_items_and_then_none() -> None:
    async def two() -> AsyncGenerator[int]:
        yield 1
        yield 2

    deadline, items = Deadline(), two()
    assert [await deadline.next_of(items) for _ in range(3)] == [1, 2, None]


async def test_waiting_is_cut_off() -> None:
    silent, deadline = Silent(), Deadline()
    items = silent.items()
    assert await deadline.next_of(items) == 1
    deadline.move(soon())
    with pytest.raises(TimeoutError):
        await deadline.next_of(items)
    assert silent.cancelled == 1
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_the_consumer_is_never_cut_off() -> None:
    silent, deadline = Silent(), Deadline()
    items = silent.items()
    assert await deadline.next_of(items) == 1
    deadline.move(soon())
    await asyncio.sleep(0.1)
    with pytest.raises(TimeoutError):
        await deadline.next_of(items)
    assert silent.cancelled == 0
    await items.aclose()


async def test_a_later_bound_replaces_an_earlier_one() -> None:
    silent, deadline = Silent(), Deadline()
    items = silent.items()
    deadline.move(soon())
    await asyncio.sleep(0.1)
    deadline.move(None)
    assert await deadline.next_of(items) == 1
    await items.aclose()


async def test_somebody_elses_cancel_stays_one() -> None:
    silent, deadline = Silent(), Deadline()

    async def listen() -> None:
        items = silent.items()
        await deadline.next_of(items)
        await deadline.next_of(items)

    task = asyncio.create_task(listen())
    await asyncio.sleep(0.01)
    task.cancel()
    deadline._expire()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert silent.cancelled == 1


async def test_a_generator_that_swallows_the_cancel_leaves_none_behind() -> None:
    silent, deadline = Silent(stubborn=True), Deadline()
    items = silent.items()
    await deadline.next_of(items)
    deadline.move(soon())
    assert await deadline.next_of(items) == 2
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await items.aclose()
