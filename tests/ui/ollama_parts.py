"""Ollama's part of the models tab over real parts: services, settings, and a server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.ollama_watch import Paces
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.models.ollama.loaded_viewmodel import LoadedViewModel
from aiproxy_desktop.ui.models.ollama.viewmodel import OllamaViewModel
from tests.ollama_server import OllamaServer, stored


@dataclass
class OllamaParts:
    """Everything under the widgets. `loaded` asks more often than the application's own."""

    server: OllamaServer
    view_model: OllamaViewModel
    loaded: LoadedViewModel
    ollama: OllamaService
    providers: ProviderService

    def names(self, provider_id: str = "ollama") -> set[str]:
        """The models of a server, as they are shown."""
        states = {state.id: state for state in self.providers.states()}
        return {model.display_name for model in states[provider_id].models}


@asynccontextmanager
async def ollama_parts(folder: Path) -> AsyncIterator[OllamaParts]:
    """A server with `llama3.2` on its disk, and all that looks after it.

    Args:
        folder: for the settings file; it exists.
    """
    async with OllamaServer(stored("llama3.2", 2_000_000_000, 19_000)) as server:
        redactor, environ = Redactor(), {"OLLAMA_HOST": server.url}
        registry, http, keys = Registry(), HttpClient(redactor), KeyStore(redactor)
        credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
        settings = SettingsService(SettingsStore(folder / "settings.json"))
        await settings.load()
        providers = ProviderService(settings, keys, credentials, registry, http, environ)
        await providers.start()
        await providers.refresh("ollama")
        unexpected: list[Exception] = []
        ollama = OllamaService(
            providers, settings, registry, http, unexpected.append, Paces(0.02, 0.02, 0.02)
        )
        view_model = OllamaViewModel(ollama, unexpected.append)
        loaded = LoadedViewModel(ollama, unexpected.append, seconds=0.02)
        try:
            yield OllamaParts(server, view_model, loaded, ollama, providers)
        finally:
            await view_model.close()
            await loaded.close()
            await ollama.close()
            for gone in (view_model, loaded):
                gone.deleteLater()
            await registry.aclose()
            await http.aclose()
        assert unexpected == [], [repr(error) for error in unexpected]
