"""The settings in use: one current value, changed in one place, heard of by whoever subscribes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.settings import Settings, SettingsStore


class SettingsService:
    """The current settings of this run."""

    def __init__(self, store: SettingsStore, current: Settings | None = None) -> None:
        self._store = store
        self._current = current or Settings()
        self._writing = threading.Lock()
        self._changed: Subscribers[[Settings]] = Subscribers()

    @property
    def current(self) -> Settings:
        """The value in use; defaults until `load` was awaited."""
        return self._current

    async def load(self) -> str:
        """Read the file.

        Returns:
            a notice for the person when something in it could not be used, else an empty string.

        Raises:
            StorageError: the file cannot be read.
        """
        loaded = await on_thread(self._store.load, "settings")
        if loaded.settings != self._current:
            self._current = loaded.settings
            self._changed(self._current)
        return loaded.notice

    async def update(self, **changes: Any) -> Settings:
        """Change fields (see `Settings`), tell subscribers, then write the file.

        The new values hold for this run even when the file cannot be written.

        Raises:
            StorageError: the file cannot be written.
            TypeError: there is no such field.
        """
        changed = msgspec.structs.replace(self._current, **changes)
        if changed == self._current:
            return changed
        self._current = changed
        self._changed(changed)
        await on_thread(self._write, "settings")
        return changed

    def adopt(self, settings: Settings) -> None:
        """Have the settings that another service keeps, and writes."""
        if settings != self._current:
            self._current = settings
            self._changed(settings)

    def subscribe(self, callback: Callable[[Settings], None]) -> Callable[[], None]:
        """Call with the new settings after each change; the answer unsubscribes."""
        return self._changed.add(callback)

    def _write(self) -> None:
        # Whichever thread comes last writes the newest value, so the order of threads does not matter.
        with self._writing:
            self._store.save(self._current)
