"""Lists of models kept fresh in the background: asked for when there is a reason, and now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.task_scope import TaskScope

# Seconds between two rounds, and until a provider that could not be reached is tried again.
EVERY = 1800.0
RETRY = 60.0

# A change of a key or an address comes in several steps, and whoever made it may be asking already.
_SETTLE = 0.25

# Between two questions to one that limits requests, whatever wait it names.
_LEAST = 5.0

# A computer that slept does not count the time: it looks at the clock this often.
_LOOK = 60.0

# They are watched by others, or ask nobody.
_NOT_RETRIED = frozenset({"ollama", "builtin", "plugin"})


class ProviderRefresher:
    """Owner of the background's questions. `start` asks everyone; await `close` at the end.

    Asked are all every half hour, one whose key or address changed at once, one that could not be reached
    each minute, and one that limits requests when its limit ends. Each is asked in a task of its own: a slow
    or dead one holds up no other.
    """

    def __init__(
        self,
        providers: ProviderService,
        on_unexpected: Callable[[Exception], None],
        *,
        every: float = EVERY,
        retry: float = RETRY,
    ) -> None:
        """Wire up; nobody is asked before `start`.

        Args:
            providers: whom to ask; it keeps what they answer.
            on_unexpected: told of errors nobody planned for.
            every: seconds between two rounds.
            retry: seconds until one that could not be reached is asked again.
        """
        self._providers = providers
        self._every = every
        self._retry = retry
        self._scope = TaskScope("refresh", on_unexpected)
        self._news = asyncio.Event()
        self._changed_at = 0.0
        self._last_round = 0.0
        self._round: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Ask everyone, and go on from there."""
        if self._unsubscribe is None:
            self._changed_at = time.monotonic()
            self._unsubscribe = self._providers.subscribe(self._heard)
            self.refresh()
            self._scope.start(self._watch(), "watch")

    async def close(self) -> None:
        """Ask nobody any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        await self._scope.close()

    def refresh(self) -> None:
        """Ask everyone now who is not being asked already."""
        if self._scope.closed:
            return
        if self._round is not None and not self._round.done():
            asking = self._providers.asking()
            self._ask(state.id for state in self._providers.states() if state.id not in asking)
            return
        self._last_round = time.monotonic()
        self._round = self._scope.start(self._providers.refresh(quiet=True), "everyone")
        self._round.add_done_callback(lambda _round: self._news.set())

    async def settled(self) -> None:
        """Wait until the round under way is done, if there is one."""
        if self._round is not None:
            await asyncio.wait([self._round])

    def _heard(self) -> None:
        if self._providers.outdated():
            self._changed_at = time.monotonic()
        self._news.set()

    async def _watch(self) -> None:
        while True:
            now = time.monotonic()
            if now >= self._last_round + self._every:
                self.refresh()
            self._ask(provider_id for provider_id, due in self._due() if due <= now)
            await asyncio.sleep(0)  # those that were just started are being asked from here on
            moments = [self._last_round + self._every, *(due for _, due in self._due())]
            await self._wait(min(_LOOK, max(0.0, min(moments) - time.monotonic())))

    async def _wait(self, seconds: float) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def _due(self) -> Iterator[tuple[str, float]]:
        """Who is to be asked, and when, by `time.monotonic`."""
        asking, outdated = self._providers.asking(), self._providers.outdated()
        now, today = time.monotonic(), datetime.now(UTC)
        for state in self._providers.states():
            if state.id in asking:
                continue
            asked_at = self._providers.asked_at(state.id)
            if state.id in outdated:
                yield state.id, self._changed_at + _SETTLE
            elif state.status == "rate_limited" and state.until is not None:
                ends = now + (state.until - today).total_seconds()
                yield state.id, max(ends, (asked_at or 0.0) + min(_LEAST, self._retry))
            elif asked_at is not None and (_may_be_back(state) or state.status == "rate_limited"):
                yield state.id, asked_at + self._retry

    def _ask(self, provider_ids: Iterable[str]) -> None:
        for provider_id in provider_ids:
            asked = self._scope.start(self._providers.refresh(provider_id, quiet=True), provider_id)
            # One that is as it was tells nobody, and when it is asked next has to be worked out all the same.
            asked.add_done_callback(lambda _asked: self._news.set())


def _may_be_back(state: ProviderState) -> bool:
    return state.status == "unreachable" and state.kind not in _NOT_RETRIED
