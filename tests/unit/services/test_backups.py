from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.backups import BackupService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.settings import SettingsStore
from tests.guards import LogGuard
from tests.waiting import until


class Run:
    """One run of the application, as far as backups go."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
        self.settings = SettingsService(SettingsStore(folder / "settings.json"))
        self.unexpected: list[Exception] = []
        self.failures: list[AIProxyError] = []
        self.service = BackupService(
            BackupFolder(folder / "conversations.db", folder / "backups", lambda: self.now),
            self.settings,
            self.unexpected.append,
            now=lambda: self.now,
            settled=0,
            look=0.01,
        )
        self.service.on_failed(self.failures.append)

    def count(self) -> int:
        """How many backups there are."""
        return len(self.service.backups)


@asynccontextmanager
async def run(folder: Path) -> AsyncIterator[Run]:
    db = await Database.open(folder / "conversations.db")
    one = Run(folder)
    try:
        yield one
    finally:
        await one.service.close()
        await db.close()
    assert one.unexpected == []


async def test_the_first_is_made_soon_and_the_next_when_it_is_due(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        one.service.start()
        await until(lambda: len(one.service.backups) == 1, "the first")
        one.now += timedelta(hours=23)
        await asyncio.sleep(0.1)
        assert one.count() == 1
        one.now += timedelta(hours=1)
        await until(lambda: len(one.service.backups) == 2, "the second")
        await one.settings.update(backup_every="week")
        one.now += timedelta(days=6)
        await asyncio.sleep(0.1)
        assert one.count() == 2
        one.now += timedelta(days=1)
        await until(lambda: len(one.service.backups) == 3, "the third")


async def test_switched_off_none_is_made_but_by_hand(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        await one.settings.update(backups=False)
        one.service.start()
        await asyncio.sleep(0.1)
        assert one.count() == 0
        await one.service.back_up()
        assert one.count() == 1


async def test_a_clock_that_was_set_back_does_not_stop_them(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        one.now += timedelta(days=4000)
        await one.service.back_up()
        one.now -= timedelta(days=4000)
        one.service.start()
        await until(lambda: len(one.service.backups) == 2, "one of today")


async def test_a_failure_is_told_once(tmp_path: Path, expected_logs: LogGuard) -> None:
    expected_logs.expect("no backup was made")
    (tmp_path / "backups").write_text("a file where the folder should be")
    async with run(tmp_path) as one:
        one.service.start()
        await until(lambda: one.failures, "the failure")
        await asyncio.sleep(0.2)
        assert len(one.failures) == 1
        (tmp_path / "backups").unlink()
        await until(lambda: one.service.backups, "the next try")
        (one_backup,) = one.service.backups
        one_backup.path.unlink()
        with pytest.raises(AIProxyError, match="no longer there"):
            await one.service.wish_restore(one_backup)
