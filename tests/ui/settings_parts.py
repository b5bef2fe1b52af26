"""The settings page over real parts: services, a settings file, keys in memory, and no provider out there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.presets import PresetService
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.presets import PresetStore
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.settings.presets_viewmodel import PresetsViewModel
from aiproxy_desktop.ui.settings.rows import Row
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from tests.waiting import until


@dataclass
class SettingsParts:
    """Everything under the settings page."""

    view_model: SettingsViewModel
    providers: ProviderService
    settings: SettingsService
    store: SettingsStore
    keys: KeyStore
    presets: PresetsViewModel
    notices: list[Notice] = field(default_factory=list)
    unexpected: list[Exception] = field(default_factory=list)

    def row(self, row_id: str) -> Row:
        """A row as it is now."""
        rows = (*self.view_model.providers, *self.view_model.endpoints)
        return next(row for row in rows if row.id == row_id)

    def row_ids(self) -> list[str]:
        """Ids of all rows, in order."""
        return [row.id for row in (*self.view_model.providers, *self.view_model.endpoints)]

    def actions(self, row_id: str) -> list[str]:
        """What a row offers."""
        return [action.id for action in self.row(row_id).actions]

    async def settled(self, row_id: str) -> Row:
        """The row once nothing is being asked any more."""
        await until(lambda: self.row(row_id).dot != "busy", f"{row_id} is settled")
        return self.row(row_id)


@asynccontextmanager
async def settings_parts(folder: Path, environ: dict[str, str] | None = None) -> AsyncIterator[SettingsParts]:
    """Wire the page's view-model up as the application does, and take it down again.

    Args:
        folder: for the settings file; it exists.
        environ: what the providers see; by default OLLAMA_HOST points nowhere.
    """
    environ = {"OLLAMA_HOST": "127.0.0.1:1"} | (environ or {})
    redactor = Redactor()
    registry, http, keys = Registry(), HttpClient(redactor), KeyStore(redactor)
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redactor)
    store = SettingsStore(folder / "settings.json")
    settings = SettingsService(store)
    await settings.load()
    providers = ProviderService(settings, keys, credentials, registry, http, environ)
    await providers.start()
    await providers.refresh()
    unexpected: list[Exception] = []
    view_model = SettingsViewModel(providers, settings, keys, unexpected.append)
    database = await Database.open(folder / "history.sqlite")
    service = PresetService(PresetStore(database))
    scope = TaskScope("models", unexpected.append)
    models = ModelChoice(providers, settings, keys, scope)
    presets = PresetsViewModel(service, models, unexpected.append)
    parts = SettingsParts(view_model, providers, settings, store, keys, presets, unexpected=unexpected)
    view_model.noticed.connect(parts.notices.append)
    presets.noticed.connect(parts.notices.append)
    try:
        view_model.start()
        await service.load()
        yield parts
    finally:
        await view_model.close()
        await presets.close()
        await scope.close()
        for gone in (view_model, presets, models):
            gone.deleteLater()
        await database.close()
        await registry.aclose()
        await http.aclose()
    assert unexpected == []
