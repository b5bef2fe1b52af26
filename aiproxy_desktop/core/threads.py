"""Blocking work away from the loop, on a thread that never holds up the end of the process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


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

    threading.Thread(target=body, name=name, daemon=True).start()
    return future


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
