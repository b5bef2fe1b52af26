"""The Ollama servers: noticed when they start and stop, added and removed, and their models looked after."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from aiproxy_desktop.core.administration import DeletionSpace, ModelDetails, PullProgress, RunningModel
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError
from aiproxy_desktop.services.ollama_watch import Paces, Watch
from aiproxy_desktop.services.provider_specs import endpoint_id
from aiproxy_desktop.services.provider_states import ProviderCheck, ProviderState
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.model_settings import OllamaHost

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpClient
    from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
    from aiproxy_desktop.core.registry import Registry
    from aiproxy_desktop.services.providers import ProviderService
    from aiproxy_desktop.services.settings import SettingsService

_LONGEST_NAME = 60


class OllamaService:
    """Every Ollama server the person has. `start` begins to watch, `close` ends it."""

    def __init__(
        self,
        providers: ProviderService,
        settings: SettingsService,
        registry: Registry,
        http: HttpClient,
        on_unexpected: Callable[[Exception], None],
        paces: Paces | None = None,
    ) -> None:
        """Wire up; nothing is asked yet.

        Args:
            providers: their states; asked to refresh what changed.
            settings: the servers besides the usual one are kept there.
            registry: holds the providers.
            http: to test a server that is not kept yet.
            on_unexpected: told of errors nobody planned for.
            paces: how often to look at them.
        """
        self._providers = providers
        self._settings = settings
        self._registry = registry
        self._http = http
        self._scope = TaskScope("ollama", on_unexpected)
        self._watch = Watch(providers, self._provider, paces or Paces())

    # Life

    def start(self) -> None:
        """Watch all servers, those that are added later too."""
        self._scope.start(self._watch.watch_near(), "near")
        self._scope.start(self._watch.watch_far(), "far")
        self._scope.start(self._watch.watch_lists(), "lists")

    async def close(self) -> None:
        """Watch no more."""
        await self._scope.close()

    def watch_closely(self, *, on: bool) -> None:
        """Whether a person looks on: then models that others fetch or delete are noticed as well."""
        self._watch.closely(on=on)

    # Servers

    def hosts(self) -> tuple[ProviderState, ...]:
        """All servers, the usual one first."""
        return tuple(state for state in self._providers.states() if state.kind == "ollama")

    def kept(self, provider_id: str) -> OllamaHost | None:
        """What the settings hold of a server; None for the usual one, and for one that is gone."""
        return next((item for item in self._settings.current.ollama_hosts if item.id == provider_id), None)

    async def add_host(self, name: str, host: str) -> OllamaHost:
        """Have one more server, and ask it for its models.

        Args:
            name: what the person calls it; where it is empty, its address.
            host: what OLLAMA_HOST may hold.

        Raises:
            InvalidEndpointError: it is no address, or that of another server; nothing was added.
            StorageError: it holds for this run, but could not be written.
        """
        url = self._checked(host)
        shown = " ".join(name.split())[:_LONGEST_NAME] or url.partition("://")[2]
        added = OllamaHost(id=endpoint_id(shown, self._providers.taken_ids()), name=shown, host=host.strip())
        try:
            await self._providers.set_ollama_hosts((*self._settings.current.ollama_hosts, added))
        finally:
            await self._providers.refresh(added.id)
        return added

    async def update_host(self, provider_id: str, name: str, host: str) -> None:
        """Change a server's name and address; its id stays.

        Raises:
            InvalidEndpointError: it is no address, or that of another server; nothing was changed.
            StorageError: it holds for this run, but could not be written.
        """
        url = self._checked(host, provider_id)
        shown = " ".join(name.split())[:_LONGEST_NAME] or url.partition("://")[2]
        hosts = tuple(
            msgspec.structs.replace(item, name=shown, host=host.strip()) if item.id == provider_id else item
            for item in self._settings.current.ollama_hosts
        )
        try:
            await self._providers.set_ollama_hosts(hosts)
        finally:
            await self._providers.refresh(provider_id)

    async def remove_host(self, provider_id: str) -> None:
        """Have a server no more; its models stay where they are.

        Raises:
            StorageError: it holds for this run, but could not be written.
        """
        hosts = self._settings.current.ollama_hosts
        await self._providers.set_ollama_hosts(tuple(item for item in hosts if item.id != provider_id))

    async def test_host(self, host: str) -> ProviderCheck:
        """Ask a server that need not be kept for its models.

        Raises:
            InvalidEndpointError: it is no address.
        """
        from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider, parse_ollama_host
        from aiproxy_desktop.services.provider_asking import ask
        from aiproxy_desktop.services.provider_specs import ProviderSpec

        url = parse_ollama_host(host)
        return await ask(
            ProviderSpec("ollama", "Ollama", "ollama", url), OllamaProvider(self._http, url), None
        )

    # Models

    async def details(self, provider_id: str, model: str) -> ModelDetails:
        """All that a server tells of a model.

        Raises:
            AIProxyError: and nothing else.
        """
        return await self._there(provider_id).show(model)

    async def running(self, provider_id: str) -> tuple[RunningModel, ...]:
        """What is loaded on a server now.

        Raises:
            AIProxyError: and nothing else.
        """
        return await self._there(provider_id).running()

    async def unload(self, provider_id: str, model: str) -> None:
        """Take a model out of a server's memory.

        Raises:
            AIProxyError: and nothing else.
        """
        await self._there(provider_id).unload(model)

    async def deletion_space(self, provider_id: str, model: str) -> DeletionSpace:
        """What deleting a model would free.

        Raises:
            AIProxyError: and nothing else.
        """
        return await self._there(provider_id).deletion_space(model)

    async def delete(self, provider_id: str, model: str) -> int | None:
        """Delete a model from a server's disk.

        Returns:
            the bytes that were freed, None where that is not known.

        Raises:
            AIProxyError: and nothing else; it is still there.
        """
        provider = self._there(provider_id)
        space = await provider.deletion_space(model)
        await provider.delete(model)
        await self._providers.refresh(provider_id, quiet=True)
        return space.freed_bytes

    async def copy(self, provider_id: str, source: str, destination: str) -> None:
        """Give a model a second name.

        Raises:
            AIProxyError: and nothing else. One of that name is not replaced.
        """
        provider = self._there(provider_id)
        await self._refuse_taken(provider, destination)
        await provider.copy(source, destination)
        await self._providers.refresh(provider_id, quiet=True)

    async def create(
        self,
        provider_id: str,
        model: str,
        modelfile: str,
        folder: Path | None = None,
        *,
        replaces: bool = False,
    ) -> AsyncGenerator[PullProgress]:
        """Make a model as a Modelfile says, step by step; see `OllamaMaker.create`.

        Raises:
            AIProxyError: and nothing else. Without `replaces` also where there is one of that name, which
                Ollama would replace in silence.
        """
        provider = self._there(provider_id)
        if not replaces:
            await self._refuse_taken(provider, model)
        async with aclosing(provider.create(model, modelfile, folder)) as steps:
            async for step in steps:
                yield step
        await self._providers.refresh(provider_id, quiet=True)

    # Inside

    def _provider(self, provider_id: str) -> OllamaProvider | None:
        from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider

        provider = self._registry.get(provider_id)
        return provider if isinstance(provider, OllamaProvider) else None

    def _there(self, provider_id: str) -> OllamaProvider:
        provider = self._provider(provider_id)
        if provider is None:
            raise AIProxyError(
                "This Ollama server is not there any more", "Add it again, or check its address."
            )
        return provider

    async def _refuse_taken(self, provider: OllamaProvider, model: str) -> None:
        name = _full(model)
        if any(tag.name == name for tag in await provider.tags()):
            raise AIProxyError(f"There is a model {name[:80]} already", "Choose another name.")

    def _checked(self, host: str, own_id: str = "") -> str:
        """The base URL of a host.

        Raises:
            InvalidEndpointError: it is none, or another server has it.
        """
        from aiproxy_desktop.core.providers.ollama.host import parse_ollama_host

        if not host.strip():
            raise InvalidEndpointError("There is no address", "Write one, as in 192.168.1.20.")
        url = parse_ollama_host(host)
        for state in self.hosts():
            if state.base_url == url and state.id != own_id:
                raise InvalidEndpointError(f"{state.label} is at this address already", "Write another one.")
        return url


def _full(name: str) -> str:
    """A name with its tag, as the server lists it."""
    name = name.strip()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
