"""What stands behind the images tab, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.services.images.catalogue import ImageModels
from aiproxy_desktop.services.images.exporting import ImageExports
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.runs import ImageRuns
from aiproxy_desktop.services.images.studio import ImageStudio
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.image_bookkeeping import ImageBookkeeping
from aiproxy_desktop.storage.images import ImageStore


@dataclass(frozen=True, slots=True)
class ImagesBackend:
    """The services of the studio. They work whether or not the tab is in front.

    Attributes:
        models: which image models there are.
        runs: requests under way.
        studio: pictures in and out of the library.
        library: the images that are kept.
        exports: writes them as files of a person's own.
    """

    models: ImageModels
    runs: ImageRuns
    studio: ImageStudio
    library: ImageLibrary
    exports: ImageExports

    @classmethod
    def build(
        cls,
        client: CompletionClient,
        providers: ProviderService,
        settings: SettingsService,
        database: Database,
        blobs: BlobStore,
        copies: Path,
        on_unexpected: Callable[[Exception], None],
    ) -> ImagesBackend:
        """Over one client and one database; nothing is read or asked before `start`.

        Args:
            client: what is asked; its registry holds the providers.
            providers: whose states tell who can be asked.
            settings: where the last used model is kept.
            database: the history, which holds the images as well.
            blobs: where the bytes are, beside those of attachments.
            copies: a folder of the cache, for files that other programs are given.
            on_unexpected: told of errors nobody planned for.
        """
        books = ImageBookkeeping(database)
        library = ImageLibrary(ImageStore(database), blobs)
        models = ImageModels(providers, client.registry, settings)
        studio = ImageStudio(library, books)
        runs = ImageRuns(client, models, library, books, studio, on_unexpected)
        return cls(models, runs, studio, library, ImageExports(library, copies))

    async def start(self) -> None:
        """Learn what earlier images cost.

        Raises:
            StorageError: that cannot be read; all else works.
        """
        await self.runs.start_up()

    async def close(self) -> None:
        """Leave nothing running; what is finished is kept. The database closes after it."""
        await self.runs.drain()
        self.models.close()
