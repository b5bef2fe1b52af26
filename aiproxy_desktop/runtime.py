"""What both front doors stand on, built in one place: settings, keys, providers, the client. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import INTERACTIVE
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.known_models import KnownModelsFile
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.storage.settings import SettingsStore


@dataclass(frozen=True, slots=True)
class Runtime:
    """The application without a window. `settings.load` and `providers.start` come next."""

    redactor: Redactor
    settings: SettingsService
    keys: KeyStore
    credentials: KeyringCredentials
    registry: Registry
    http: HttpClient
    providers: ProviderService
    client: CompletionClient

    @classmethod
    def build(cls, paths: AppPaths, environ: Mapping[str, str], redactor: Redactor) -> Runtime:
        """Wire the objects up. Nothing is read, asked or started.

        Args:
            paths: where the settings are.
            environ: keys, base URLs and OLLAMA_HOST count.
            redactor: learns every key, so that none can appear in a log or an error.
        """
        settings = SettingsService(SettingsStore(paths.settings_file))
        keys = KeyStore(redactor)
        credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
        registry = Registry()
        http = HttpClient(redactor)
        known = KnownModelsFile(paths.known_models_file)
        providers = ProviderService(settings, keys, credentials, registry, http, environ, known)
        client = CompletionClient(registry, retries=INTERACTIVE, fetcher=MediaFetcher(http))
        client.watch_outcomes(providers.note_outcome)
        return cls(redactor, settings, keys, credentials, registry, http, providers, client)

    async def aclose(self) -> None:
        """Close connections and end the built-in model's process."""
        async with AsyncExitStack() as closing:
            for one in (self.http, self.registry, self.client):
                closing.push_async_callback(one.aclose)
