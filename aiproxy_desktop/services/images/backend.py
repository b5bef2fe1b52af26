"""What stands behind the images tab, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.services.images.catalogue import ImageModels
from aiproxy_desktop.services.images.keeping import ImageKeeper
from aiproxy_desktop.services.images.runs import ImageRuns
from aiproxy_desktop.services.images.studio import ImageStudio
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService


@dataclass(frozen=True, slots=True)
class ImagesBackend:
    """The services of the studio. They work whether or not the tab is in front.

    Attributes:
        models: which image models there are.
        runs: requests under way.
        studio: pictures in and out of the library.
    """

    models: ImageModels
    runs: ImageRuns
    studio: ImageStudio

    @classmethod
    def build(
        cls,
        client: CompletionClient,
        providers: ProviderService,
        settings: SettingsService,
        library: ImageKeeper,
        on_unexpected: Callable[[Exception], None],
    ) -> ImagesBackend:
        """Over one client and one library; nothing runs before `start`."""
        models = ImageModels(providers, client.registry, settings)
        studio = ImageStudio(library)
        return cls(models, ImageRuns(client, models, library, studio, on_unexpected), studio)

    async def start(self) -> None:
        """Learn what earlier images cost."""

    async def close(self) -> None:
        """Leave nothing running; what is finished is kept."""
        await self.runs.drain()
        self.models.close()
