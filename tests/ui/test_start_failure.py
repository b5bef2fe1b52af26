"""When the application cannot start it says why, and offers the way on."""

from __future__ import annotations

import asyncio
import errno
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from aiproxy_desktop.app import Application
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.options import AppOptions
from aiproxy_desktop.storage import database, upgrading
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import (
    DamagedDatabaseError,
    InUseError,
    NewerDatabaseError,
    NewerSettingsError,
)
from aiproxy_desktop.storage.folders_in_use import folders_to_use
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.ui.shell.single_instance import SingleInstance
from aiproxy_desktop.ui.shell.start_failure import StartFailure
from tests.application import running
from tests.databases import FOLDER
from tests.guards import LogGuard
from tests.waiting import until


class Failed:
    """A start that does not succeed."""

    def __init__(self, application: Application, task: asyncio.Future[int]) -> None:
        self.application = application
        self.task = task

    @property
    def dialog(self) -> StartFailure:
        (found,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, StartFailure)]
        return found

    def offers(self) -> list[str]:
        return sorted(button.text() for button in self.dialog.findChildren(QPushButton))

    def press(self, way: str) -> None:
        button = self.dialog.findChild(QPushButton, f"shell.startFailure.{way}")
        assert button is not None
        assert button.accessibleName()
        button.click()

    async def told(self) -> AIProxyError:
        with pytest.raises(AIProxyError) as caught:
            await self.task
        return caught.value


@asynccontextmanager
async def failing(folder: Path) -> AsyncIterator[Failed]:
    paths = AppPaths.resolve(str(folder), {})
    paths.ensure()
    qt = QApplication.instance()
    assert isinstance(qt, QApplication)
    with SingleInstance(paths.data) as instance:
        assert instance.acquire()
        application = Application(qt, AppOptions(), paths, Redactor(), instance)
        task = asyncio.ensure_future(application.run(None))
        await until(
            lambda: any(isinstance(one, StartFailure) and one.isVisible() for one in qt.topLevelWidgets()),
            "the dialog",
        )
        yield Failed(application, task)
        assert task.done()


async def write(path: Path, title: str) -> None:
    db = await Database.open(path)
    try:
        await ConversationStore(db).create(title)
    finally:
        await db.close()


async def test_a_damaged_history_is_replaced_by_the_newest_backup(
    tmp_path: Path, expected_logs: LogGuard
) -> None:
    expected_logs.expect(r"ERROR .*damaged")
    path = tmp_path / "conversations.db"
    await write(path, "Kept")
    BackupFolder(path, tmp_path / "backups").make(7)
    path.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
    async with failing(tmp_path) as failed:
        assert "damaged" in failed.dialog.text()
        await until(lambda: len(failed.offers()) == 2, "the offer")
        failed.press("restore")
        assert await failed.task == 0
        assert failed.application.again
    async with running(tmp_path) as person:
        await until(lambda: person.reads("The backup was restored."), "what became of it")
    db = await Database.open(path)
    assert [one.title for one in await ConversationStore(db).page()] == ["Kept"]
    await db.close()


async def test_without_a_sound_backup_there_is_none_to_restore(
    tmp_path: Path, expected_logs: LogGuard
) -> None:
    expected_logs.expect(r"ERROR .*damaged")
    (tmp_path / "conversations.db").write_bytes(b"no database at all" * 100)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "conversations-20261101-120000.db").write_bytes(b"no backup")
    async with failing(tmp_path) as failed:
        await asyncio.sleep(0.2)
        assert failed.offers() == ["Close"]
        failed.press("close")
        assert isinstance(await failed.told(), DamagedDatabaseError)
    assert (tmp_path / "conversations.db").read_bytes() == b"no database at all" * 100


async def test_a_locked_history_can_be_tried_again(
    tmp_path: Path, expected_logs: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_logs.expect(r"ERROR .*Another program")
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_MS", 50)
    await write(tmp_path / "conversations.db", "Kept")
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        async with failing(tmp_path) as failed:
            assert failed.offers() == ["Close", "Try again"]
            failed.press("retry")
            assert await failed.task == 0
            assert failed.application.again
        async with failing(tmp_path) as failed:
            failed.dialog.close()
            assert isinstance(await failed.told(), InUseError)
            assert not failed.application.again
    async with running(tmp_path) as person:
        await until(lambda: person.sees("chat.conversations"), "the list")


async def test_a_newer_history_cannot_be_tried_again(tmp_path: Path, expected_logs: LogGuard) -> None:
    expected_logs.expect(r"ERROR .*newer version")
    await write(tmp_path / "conversations.db", "Kept")
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as other:
        other.execute("PRAGMA user_version = 900")
    async with failing(tmp_path) as failed:
        assert failed.offers() == ["Close"]
        failed.press("close")
        assert isinstance(await failed.told(), NewerDatabaseError)


async def test_newer_settings_are_refused_in_the_window_too(tmp_path: Path, expected_logs: LogGuard) -> None:
    expected_logs.expect(r"ERROR .*written by version 9\.0\.0")
    (tmp_path / "settings.json").write_text('{"version": 2, "written_by": "9.0.0"}')
    async with failing(tmp_path) as failed:
        assert failed.offers() == ["Close"]
        assert "settings.json" in failed.dialog.text()
        failed.press("close")
        assert isinstance(await failed.told(), NewerSettingsError)
    assert (tmp_path / "settings.json").read_text() == '{"version": 2, "written_by": "9.0.0"}'


async def test_without_room_for_an_update_one_can_do_without_keeping_anything(
    tmp_path: Path, expected_logs: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_logs.expect(r"ERROR .*needs about 1 MB")
    path = Path(shutil.copy(FOLDER / "v3.db", tmp_path / "conversations.db"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(upgrading, "back_up", full)
        async with failing(tmp_path) as failed:
            assert failed.offers() == ["Close", "Start without saving", "Try again"]
            failed.press("unkept")
            assert await failed.task == 0
            assert (failed.application.unkept, failed.application.again) == (True, False)
    wanted = AppPaths.resolve(str(tmp_path), {})
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (3,)
    with folders_to_use(wanted, keeping=False) as paths:
        async with running(paths) as person:
            await until(lambda: person.reads("Nothing can be kept in"), "the banner")
        db = await Database.open(paths.database_file)
        assert len(await ConversationStore(db).page()) == 2
        await db.close()
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (3,)
