"""What both front doors stand on, built in one place: settings, keys, providers, the client. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import INTERACTIVE
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.known_models import KnownModelsFile
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.storage.settings import SettingsStore

# A server does not ask the keyring, for each request, after a key that the environment has.
_KEY_PATIENCE = 10.0


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
    def build(
        cls,
        paths: AppPaths,
        environ: Mapping[str, str],
        redactor: Redactor,
        *,
        stand_ins: Iterable[Provider] = (),
        for_others: bool = False,
    ) -> Runtime:
        """Wire the objects up. Nothing is read, asked or started.

        Args:
            paths: where the settings are.
            environ: keys, base URLs and OLLAMA_HOST count.
            redactor: learns every key, so that none can appear in a log or an error.
            stand_ins: used, by their ids, in place of providers that would be built.
            for_others: it serves requests of others, which may name no files of this machine.
        """
        settings = SettingsService(SettingsStore(paths.settings_file))
        known = KnownModelsFile(paths.known_models_file)
        keys = KeyStore(redactor, patience=_KEY_PATIENCE if for_others else 0.0)
        return cls.over(settings, keys, environ, redactor, known, stand_ins=stand_ins, for_others=for_others)

    @classmethod
    def over(
        cls,
        settings: SettingsService,
        keys: KeyStore,
        environ: Mapping[str, str],
        redactor: Redactor,
        known: KnownModelsFile | None = None,
        *,
        stand_ins: Iterable[Provider] = (),
        for_others: bool = False,
    ) -> Runtime:
        """The same over settings and keys that someone else keeps.

        Args:
            settings: what is wanted.
            keys: what the person gave.
            environ: as for `build`.
            redactor: as for `build`.
            known: where lists of models are kept for the next start; None keeps none.
            stand_ins: used, by their ids, in place of providers that would be built.
            for_others: it serves requests of others, which may name no files of this machine.
        """
        credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
        registry = Registry()
        http = HttpClient(redactor)
        providers = ProviderService(
            settings, keys, credentials, registry, http, environ, known, stand_ins=stand_ins
        )
        client = CompletionClient(
            registry, retries=INTERACTIVE, allow_files=not for_others, fetcher=MediaFetcher(http)
        )
        client.watch_outcomes(providers.note_outcome)
        return cls(redactor, settings, keys, credentials, registry, http, providers, client)

    async def aclose(self) -> None:
        """Close connections and end the built-in model's process."""
        async with AsyncExitStack() as closing:
            for one in (self.http, self.registry, self.client):
                closing.push_async_callback(one.aclose)
