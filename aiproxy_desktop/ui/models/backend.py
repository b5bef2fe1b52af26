"""What stands behind the models tab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.services.download_values import Download
from aiproxy_desktop.services.downloads import DownloadService
from aiproxy_desktop.services.local_models import LocalModelService
from aiproxy_desktop.services.model_facts import ModelFactsService
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.provider_refresh import ProviderRefresher
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadStore
from aiproxy_desktop.storage.keys import KeyStore
from aiproxy_desktop.storage.usage import UsageStore


@dataclass(frozen=True, slots=True)
class ModelsBackend:
    """The services that the models tab uses. They work whether or not the tab is in front.

    Attributes:
        providers: what is detected, and its models.
        settings: what a person chose.
        keys: where keys are kept.
        facts: what models did here, and who said what of them.
        refresher: keeps lists fresh.
        downloads: pulls and files that are under way.
        ollama: Ollama's servers, watched.
        local: the built-in models.
    """

    providers: ProviderService
    settings: SettingsService
    keys: KeyStore
    facts: ModelFactsService
    refresher: ProviderRefresher
    downloads: DownloadService
    ollama: OllamaService
    local: LocalModelService

    @classmethod
    def build(
        cls,
        providers: ProviderService,
        settings: SettingsService,
        keys: KeyStore,
        client: CompletionClient,
        http: HttpClient,
        models_folder: Path,
        database: Database,
        answered: Subscribers[[str]],
        on_unexpected: Callable[[Exception], None],
    ) -> ModelsBackend:
        """Over one database and one client; nothing runs before `start`.

        Args:
            providers: not asked by anybody else in the background.
            settings: loaded.
            keys: where keys are kept.
            client: whose answers tell how fast models are; its registry holds the providers.
            http: for downloads.
            models_folder: where model files go.
            database: the history, which knows what models used.
            answered: told the id of each answer that is written.
            on_unexpected: told of errors nobody planned for.
        """
        registry = client.registry
        local = LocalModelService(settings, providers, registry, models_folder)

        async def fetched(download: Download) -> None:
            """What came can be used now."""
            if download.kind == "file":
                # It is on the list already where the last run ended between that and forgetting the download.
                await local.offer(download.path)
            else:
                await providers.refresh(download.provider, quiet=True)

        return cls(
            providers=providers,
            settings=settings,
            keys=keys,
            facts=ModelFactsService(UsageStore(database), answered, registry, client.latency, on_unexpected),
            refresher=ProviderRefresher(providers, on_unexpected),
            downloads=DownloadService(
                DownloadStore(database), registry, http, models_folder, fetched, on_unexpected
            ),
            ollama=OllamaService(providers, settings, registry, http, on_unexpected),
            local=local,
        )

    async def start(self) -> None:
        """Ask the providers, watch Ollama, take up the downloads of the last run.

        Raises:
            StorageError: the downloads cannot be read.
        """
        self.refresher.start()
        self.ollama.start()
        self.facts.start()
        await self.downloads.start()

    async def close(self) -> None:
        """Leave nothing running; downloads go on with the next start."""
        await self.downloads.close()
        await self.ollama.close()
        await self.facts.close()
        await self.refresher.close()
