"""A thread with an event loop of its own, for what must go on while the window is busy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from aiproxy_desktop.core.threads import on_thread

T = TypeVar("T")


class LoopThread:
    """One thread, one asyncio loop; `run` and `call` may be used from any thread until `close`."""

    def __init__(
        self, name: str, make_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    ) -> None:
        """Describe it.

        Args:
            name: of the thread.
            make_loop: makes its loop, on that thread.
        """
        self._name = name
        self._make_loop = make_loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; returns once its loop takes work. Starting twice is harmless."""
        if self._thread is not None:
            return
        ready = threading.Event()

        def body() -> None:
            loop = self._make_loop()
            self._loop = loop
            loop.call_soon(ready.set)
            try:
                loop.run_forever()
            finally:
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.close()

        self._thread = threading.Thread(target=body, name=self._name, daemon=True)
        self._thread.start()
        ready.wait()

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Have a function called on the loop, soon and in order; after `close` nothing happens."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(function, *args)
            except RuntimeError:
                return  # it ended between the two lines

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait here; cancelling the wait cancels it.

        Raises:
            RuntimeError: it is not running.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            raise RuntimeError(f"{self._name} is not running")
        running: Future[T] = asyncio.run_coroutine_threadsafe(work, loop)
        return await asyncio.wrap_future(running)

    async def close(self) -> None:
        """End the loop and the thread. Whoever started tasks there has ended them before."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        await on_thread(thread.join, "joining")
