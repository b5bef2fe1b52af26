"""What stands behind the images tab, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.services.images.catalogue import ImageModels
from aiproxy_desktop.services.images.exporting import ImageExports
from aiproxy_desktop.services.images.habits import StudioHabits
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.runs import ImageRuns
from aiproxy_desktop.services.images.studio import ImageStudio
from aiproxy_desktop.services.images.thumbnails import ThumbnailFiles
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
        library: the images that are kept.
        models: which image models there are.
        runs: requests under way.
        studio: pictures in and out of the library.
        exports: images on their way out.
        thumbnails: small pictures, kept in the cache.
        web: loads pictures that a browser told the address of.
        habits: how the studio was left.
    """

    library: ImageLibrary
    models: ImageModels
    runs: ImageRuns
    studio: ImageStudio
    exports: ImageExports
    thumbnails: ThumbnailFiles
    web: MediaFetcher
    habits: StudioHabits

    @classmethod
    def build(
        cls,
        client: CompletionClient,
        http: HttpClient,
        providers: ProviderService,
        settings: SettingsService,
        database: Database,
        blobs: BlobStore,
        cache: Path,
        on_unexpected: Callable[[Exception], None],
    ) -> ImagesBackend:
        """Over one client and one database; nothing runs before `start`.

        Args:
            client: makes the images; its registry holds the providers.
            http: for pictures of the web.
            providers: who can be asked.
            settings: the model used last is kept there, and how the studio was left.
            database: the history, which holds what is known of images.
            blobs: the images' bytes.
            cache: the folder of small pictures, and of copies that other programs take.
            on_unexpected: told of errors nobody planned for.
        """
        books = ImageBookkeeping(database)
        library = ImageLibrary(ImageStore(database), blobs)
        models = ImageModels(providers, client.registry, settings)
        thumbnails = ThumbnailFiles(cache / "thumbnails")
        studio = ImageStudio(library, books, thumbnails.make)
        return cls(
            library=library,
            models=models,
            runs=ImageRuns(client, models, library, books, studio, on_unexpected),
            studio=studio,
            exports=ImageExports(library, cache / "dragged"),
            thumbnails=thumbnails,
            web=MediaFetcher(http),
            habits=StudioHabits(settings),
        )

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
