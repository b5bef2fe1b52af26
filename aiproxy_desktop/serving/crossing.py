"""From the loop of one thread to that of another: work is done where what it uses belongs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Values that wait for whoever reads them; after that the other side waits.
_MOST_WAITING = 256


class Crossing:
    """The way to the loop on which it is made. The rest is called on another loop, but for `close`.

    What is done over there is a task of this crossing.
    """

    def __init__(self) -> None:
        """Lead to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Have a function called over there, soon and in order; nothing happens where that loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine over there and wait here; cancelling the wait cancels it.

        Raises:
            RuntimeError: that loop has ended.
        """
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._owned(work), self._loop))

    async def events(self, make: Callable[[], AsyncGenerator[T]]) -> AsyncGenerator[T]:
        """What a generator over there yields. Closing this one, or an error, closes that one.

        Args:
            make: makes it, over there.

        Raises:
            RuntimeError: that loop has ended.
        """
        relay: _Relay[T] = _Relay(self._loop, asyncio.get_running_loop())
        running = asyncio.run_coroutine_threadsafe(self._owned(lambda: relay.send(make())), self._loop)
        running.add_done_callback(lambda _: relay.end())
        try:
            while came := await relay.take():
                for value in came:
                    yield value
            running.result()
        finally:
            running.cancel()

    async def close(self) -> None:
        """End what is still being done; awaited on the loop that it leads to."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _owned(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        task: asyncio.Task[Any] | None = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        self._tasks.add(task)
        try:
            return await work()
        finally:
            self._tasks.discard(task)


class _Relay(Generic[T]):
    """Values on their way from the loop `there` to the loop `here`."""

    def __init__(self, there: asyncio.AbstractEventLoop, here: asyncio.AbstractEventLoop) -> None:
        self._there, self._here = there, here
        self._parts: deque[T] = deque()
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._ended = self._held_up = False
        self._sent = self._taken = 0

    # There

    async def send(self, values: AsyncGenerator[T]) -> None:
        async with aclosing(values):
            async for value in values:
                self._sent += 1
                self._here.call_soon_threadsafe(self._arrive, value)
                if self._sent - self._taken >= _MOST_WAITING:
                    await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        self._room.clear()
        self._held_up = True
        if self._sent - self._taken >= _MOST_WAITING:  # which may have changed since, on the other thread
            await self._room.wait()
        self._held_up = False

    # Here

    def _arrive(self, value: T) -> None:
        self._parts.append(value)
        self._news.set()

    def end(self) -> None:
        """No more will come; on whichever thread that is known."""
        with suppress(RuntimeError):
            self._here.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._ended = True
        self._news.set()

    async def take(self) -> list[T]:
        """What has come, in order; nothing at the end."""
        while not self._parts and not self._ended:
            self._news.clear()
            await self._news.wait()
        came = list(self._parts)
        self._parts.clear()
        self._taken += len(came)
        if self._held_up:
            self._there.call_soon_threadsafe(self._room.set)
        return came
