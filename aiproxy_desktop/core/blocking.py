"""The way in for programs without an event loop: a coroutine run to its end, in a loop of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def run_blocking(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of `work()`. The caller waits, also one whose own thread runs a loop already.

    Raises:
        Whatever the coroutine raises.
    """
    import asyncio

    outcome: Future[T] = Future()

    def body() -> None:
        try:
            outcome.set_result(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            outcome.set_exception(error)

    thread = threading.Thread(target=body, name="blocking-call", daemon=True)
    thread.start()
    try:
        return outcome.result()
    finally:
        if outcome.done():
            thread.join()
