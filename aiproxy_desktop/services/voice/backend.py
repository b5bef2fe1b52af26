"""What stands behind the voice tab, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.voice.catalogue import VoiceModels
from aiproxy_desktop.services.voice.service import VoiceService
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.spoken import SpokenStore


@dataclass(frozen=True, slots=True)
class VoiceBackend:
    """The services of the voice tab.

    Attributes:
        models: which live models there are.
        voice: the session.
        settings: where the tab's settings are (`settings.current.voice`).
    """

    models: VoiceModels
    voice: VoiceService
    settings: SettingsService

    @classmethod
    def build(
        cls,
        registry: Registry,
        providers: ProviderService,
        settings: SettingsService,
        database: Database,
        sound: Callable[[], SoundSystem],
        recordings: Path,
        on_unexpected: Callable[[Exception], None],
    ) -> VoiceBackend:
        """Wire the objects up; nothing runs and no device is looked for before `start`.

        Args:
            registry: where the providers are.
            providers: whose states tell who can be asked.
            settings: how the tab was left.
            database: the history, where what was said is kept.
            sound: makes the owner of the devices: `audio.sound_system.AudioSystem`.
            recordings: the folder of recordings; made when there is one.
            on_unexpected: told of errors nobody planned for.
        """
        models = VoiceModels(providers, registry, settings)
        store = SpokenStore(database, ConversationStore(database))
        return cls(models, VoiceService(models.service_of, store, sound, recordings, on_unexpected), settings)

    async def start(self) -> None:
        """Look for the devices; be ready for a session."""
        await self.voice.open()

    async def close(self) -> None:
        """Leave nothing running; all that was said is kept. The database closes after it."""
        await self.voice.close()
        self.models.close()
