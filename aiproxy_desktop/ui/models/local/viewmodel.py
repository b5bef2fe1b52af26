"""The built-in models and what is done with them. QtCore only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.local_models import LocalFile, LocalModelService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.system import physical_cores
from aiproxy_desktop.ui.chat.conversation.facts import file_size
from aiproxy_desktop.ui.models.local.words import added_lines
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr


class LocalModelsViewModel(QObject):
    """State and actions of the panel of built-in models.

    Every action returns at once; what it led to comes as a signal. Await `close` at the end.
    """

    changed = Signal()  # `files`, `loaded`, `adding` or `confirming`
    noticed = Signal(object)  # Notice
    file_wanted = Signal(str)  # ask for files, then `add`; with a path, ask where that is now, then `locate`

    def __init__(
        self,
        service: LocalModelService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire up; nothing is read before `start`.

        Args:
            service: what there is and what can be done.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._service = service
        self._scope = TaskScope("built-in models", on_unexpected)
        self._files: tuple[LocalFile, ...] = ()
        self._loaded = False
        self._adding = 0
        self._round = 0
        self._confirming = ""
        self._cores = physical_cores()
        self._unsubscribe: Callable[[], None] | None = None

    # Life

    def start(self) -> None:
        """Follow the service, and read what there is."""
        if self._unsubscribe is None:
            self._unsubscribe = self._service.subscribe(self.refresh)
            self.refresh()

    async def close(self) -> None:
        """Stop what runs and follow nothing any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        await self._scope.close()

    # What is shown

    @property
    def files(self) -> tuple[LocalFile, ...]:
        """Every built-in model, the bundled one first."""
        return self._files

    @property
    def loaded(self) -> bool:
        """Whether `files` was read."""
        return self._loaded

    @property
    def adding(self) -> bool:
        """Whether files are being looked at."""
        return self._adding > 0

    @property
    def confirming(self) -> str:
        """The path of the file that is deleted once that is confirmed; empty where none is."""
        return self._confirming

    @property
    def cores(self) -> int:
        """The most threads that make sense."""
        return self._cores

    # Actions

    def refresh(self) -> None:
        """Look again at the files, and at how much memory is free."""
        if not self._scope.closed:
            self._round += 1
            self._scope.start(self._read(self._round), "read")

    def add(self, paths: Sequence[str]) -> None:
        """Offer files, and what is in folders, as built-in models."""
        self._adding += 1
        self.changed.emit()
        self._run(lambda: self._add(tuple(paths)), "add")

    def set_context(self, path: str, context: int) -> None:
        """Give a model a context of so many tokens, from its next request on."""
        self._set(path, lambda file: replace(file, chosen_context=context, context=context))

    def set_threads(self, path: str, threads: int | None) -> None:
        """Let so many threads compute, from the next request on; None is automatic."""
        self._set(path, lambda file: replace(file, threads=threads))

    def remove(self, path: str) -> None:
        """Take a model off the list; its file stays."""
        name = self._name(path)

        async def work() -> None:
            undo = await self._service.remove(path)
            self.noticed.emit(Notice(tr("“{name}” is off the list", name=name), lambda: self._undo(undo)))

        self._run(work, "remove")

    def ask_delete(self, path: str) -> None:
        """Ask whether a file that was downloaded is to be deleted; an empty path asks no more."""
        self._confirming = path
        self.changed.emit()

    def delete(self, path: str) -> None:
        """Delete a file that was downloaded."""
        name = self._name(path)
        self._confirming = ""

        async def work() -> None:
            freed = await self._service.delete_file(path)
            free = file_size(freed)
            self.noticed.emit(Notice(tr("“{name}” is deleted; {size} are free again.", name=name, size=free)))

        self._run(work, "delete")

    def ask_for_files(self) -> None:
        """Let the person choose files to add."""
        self.file_wanted.emit("")

    def ask_where(self, path: str) -> None:
        """Let the person say where a file that is gone is now."""
        self.file_wanted.emit(path)

    def locate(self, path: str, new_path: str) -> None:
        """Take another file in the place of one that is gone."""
        self._run(lambda: self._service.locate(path, new_path), "locate")

    # Inside

    async def _read(self, this_round: int) -> None:
        files = await self._service.files()
        # What was asked later knows better.
        if this_round == self._round:
            self._files, self._loaded = files, True
            self.changed.emit()

    async def _add(self, paths: tuple[str, ...]) -> None:
        try:
            added = await self._service.add_many(paths)
        finally:
            self._adding -= 1
            self.changed.emit()
        for line in added_lines(added):
            self.noticed.emit(Notice(line))

    def _set(self, path: str, change: Callable[[LocalFile], LocalFile]) -> None:
        files = tuple(change(file) if file.path == path else file for file in self._files)
        changed = next((file for file in files if file.path == path), None)
        if changed is None or files == self._files:
            return
        # Shown at once; reading it again follows.
        self._files = files
        self._round += 1
        self.changed.emit()
        self._run(lambda: self._service.set_options(path, changed.chosen_context, changed.threads), "options")

    def _undo(self, undo: Callable[[], Awaitable[None]]) -> None:
        async def work() -> None:
            await undo()

        self._run(work, "undo")

    def _name(self, path: str) -> str:
        return next((file.name for file in self._files if file.path == path), "")

    def _run(self, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        if not self._scope.closed:  # a toast may outlive the page
            self._scope.attempt(work, self._told, name)

    def _told(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))
        self.changed.emit()
