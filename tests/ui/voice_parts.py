"""The voice tab's view-model over services that hold no session, for looking at its widgets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.voice.backend import VoiceBackend
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceState
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel


def _no_sound() -> SoundSystem:
    raise AssertionError("no device is wanted where nothing is opened")


@asynccontextmanager
async def voice_parts(folder: Path, environ: dict[str, str] | None = None) -> AsyncIterator[VoiceViewModel]:
    """Wire the view-model up as the application does, and take it down again.

    Args:
        folder: for files; it exists.
        environ: what the providers see, keys for instance; nobody is asked.
    """
    environ = {"OLLAMA_HOST": "127.0.0.1:1"} | (environ or {})
    redactor = Redactor()
    registry, http, keys = Registry(), HttpClient(redactor), KeyStore(redactor)
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
    settings = SettingsService(SettingsStore(folder / "settings.json"))
    await settings.load()
    providers = ProviderService(settings, keys, credentials, registry, http, environ)
    await providers.start()
    database = await Database.open(folder / "history.sqlite")
    unexpected: list[Exception] = []
    behind = VoiceBackend.build(registry, providers, settings, database, _no_sound, folder, unexpected.append)
    view_model = VoiceViewModel(behind, unexpected.append)
    try:
        yield view_model
    finally:
        await view_model.close()
        await behind.close()
        view_model.deleteLater()
        await database.close()
        await registry.aclose()
        await http.aclose()
    assert unexpected == []


def show(
    view_model: VoiceViewModel, state: VoiceState | None = None, entries: Sequence[VoiceEntry] | None = None
) -> None:
    """Let the widgets see a session as it might stand."""
    if entries is not None:
        view_model.entries = tuple(entries)
        view_model.entries_changed.emit(0)
    if state is not None:
        view_model.state = state
        view_model.state_changed.emit()
