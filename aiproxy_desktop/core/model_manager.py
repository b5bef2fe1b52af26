"""ModelManager: the models of every provider, fresh enough, whoever is slow or dead."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from aiproxy_desktop.core.closing import close_all
from aiproxy_desktop.core.errors import AIProxyError, ModelNotFoundError, UnknownModelError
from aiproxy_desktop.core.latency import LatencyBook
from aiproxy_desktop.core.model_hygiene import clean_list
from aiproxy_desktop.core.model_lists import ModelLists, Models
from aiproxy_desktop.core.model_providers import Fetches, ModelProvider, find_model
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.registry import Registry

if TYPE_CHECKING:
    from aiproxy_desktop.core.defaults import Setup
    from aiproxy_desktop.core.selection import Selection

_Source: TypeAlias = Provider | ModelProvider

KEEP_SECONDS = 600.0
KEEP_FAILURES_SECONDS = 15.0
WAIT_SECONDS = 5.0


class ModelManager:
    """Lists and chooses models over all providers.

    Without a registry it finds what the environment offers, as `CompletionClient` does; nothing is contacted
    before a call. A list is kept for ten minutes; after that the old one is given at once while a new one is
    fetched. All providers are asked at the same time, and none is waited for longer than `wait` seconds: its
    former list, if there is one, stands in, and `errors` tells why.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        keep: float = KEEP_SECONDS,
        keep_failures: float = KEEP_FAILURES_SECONDS,
        wait: float = WAIT_SECONDS,
        latency: LatencyBook | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a manager.

        Args:
            registry: the providers; it stays its owner's to close.
            keep: seconds for which a list is fresh.
            keep_failures: seconds for which a provider that failed is not asked again.
            wait: seconds to wait at most for a provider's first list.
            latency: waits for first tokens and speeds seen so far, for the ranking.
            clock: seconds, as `time.monotonic`.
        """
        self._setup: Setup | None = None
        if registry is None:
            from aiproxy_desktop.core.defaults import default_setup

            self._setup = default_setup()
            registry = self._setup.registry
        self.registry = registry
        self.latency = latency or LatencyBook()
        self._registered: dict[str, ModelProvider] = {}
        self._lists = ModelLists(keep, keep_failures, wait, clock)

    @property
    def errors(self) -> dict[str, AIProxyError]:
        """By provider, why its last list could not be had."""
        failed = ((name, self._lists.error(name)) for name in self.get_providers())
        return self.registry.unusable | {name: error for name, error in failed if error is not None}

    def register_provider(self, provider: ModelProvider) -> None:
        """Take in a provider, which `aclose` closes; one of the same name steps back.

        It lists models here; completions go to the registry's provider of that name.
        """
        self._registered[provider.name] = provider

    def get_providers(self) -> list[str]:
        """The names of all providers."""
        return list(dict.fromkeys((*self.registry.ids(), *self._registered)))

    async def list_all_models(self, provider_filter: str | None = None) -> list[ModelInfo]:
        """The models of all providers in their order, or of one.

        Raises:
            UnknownModelError: there is no provider of that name.
            AIProxyError: the one provider asked for failed, and no former list stands in. Of all, those that
                fail are left out (see `errors`).
        """
        return await self._list(provider_filter, self._lists.get)

    async def refresh(self, provider_filter: str | None = None) -> list[ModelInfo]:
        """The same, asked for now.

        Raises:
            AIProxyError: as `list_all_models`.
        """
        return await self._list(provider_filter, self._lists.refresh)

    async def get_model_info(self, model_id: str, provider_name: str | None = None) -> ModelInfo | None:
        """One model, by its id or `provider:id`; None where nothing lists it.

        Raises:
            UnknownModelError: there is no provider of that name.
            AIProxyError: that one provider failed.
        """
        return find_model(await self.list_all_models(provider_name), model_id)

    async def find_best_model(self, requirements: Mapping[str, Any] | None = None) -> ModelInfo | None:
        """The best model that has everything required (see `requirements`), or None.

        Raises:
            InvalidRequestError: a requirement that is none, or a value that does not fit.
        """
        return (await self.explain_selection(requirements)).model

    async def explain_selection(self, requirements: Mapping[str, Any] | None = None) -> Selection:
        """The same with its reasons, and why each other model was passed over.

        Raises:
            InvalidRequestError: a requirement that is none, or a value that does not fit.
        """
        from aiproxy_desktop.core.selection import select_model  # ranking costs 4 ms to import

        select_model((), requirements)  # refuse what is wrong before anyone is asked
        return select_model(
            await self.list_all_models(), requirements, self.latency.usual, rate=self.latency.usual_speed
        )

    async def ensure_model_ready(
        self, model_id: str, provider_name: str, on_progress: Callable[[Any], None] | None = None
    ) -> None:
        """See that a model can be used; a provider that can fetch models fetches a missing one.

        Args:
            model_id: the provider's name for it.
            provider_name: the provider's id.
            on_progress: told of each step of a fetch.

        Raises:
            UnknownModelError: there is no provider of that name.
            ModelNotFoundError: it is not there and cannot be fetched.
            AIProxyError: what else went wrong.
        """
        source = self._source(provider_name)
        if isinstance(source, ModelProvider):
            await source.ensure_model_available(model_id)
        elif isinstance(source, Fetches):
            await source.ensure_model(model_id, on_progress)
        elif find_model(await self.list_all_models(provider_name), model_id) is None:
            raise ModelNotFoundError(
                f"{source.label} does not offer the model “{model_id[:80]}”",
                "Pick one that it lists.",
                provider=provider_name,
            )
        else:
            return
        self._lists.forget(provider_name)  # its list may have grown

    async def aclose(self) -> None:
        """End what is under way, and close what was registered or found, but no registry that was given."""
        registered, self._registered = self._registered, {}
        await close_all((self._lists, *registered.values(), self._setup))

    async def __aenter__(self) -> ModelManager:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _sources(self) -> dict[str, _Source]:
        """Those that may have something to say; what has no key, say, need not be built to know that."""
        own: dict[str, _Source] = {provider.id: provider for provider in await self.registry.answering()}
        return own | self._registered

    def _source(self, name: str) -> _Source:
        source = self._registered.get(name) or self.registry.get(name)
        if source is None:
            near = difflib.get_close_matches(name[:60], self.get_providers())
            raise UnknownModelError(f"{name[:60]}:", tuple(near), provider=name[:60])
        return source

    async def _list(self, name: str | None, ask: Callable[..., Any]) -> list[ModelInfo]:
        import asyncio

        if name is not None:
            models = await self._ask(name, self._source(name), ask)
            error = self._lists.error(name)
            if not models and error is not None:
                raise error.with_traceback(None)
            return list(models)
        sources = (await self._sources()).items()
        found: Iterable[Models] = await asyncio.gather(*(self._ask(*one, ask) for one in sources))
        return [model for models in found for model in models]

    async def _ask(self, name: str, source: _Source, ask: Callable[..., Any]) -> Models:
        async def fetch() -> Models:
            label = str(getattr(source, "label", "") or name)
            listed = await clean_list(await source.list_models(), name, label)
            models = await self.registry.completed(name, listed.models)
            if self.registry.get(name) is source:  # it may have been replaced meanwhile
                self.registry.put(name, models)
            return models

        models: Models = await ask(name, source, fetch)
        return models
