"""What is known of models beyond the lists: who said it, what they did here, what a server adds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol, runtime_checkable

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.latency import LatencyBook
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.requirements import UNSEEN, Seen
from aiproxy_desktop.services.model_sources import SourcedFacts, sourced
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.usage import ModelUsage, UsageBook, UsageStore

_log = logging.getLogger(__name__)


@runtime_checkable
class Describes(Protocol):
    """A provider that tells more of a model than its list does."""

    async def show(self, model: str) -> ModelDetails:
        """All that it tells.

        Raises:
            AIProxyError: and nothing else.
        """
        ...


class ModelLists(Protocol):
    """What is asked of `ProviderService` by those that only look."""

    def states(self) -> tuple[ProviderState, ...]:
        """Every provider with its models, in order."""
        ...

    def default_model(self) -> ModelInfo | None:
        """The model for a new chat."""
        ...

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call after every change of `states()`; the answer unsubscribes."""
        ...


class ModelFactsService:
    """Usage and speed of every model, from the history and from this run, and what can be asked of one.

    `changed` is told the references whose usage is another.
    """

    def __init__(
        self,
        usage: UsageStore,
        answered: Subscribers[[str]],
        registry: Registry,
        latency: LatencyBook,
        on_unexpected: Callable[[Exception], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Wire up; nothing is read before `start`.

        Args:
            usage: the history.
            answered: told the id of each answer that is written (`ChatService.answered`).
            registry: the providers, to be asked for details, and the bundled table.
            latency: what this run has seen, other callers than the chat included.
            on_unexpected: told what nobody planned for.
            now: the clock.
        """
        self._store = usage
        self._answered = answered
        self._registry = registry
        self._latency = latency
        self._began = now()
        self._book = UsageBook()
        self._cache: dict[str, ModelUsage | None] = {}
        self._scope = TaskScope("model facts", on_unexpected)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._waiting: list[str] | None = None
        self._again = False
        self.changed: Subscribers[[frozenset[str]]] = Subscribers()

    # Life

    def start(self) -> None:
        """Read the history in the background, and follow the chats."""
        self._unsubscribe()
        self._unsubscribe = self._answered.add(self._answer_written)
        self.refresh()

    def refresh(self) -> None:
        """Read the whole history anew, since conversations were imported or purged."""
        if self._waiting is None:
            self._waiting = []
            self._scope.attempt(self._read, self._not_read, "read")
        else:
            self._again = True  # what is being read may be from before

    async def close(self) -> None:
        """Leave nothing running."""
        self._unsubscribe()
        await self._scope.close()

    # What is known

    def usage(self, reference: str) -> ModelUsage | None:
        """What a model did here; None where it never answered, or the history is not read yet."""
        if reference not in self._cache:
            self._cache[reference] = self._book.usage(reference)
        return self._cache[reference]

    def seen(self, reference: str) -> Seen:
        """How fast a model usually is here.

        The history's newest answers count, and this run's where it has none of this run.
        """
        usage = self.usage(reference)
        wait, speed = self._latency.usual(reference), self._latency.usual_speed(reference)
        if usage is None:
            return UNSEEN if wait is None and speed is None else Seen(wait, speed)
        if usage.last_used is not None and usage.last_used >= self._began:
            return Seen(wait if usage.wait is None else usage.wait, usage.speed or speed)
        return Seen(usage.wait if wait is None else wait, speed or usage.speed)

    def latency(self, reference: str) -> float | None:
        """The usual wait for a first token in seconds: a `Latency` for `select_model`."""
        return self.seen(reference).wait

    def rate(self, reference: str) -> float | None:
        """The usual speed in tokens a second: the `rate` of `select_model`."""
        return self.seen(reference).speed

    def sources(self, model: ModelInfo, state: ProviderState | None) -> SourcedFacts:
        """Who said what of a model; `state` is its provider's."""
        reported = () if state is None else state.reported
        told = next((one for one in reported if one.id == model.id), None)
        return sourced(model, told, self._registry.catalog.describe(model.provider, model.id, model.vendor))

    @property
    def table_day(self) -> date | None:
        """Of which day the bundled table is."""
        return self._registry.catalog.version

    def can_describe(self, model: ModelInfo) -> bool:
        """Whether its provider tells more when it is asked. Asks nobody."""
        return isinstance(self._provider(model), Describes)

    async def details(self, model: ModelInfo) -> ModelDetails | None:
        """What its provider tells when it is asked; None where it tells no more than its list.

        Raises:
            AIProxyError: it did not answer, or the model is gone.
        """
        provider = self._provider(model)
        return await provider.show(model.id) if isinstance(provider, Describes) else None

    # Inside

    def _provider(self, model: ModelInfo) -> object:
        try:
            return self._registry.get(model.provider)
        except AIProxyError:  # it cannot be built; its state says why
            return None

    async def _read(self) -> None:
        try:
            book = await self._store.read()
            former, self._book = self._book, book
            self._cache.clear()
        finally:
            waiting, self._waiting = self._waiting or [], None
            for message_id in waiting:  # written while the history was being read; counted once all the same
                self._answer_written(message_id)
        self.changed(frozenset((*former.references(), *book.references())))
        if self._again:
            self._again = False
            self.refresh()

    def _not_read(self, error: AIProxyError) -> None:
        _log.warning("what models used was not read: %s", error)

    def _answer_written(self, message_id: str) -> None:
        if self._waiting is not None:
            self._waiting.append(message_id)
        elif not self._scope.closed:
            self._scope.attempt(lambda: self._count(message_id), self._not_read, "count")

    async def _count(self, message_id: str) -> None:
        changed = self._book.add(await self._store.answer(message_id))
        for reference in changed:
            self._cache.pop(reference, None)
        if changed:
            self.changed(changed)
