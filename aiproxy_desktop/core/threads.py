"""Blocking work away from the loop, on a thread that never holds up the end of the process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")

_at_work: set[threading.Thread] = set()


def start_on_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Run `work` on a daemon thread of its own; the future tells its result or error.

    The work cannot be interrupted: cancelling the future only stops waiting for it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(tell: Callable[[], None]) -> None:
        if not future.done():
            tell()

    def body() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to whoever waits
            tell = partial(future.set_exception, error)
        else:
            tell = partial(future.set_result, result)
        try:
            loop.call_soon_threadsafe(deliver, tell)
        except RuntimeError:
            return  # the loop has ended, and with it everyone who waited

    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    _at_work.difference_update([one for one in _at_work if not one.is_alive()])
    _at_work.add(thread)
    return future


def wait_for_threads(seconds: float) -> None:
    """Give what still runs on threads a moment to end, once the loop has ended.

    The interpreter kills daemon threads when it ends, and one that is killed while it imports something
    under Qt's hook takes the process down with an abort.
    """
    deadline = time.monotonic() + seconds
    for thread in _at_work:
        thread.join(max(0.0, deadline - time.monotonic()))


async def on_thread(work: Callable[[], T], name: str = "worker") -> T:
    """Run `work` on a thread and wait for it."""
    return await start_on_thread(work, name)


async def outlasting(future: asyncio.Future[T]) -> T:
    """The result of a future that goes on when whoever waits is cancelled.

    What `asyncio.shield` does with an error that comes after that depends on the version of Python.
    """
    future.add_done_callback(look_away)
    await asyncio.wait([future])
    return future.result()


def look_away(future: asyncio.Future[T]) -> None:
    """An error that nobody waits for any more is not worth a log record."""
    if not future.cancelled():
        future.exception()
