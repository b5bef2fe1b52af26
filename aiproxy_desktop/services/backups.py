"""Backups of the history: made when they are due, told of when they fail, restored at the next start."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import start_on_thread
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.backups import Backup, BackupFolder
from aiproxy_desktop.storage.settings import Settings

_log = logging.getLogger(__name__)

_EVERY = {"day": timedelta(days=1), "week": timedelta(weeks=1)}

# Seconds after the start: nobody waits for anything then.
_SETTLED = 30.0

# Seconds between two looks at the clock, which may have been asleep.
_LOOK = 15 * 60.0


class BackupService:
    """The owner of the backups of one run. Await `close` before the database's file may go."""

    def __init__(
        self,
        folder: BackupFolder,
        settings: SettingsService,
        on_unexpected: Callable[[Exception], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        settled: float = _SETTLED,
        look: float = _LOOK,
    ) -> None:
        """Nothing runs before `start`.

        Args:
            folder: where they are.
            settings: whether, how often, how many.
            on_unexpected: told of errors nobody planned for.
            now: the time.
            settled: seconds from the start to the first look.
            look: seconds between two looks.
        """
        self._folder = folder
        self._settings = settings
        self._now = now
        self._settled = settled
        self._look = look
        self._scope = TaskScope("backups", on_unexpected)
        self._one_at_a_time = asyncio.Lock()
        self._stopping = threading.Event()
        self._woken = asyncio.Event()
        self._backups: tuple[Backup, ...] = ()
        self._failed = False
        self._changed: Subscribers[[]] = Subscribers()
        self._failures: Subscribers[[AIProxyError]] = Subscribers()
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def folder(self) -> BackupFolder:
        """Where they are."""
        return self._folder

    @property
    def backups(self) -> tuple[Backup, ...]:
        """Those known of, the newest first; `refresh` looks."""
        return self._backups

    def on_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call when `backups` changed; the answer unsubscribes."""
        return self._changed.add(callback)

    def on_failed(self, callback: Callable[[AIProxyError], None]) -> Callable[[], None]:
        """Call when a scheduled backup failed, once until one has worked again; the answer unsubscribes."""
        return self._failures.add(callback)

    def start(self) -> None:
        """Make backups when they are due, from now on."""
        self._unsubscribe = self._settings.subscribe(self._settings_changed)
        self._scope.start(self._keep_time(), "schedule")

    async def close(self) -> None:
        """Stop, a copy under way too; nothing half made is left."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._stopping.set()
        await self._scope.close()
        async with self._one_at_a_time:
            pass

    async def refresh(self) -> None:
        """Look what there is.

        Raises:
            StorageError: the folder cannot be read.
        """
        self._set(await start_on_thread(self._folder.all, "backups"))

    async def back_up(self) -> Backup:
        """Make one now.

        Raises:
            StorageError: it could not be made.
        """
        async with self._one_at_a_time:
            work = partial(self._folder.make, self._settings.current.backups_kept, self._stopping.is_set)
            running = start_on_thread(work, "backup")
            try:
                made = await asyncio.shield(running)
            except asyncio.CancelledError:
                self._stopping.set()
                await asyncio.wait([running])
                running.exception()
                raise
        self._failed = False
        await self.refresh()
        return made

    async def referenced(self) -> frozenset[str]:
        """Hashes of the attachments that backups refer to: their bytes must be kept.

        Raises:
            StorageError: the backups cannot be read.
        """
        return await start_on_thread(self._folder.referenced, "backups")

    async def wish_restore(self, backup: Backup) -> None:
        """Have a backup restored at the next start.

        Raises:
            StorageError: it is damaged, gone or of a newer version; nothing was changed.
        """
        await start_on_thread(partial(self._folder.wish, backup.path), "backups")

    async def _keep_time(self) -> None:
        await asyncio.sleep(self._settled)
        while True:
            await self._back_up_if_due()
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), self._look)
            except TimeoutError:
                continue

    async def _back_up_if_due(self) -> None:
        try:
            await self.refresh()
            if self._due(self._settings.current):
                await self.back_up()
        except AIProxyError as error:
            _log.warning("no backup was made: %s", error)
            if not self._failed:
                self._failed = True
                self._failures(error)

    def _due(self, settings: Settings) -> bool:
        if not settings.backups:
            return False
        ours = [backup.at for backup in self._backups if not backup.replaced]
        # A clock that was set back makes none wait for years.
        return not ours or not timedelta() <= self._now() - ours[0] < _EVERY[settings.backup_every]

    def _settings_changed(self, _settings: Settings) -> None:
        self._woken.set()

    def _set(self, backups: tuple[Backup, ...]) -> None:
        if backups != self._backups:
            self._backups = backups
            self._changed()
