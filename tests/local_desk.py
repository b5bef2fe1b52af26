"""Built-in models over real parts: settings in a file, providers in a registry, a memory of one's choice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.local_models import LocalFile, LocalModelService, Memory
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.settings import SettingsStore

GB = 10**9
MEMORY = Memory(8 * GB, 16 * GB)


@dataclass
class LocalDesk:
    """The service and what it stands on; `memory` is what the machine is said to have."""

    service: LocalModelService
    settings: SettingsService
    store: SettingsStore
    providers: ProviderService
    registry: Registry
    folder: Path
    memory: Memory = MEMORY

    @property
    def builtin(self) -> BuiltinProvider:
        """The provider of the built-in models."""
        found = self.registry.get("builtin")
        assert isinstance(found, BuiltinProvider)
        return found

    @property
    def offered(self) -> dict[str, ModelInfo]:
        """The built-in models that are offered, by id."""
        state = next(state for state in self.providers.states() if state.id == "builtin")
        return {model.id: model for model in state.models}

    async def file(self, name: str) -> LocalFile:
        """One model as it is listed."""
        return next(file for file in await self.service.files() if file.name == name)


@asynccontextmanager
async def local_desk(folder: Path) -> AsyncIterator[LocalDesk]:
    """Wire it up as the application does; `folder` takes the settings, and models below `models`."""
    environ = {"OLLAMA_HOST": "127.0.0.1:1"}
    redactor = Redactor()
    registry, http, keys = Registry(), HttpClient(redactor), KeyStore(redactor)
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
    store = SettingsStore(folder / "settings.json")
    settings = SettingsService(store)
    await settings.load()
    providers = ProviderService(settings, keys, credentials, registry, http, environ)
    own = folder / "models"
    own.mkdir(exist_ok=True)
    service = LocalModelService(settings, providers, registry, own, lambda: desk.memory)
    desk = LocalDesk(service, settings, store, providers, registry, own)
    try:
        await providers.start()
        await providers.refresh("builtin")
        yield desk
    finally:
        await registry.aclose()
        await http.aclose()
