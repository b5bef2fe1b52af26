from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from tests.application import running
from tests.waiting import until


async def titles(path: Path) -> list[str]:
    db = await Database.open(path)
    try:
        return [one.title for one in await ConversationStore(db).page()]
    finally:
        await db.close()


async def write(path: Path, title: str) -> None:
    db = await Database.open(path)
    try:
        await ConversationStore(db).create(title)
    finally:
        await db.close()


async def test_a_backup_is_restored_from_the_window(tmp_path: Path) -> None:
    """The whole application: a person goes to Settings, restores, and has the old conversations again."""
    path = tmp_path / "conversations.db"
    await write(path, "An old talk")
    backups = BackupFolder(path, tmp_path / "backups", lambda: datetime(2026, 11, 1, tzinfo=UTC))
    made = backups.make(7)
    await write(path, "A new talk")
    async with running(tmp_path) as person:
        gone: list[bool] = []
        person.window.destroyed.connect(lambda: gone.append(True))
        await person.press("ctrl+comma")
        await person.click("settings.nav.data")
        await person.click(f"settings.data.{made.path.name}.restore")
        await person.click(f"settings.data.{made.path.name}.confirm")
        # The window goes away by itself.
        await until(lambda: gone, "the end of the run")
    assert await titles(path) == ["A new talk", "An old talk"]
    async with running(tmp_path) as person:
        await until(lambda: person.reads("The backup was restored."), "what became of it")
    assert await titles(path) == ["An old talk"]
    assert [backup.replaced for backup in backups.all()].count(True) == 1
