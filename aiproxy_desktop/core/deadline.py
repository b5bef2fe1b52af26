"""A bound on waiting for a stream, at no cost for each event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

T = TypeVar("T")


class Deadline:
    """Cuts off waiting for the next item once its time has come.

    `asyncio.timeout` belongs to one task and one block, while an async generator is resumed from wherever
    its consumer is, and must not be cut off in the consumer's own code. So this cancels only the task
    that waits here, and only while it does; time that runs out meanwhile shows at the next wait. There is
    one timer, moved when the bound changes, instead of one for each item.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._expired = False
        self._cancelled = False

    def move(self, when: float | None) -> None:
        """Let it come at `when` on the loop's clock; None never."""
        self.close()
        self._expired = False
        if when is not None:
            self._timer = self._loop.call_at(when, self._expire)

    def close(self) -> None:
        """Let go of the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def next_of(self, items: AsyncGenerator[T]) -> T | None:
        """The next item, or None at the end.

        Raises:
            TimeoutError: the time came first; the generator has been cancelled.
        """
        if self._expired:
            raise TimeoutError
        task = asyncio.current_task()
        assert task is not None
        before = task.cancelling()
        self._waiting = task
        try:
            return await items.__anext__()
        except StopAsyncIteration:
            return None
        except asyncio.CancelledError:
            # Somebody else's cancel as well as ours stays a cancel.
            if self._cancelled and self._taken_back(task) <= before:
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None
            if self._cancelled:
                self._taken_back(task)

    def _expire(self) -> None:
        self._expired = True
        if self._waiting is not None:
            self._cancelled = True
            self._waiting.cancel()

    def _taken_back(self, task: asyncio.Task[object]) -> int:
        self._cancelled = False
        return task.uncancel()
