"""The folders, and how much is in them and in the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.library import Counts, LibraryStore
from aiproxy_desktop.storage.records import Folder

MAX_NAME = 80


class Shelves(QObject):
    """Folders as they are shown. Every action returns at once."""

    changed = Signal()
    created = Signal(str)  # id
    deleted = Signal(str, str)  # id, name
    failed = Signal(object)  # AIProxyError

    def __init__(self, library: LibraryStore, scope: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._scope = scope
        self._folders: tuple[Folder, ...] = ()
        self._counts = Counts()
        self._deleted: set[str] = set()
        self._writing: set[asyncio.Task[None]] = set()

    @property
    def folders(self) -> tuple[Folder, ...]:
        """By name."""
        return tuple(folder for folder in self._folders if folder.id not in self._deleted)

    @property
    def counts(self) -> Counts:
        """Of the list and of the archive."""
        return self._counts

    def folder(self, folder_id: str | None) -> Folder | None:
        """A folder that is shown."""
        return next((folder for folder in self.folders if folder.id == folder_id), None)

    def load(self) -> None:
        """Count again."""
        self._start(self._load)

    def create(self, name: str, then: Callable[[str], None] | None = None) -> None:
        """Make a folder; `then` is told its id. A blank name makes none."""
        wanted = _name(name)
        if wanted:
            self._start(lambda: self._create(wanted, then))

    def rename(self, folder_id: str, name: str) -> None:
        """Give another name."""
        wanted, folder = _name(name), self.folder(folder_id)
        if folder is None or not wanted or wanted == folder.name:
            return
        self._folders = tuple(
            replace(one, name=wanted) if one.id == folder_id else one for one in self._folders
        )
        self.changed.emit()
        self._start(lambda: self._rename(folder_id, wanted))

    def delete(self, folder_id: str) -> None:
        """Show it no more; `undo_delete` brings it back until `confirm_delete` or `settle`."""
        folder = self.folder(folder_id)
        if folder is not None:
            self._deleted.add(folder_id)
            self.changed.emit()
            self.deleted.emit(folder.id, folder.name)

    def undo_delete(self, folder_id: str) -> None:
        """Bring it back with what is in it: nothing was written yet."""
        self._deleted.discard(folder_id)
        self.changed.emit()

    def confirm_delete(self, folder_id: str) -> None:
        """It goes for good, what is in it stays."""
        if folder_id in self._deleted:
            self._start(lambda: self._delete(folder_id))

    async def settle(self) -> None:
        """Finish what is being written, and every deletion. Awaited before the scope is closed."""
        for folder_id in tuple(self._deleted):
            self.confirm_delete(folder_id)
        while self._writing:
            await asyncio.wait(set(self._writing))

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = self._scope.attempt(work, self.failed.emit, "shelves")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _load(self) -> None:
        self._folders = await self._library.folders()
        self._counts = await self._library.counts()
        self.changed.emit()

    async def _create(self, name: str, then: Callable[[str], None] | None) -> None:
        folder = await self._library.create_folder(name)
        await self._load()
        self.created.emit(folder.id)
        if then is not None:
            then(folder.id)

    async def _rename(self, folder_id: str, name: str) -> None:
        try:
            await self._library.rename_folder(folder_id, name)
        finally:
            await self._load()

    async def _delete(self, folder_id: str) -> None:
        await self._library.delete_folder(folder_id)
        await self._load()
        self._deleted.discard(folder_id)


def _name(text: str) -> str:
    return " ".join(text.split())[:MAX_NAME].rstrip()
