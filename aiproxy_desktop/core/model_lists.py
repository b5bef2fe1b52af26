"""Lists of models, kept for a while: shared while under way, stale at once, never waited for too long."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from aiproxy_desktop.core.errors import (
    AIProxyError,
    ConfigurationError,
    ProviderFailureError,
    ProviderTimeoutError,
)
from aiproxy_desktop.core.models import ModelInfo

if TYPE_CHECKING:
    import asyncio

Models: TypeAlias = tuple[ModelInfo, ...]
Fetch: TypeAlias = Callable[[], Awaitable[Models]]

# A provider that does not answer at all is given up, so that it is asked again some time.
_LONGEST_SECONDS = 120.0


@dataclass(slots=True)
class _List:
    source: object
    models: Models | None = None
    listed_at: float = 0.0
    error: AIProxyError | None = None
    failed_at: float | None = None
    task: asyncio.Task[None] | None = None
    late: asyncio.Task[None] | None = None  # one that was waited for in vain, and may still come


class ModelLists:
    """One list a provider. Owns the tasks that fetch them; `aclose` ends these."""

    def __init__(
        self, keep: float, keep_failures: float, wait: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Make an empty store.

        Args:
            keep: seconds for which a list counts as fresh.
            keep_failures: seconds for which a provider that failed is not asked again.
            wait: seconds that a caller waits for a list that is not there yet.
            clock: seconds, as `time.monotonic`.
        """
        self._keep = keep
        self._keep_failures = keep_failures
        self._wait = wait
        self._clock = clock
        self._lists: dict[str, _List] = {}

    async def get(self, name: str, source: object, fetch: Fetch) -> Models:
        """A provider's models: fresh, or the stale list while a new one is fetched, or what comes in time.

        Never raises for a provider's failure: see `error`.

        Args:
            name: the provider's id.
            source: the provider itself; another one under the same name begins anew.
            fetch: asks it.
        """
        kept = self._of(name, source)
        now = self._clock()
        if kept.models is not None and now - kept.listed_at < self._keep:
            return kept.models
        failed_lately = kept.failed_at is not None and now - kept.failed_at < self._keep_failures
        task = kept.task if failed_lately else self._task(name, kept, fetch)
        if kept.models is None and not failed_lately and task is not None and task is not kept.late:
            await self._wait_for(name, kept, task)
        return kept.models or ()

    async def refresh(self, name: str, source: object, fetch: Fetch) -> Models:
        """The same, asked for now whatever is known; after a failure the former list stands in."""
        kept = self._of(name, source)
        await self._wait_for(name, kept, self._task(name, kept, fetch))
        return kept.models or ()

    def error(self, name: str) -> AIProxyError | None:
        """Why the last list could not be had; None once one came."""
        kept = self._lists.get(name)
        return kept.error if kept is not None else None

    def forget(self, name: str) -> None:
        """Drop what is known of a provider, so that it is asked anew."""
        kept = self._lists.pop(name, None)
        task = None if kept is None else _under_way(kept)
        if task is not None:
            task.cancel()

    async def aclose(self) -> None:
        """End what is under way, and forget everything."""
        import asyncio

        tasks = [task for kept in self._lists.values() if (task := _under_way(kept)) is not None]
        self._lists.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _of(self, name: str, source: object) -> _List:
        kept = self._lists.get(name)
        if kept is not None and kept.source is not source:
            self.forget(name)
            kept = None
        if kept is None:
            kept = self._lists[name] = _List(source)
        return kept

    def _task(self, name: str, kept: _List, fetch: Fetch) -> asyncio.Task[None]:
        """The request under way, or a new one."""
        import asyncio

        task = _under_way(kept)
        if task is None:
            loop = asyncio.get_running_loop()
            task = kept.task = loop.create_task(self._fetch(name, kept, fetch), name=f"list models of {name}")
        return task

    async def _wait_for(self, name: str, kept: _List, task: asyncio.Task[None]) -> None:
        import asyncio

        done, _ = await asyncio.wait({task}, timeout=self._wait)
        if not done:
            kept.late = task
            self._failed(kept, _too_slow(name, kept))

    async def _fetch(self, name: str, kept: _List, fetch: Fetch) -> None:
        import asyncio

        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                models = tuple(await fetch())
        except AIProxyError as error:
            self._failed(kept, error)
        except TimeoutError:
            self._failed(kept, _too_slow(name, kept))
        except Exception as error:  # noqa: BLE001  # a plug-in may raise anything, and must not end the others
            self._failed(kept, _unforeseen(name, kept, error))
        else:
            kept.models, kept.listed_at = models, self._clock()
            kept.error = kept.failed_at = None

    def _failed(self, kept: _List, error: AIProxyError) -> None:
        kept.error = error
        # What a setting mends costs nothing to try again, and may be mended by now.
        kept.failed_at = None if isinstance(error, ConfigurationError) else self._clock()


def _under_way(kept: _List) -> asyncio.Task[None] | None:
    """The request of this loop; one of another was left behind when that ended, and will never be done."""
    import asyncio

    task = kept.task
    running = task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()
    return task if running else None


def _label(name: str, kept: _List) -> str:
    return str(getattr(kept.source, "label", "") or name)


def _too_slow(name: str, kept: _List) -> ProviderTimeoutError:
    return ProviderTimeoutError(
        f"{_label(name, kept)} does not list its models in time",
        "They show as soon as it does.",
        provider=name,
    )


def _unforeseen(name: str, kept: _List, error: Exception) -> ProviderFailureError:
    return ProviderFailureError(
        f"{_label(name, kept)} could not list its models",
        provider=name,
        detail=f"{type(error).__name__}: {error}",
    )
