"""One owner for tasks: started here, cancelled here, and no error of theirs is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from aiproxy_desktop.core.errors import AIProxyError

# Begins work under a name in somebody's scope, with that owner's way of telling errors.
Start: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, None]], str], None]


def cancel_once(task: asyncio.Task[Any]) -> None:
    """Cancel a task, unless it is ending already: a second cancel would tear it from its cleaning up.

    httpx then leaves the connection open, and the provider goes on answering.
    """
    if not task.cancelling():
        task.cancel()


class TaskScope:
    """The tasks of one owner (a view-model, a service).

    One failing task never disturbs its siblings; its error goes to `on_error`.
    """

    def __init__(self, name: str, on_error: Callable[[Exception], None]) -> None:
        self._name = name
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it takes no more tasks."""
        return self._closed

    def start(self, work: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        """Run a coroutine as a task of this scope.

        Raises:
            RuntimeError: the scope is closed.
        """
        if self._closed:
            work.close()
            raise RuntimeError(f"{self._name} is closed")
        task = asyncio.get_running_loop().create_task(work, name=f"{self._name}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def attempt(
        self,
        work: Callable[[], Coroutine[Any, Any, Any]],
        told: Callable[[AIProxyError], object],
        name: str = "",
    ) -> asyncio.Task[Any]:
        """Run `work` as a task; what a person can act on is told, any other error goes to `on_error`.

        Raises:
            RuntimeError: the scope is closed.
        """

        async def attempted() -> None:
            # Made here: a task that is cancelled before its first step never awaits what it was given.
            try:
                await work()
            except AIProxyError as error:
                told(error)

        return self.start(attempted(), name)

    def __len__(self) -> int:
        return len(self._tasks)

    def cancel(self) -> None:
        """Ask every task to stop, without waiting."""
        for task in self._tasks:
            cancel_once(task)

    async def close(self) -> None:
        """Take no more tasks; cancel those that run and wait until the last one is gone."""
        self._closed = True
        self.cancel()
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Exception):
            self._on_error(error)
