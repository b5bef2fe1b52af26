"""What goes out, what comes in, and the backups: state and actions. QtCore only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.backups import BackupService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.backups import Backup
from aiproxy_desktop.ui.translation import tr, tr_count

if TYPE_CHECKING:
    from aiproxy_desktop.services.exchange.service import (
        ExchangeService,
        ExportSummary,
        Format,
        ImportSummary,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A line for a toast; `folder` is where the file lies that it speaks of."""

    text: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A backup as it is listed; `id` is the name of its file."""

    id: str
    title: str
    detail: str
    confirming: bool = False


class DataViewModel(QObject):
    """One export or import at a time. Every action returns at once. Await `close` at the end."""

    busy_changed = Signal()  # `busy`
    backups_changed = Signal()  # `backups`, and the settings of backups
    noticed = Signal(object)  # Told
    imported = Signal()  # there are conversations that were not there before
    restart_wanted = Signal()  # a backup is to be restored: end, and begin again

    def __init__(
        self,
        exchange: ExchangeService,
        backups: BackupService,
        settings: SettingsService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up.

        Args:
            exchange: exports and imports.
            backups: makes and lists backups.
            settings: how often, how many.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._exchange = exchange
        self._backups = backups
        self._settings = settings
        self._scope = TaskScope("data", on_unexpected)
        self._running: asyncio.Task[Any] | None = None
        self._busy = ""
        self._confirming = ""
        self._unsubscribe = [
            backups.on_changed(self.backups_changed.emit),
            settings.subscribe(lambda _settings: self.backups_changed.emit()),
        ]

    async def close(self) -> None:
        """Stop what runs; nothing half done is left."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        await self._scope.close()

    # Out and in

    @property
    def busy(self) -> str:
        """What is being exported or imported, a sentence; empty when nothing is."""
        return self._busy

    def export_one(self, conversation_id: str, target: Path, form: Format) -> None:
        """Write one conversation to a file."""

        async def work() -> None:
            self._show_exported(await self._exchange.export_one(conversation_id, target, form), target)

        self._begin(tr("Exporting"), work)

    def export_all(self, target: Path, form: Format) -> None:
        """Write all conversations to a zip file."""

        def progress(done: int, count: int) -> None:
            self._set_busy(
                tr("Exporting {done} of {count} conversations", done=f"{done:,}", count=f"{count:,}")
            )

        async def work() -> None:
            self._show_exported(await self._exchange.export_all(target, form, progress), target)

        self._begin(tr("Exporting all conversations"), work)

    def import_from(self, source: Path) -> None:
        """Take in what an export holds."""

        def progress(done: int, _count: int) -> None:
            self._set_busy(
                tr_count("Importing, {n} conversation so far", "Importing, {n} conversations so far", done)
            )

        async def work() -> None:
            summary = await self._exchange.import_file(source, progress)
            self.noticed.emit(Told(_imported(summary)))
            if summary.imported:
                self.imported.emit()

        self._begin(tr("Importing"), work)

    def cancel(self) -> None:
        """Stop the export or import; nothing of it is left."""
        if self._running is not None:
            self._running.cancel()

    # Backups

    @property
    def backups(self) -> tuple[BackupRow, ...]:
        """The newest first."""
        return tuple(self._row(backup) for backup in self._backups.backups)

    @property
    def scheduled(self) -> bool:
        """Whether backups are made by themselves."""
        return self._settings.current.backups

    @property
    def every(self) -> str:
        """`day` or `week`."""
        return self._settings.current.backup_every

    @property
    def kept(self) -> int:
        """How many stay."""
        return self._settings.current.backups_kept

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self._backups.folder.path

    def look(self) -> None:
        """Find out which backups there are."""
        self._start(self._backups.refresh, "look")

    def set_scheduled(self, on: bool) -> None:
        """Whether they are made by themselves."""
        self._start(lambda: self._settings.update(backups=on), "settings")

    def set_every(self, every: Literal["day", "week"]) -> None:
        """How often."""
        self._start(lambda: self._settings.update(backup_every=every), "settings")

    def set_kept(self, kept: int) -> None:
        """How many stay."""
        self._start(lambda: self._settings.update(backups_kept=kept), "settings")

    def back_up(self) -> None:
        """Make one now."""

        async def work() -> None:
            from aiproxy_desktop.services.exchange.readable import size

            made = await self._backups.back_up()
            self.noticed.emit(Told(tr("Backed up, {size}", size=size(made.size)), made.path.parent))

        self._start(work, "back up")

    def ask_to_restore(self, backup_id: str) -> None:
        """Show what restoring means; an empty id takes the question away."""
        self._confirming = backup_id
        self.backups_changed.emit()

    def restore(self, backup_id: str) -> None:
        """Restore a backup: it is checked, and takes its place when the application begins again."""
        backup = next((one for one in self._backups.backups if one.path.name == backup_id), None)
        self.ask_to_restore("")

        async def work() -> None:
            if backup is not None:
                await self._backups.wish_restore(backup)
                self.restart_wanted.emit()

        self._start(work, "restore")

    def _row(self, backup: Backup) -> BackupRow:
        from aiproxy_desktop.services.exchange.readable import size

        local = backup.at.astimezone()
        detail = size(backup.size)
        if backup.replaced:
            detail = tr("{size}, replaced by a restore", size=detail)
        name = backup.path.name
        return BackupRow(name, _day(local), detail, confirming=name == self._confirming)

    # What runs

    def _begin(self, words: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._running is not None:
            self.noticed.emit(Told(tr("Wait until the other export or import is done, or cancel it.")))
            return
        self._set_busy(words)
        self._running = self._start(work, "exchange")
        self._running.add_done_callback(self._ended)

    def _ended(self, _task: asyncio.Task[Any]) -> None:
        self._running = None
        self._set_busy("")

    def _set_busy(self, words: str) -> None:
        if words != self._busy:
            self._busy = words
            self.busy_changed.emit()

    def _start(self, work: Callable[[], Coroutine[Any, Any, Any]], name: str) -> asyncio.Task[Any]:
        return self._scope.attempt(work, lambda error: self.noticed.emit(Told(str(error))), name)

    def _show_exported(self, summary: ExportSummary, target: Path) -> None:
        count = summary.conversations
        words = tr_count("Exported {n} conversation", "Exported {n} conversations", count)
        if summary.missing_files:
            words += " " + tr_count(
                "without {n} attachment that is gone",
                "without {n} attachments that are gone",
                summary.missing_files,
            )
        self.noticed.emit(Told(words, target.parent))


def today() -> str:
    """The day for the name of a file: 2026-11-25."""
    return datetime.now(UTC).astimezone().strftime("%Y-%m-%d")


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _imported(summary: ImportSummary) -> str:
    sentences = [tr_count("Imported {n} conversation.", "Imported {n} conversations.", summary.imported)]
    if summary.already_there:
        sentences.append(tr_count("{n} was there already.", "{n} were there already.", summary.already_there))
    if summary.left_out:
        sentences.append(
            tr_count("{n} was damaged and left out.", "{n} were damaged and left out.", summary.left_out)
        )
    if summary.missing_files:
        sentences.append(
            tr_count(
                "{n} attachment was not in it.", "{n} attachments were not in it.", summary.missing_files
            )
        )
    return " ".join(sentences)
