from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.storage.archives import ArchiveStore
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import DiskFullError, StorageError
from aiproxy_desktop.storage.records import Attachment
from tests.databases import FOLDER
from tests.databases.make import PICTURE


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> BackupFolder:
    return BackupFolder(tmp_path / "conversations.db", tmp_path / "backups", clock)


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def names(folder: BackupFolder) -> list[str]:
    return entries(folder.path)


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


async def test_a_backup_is_whole_while_the_database_is_written(
    db: Database, store: ConversationStore, folder: BackupFolder, tmp_path: Path
) -> None:
    turn = await store.add_turn("Why?", "m:a", title="Kept")
    await store.append(turn.answer.id, "Because")
    made = folder.make(7)
    await store.append(turn.answer.id, " it is so")
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made.path.parent.stat().st_mode & 0o777 == 0o700
    assert await titles(made.path) == ["Kept"]
    # Nothing stands beside it that it would need.
    assert names(folder) == [made.path.name]


def test_only_the_newest_are_kept(db: Database, folder: BackupFolder, clock: Clock) -> None:
    for _ in range(5):
        clock.now += timedelta(days=1)
        folder.make(3)
    assert [backup.at.day for backup in folder.all()] == [30, 29, 28]


def test_two_in_one_second_are_two(db: Database, folder: BackupFolder) -> None:
    assert folder.make(7).path != folder.make(7).path


def test_a_stopped_backup_leaves_nothing(db: Database, folder: BackupFolder) -> None:
    with pytest.raises(StorageError, match="stopped"):
        folder.make(7, lambda: True)
    assert names(folder) == []


def test_a_damaged_database_is_not_backed_up_over_a_sound_one(tmp_path: Path, folder: BackupFolder) -> None:
    (tmp_path / "conversations.db").write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
    with pytest.raises(StorageError):
        folder.make(1)
    assert folder.all() == ()


async def test_restoring_brings_back_and_keeps_what_it_replaced(tmp_path: Path, folder: BackupFolder) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Old")
    made = folder.make(7)
    await write(path, "New")
    folder.wish(made.path)
    assert await titles(path) == ["New", "Old"]
    assert folder.restore_if_wished().startswith("The backup was restored.")
    assert await titles(path) == ["Old"]
    assert path.stat().st_mode & 0o777 == 0o600
    replaced = next(backup for backup in folder.all() if backup.replaced)
    assert await titles(replaced.path) == ["New", "Old"]
    assert folder.restore_if_wished() == ""
    assert await titles(path) == ["Old"]


async def test_what_a_killed_process_had_in_its_log_is_in_what_is_kept(
    tmp_path: Path, folder: BackupFolder
) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Old")
    made = folder.make(7)
    db = await Database.open(path)
    await ConversationStore(db).create("In the log")
    log = path.with_name(path.name + "-wal").read_bytes()
    whole = path.read_bytes()
    await db.close()
    path.write_bytes(whole)
    path.with_name(path.name + "-wal").write_bytes(log)
    folder.wish(made.path)
    folder.restore_if_wished()
    assert await titles(path) == ["Old"]
    replaced = next(backup for backup in folder.all() if backup.replaced)
    assert await titles(replaced.path) == ["In the log", "Old"]


def _damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(4096)
    path.write_bytes(data)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 900")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_damage, "damaged"),
        (_empty, "damaged"),
        (_make_newer, "newer version"),
        (Path.unlink, "no longer there"),
    ],
)
async def test_what_cannot_be_restored_changes_nothing(
    tmp_path: Path, folder: BackupFolder, spoil: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Mine")
    made = folder.make(7)
    folder.wish(made.path)
    spoil(made.path)
    with pytest.raises(StorageError, match=said):
        folder.wish(made.path)
    assert said in folder.restore_if_wished()
    assert await titles(path) == ["Mine"]
    assert folder.restore_if_wished() == ""


@pytest.mark.parametrize("wish", [b"", b"[]", b'{"backup": "../../other.db"}', b'{"backup": 7}', b"\xff"])
async def test_a_wish_that_makes_no_sense(tmp_path: Path, folder: BackupFolder, wish: bytes) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Mine")
    (tmp_path / "restore.json").write_bytes(wish)
    assert "not restored" in folder.restore_if_wished()
    assert await titles(path) == ["Mine"]
    assert not (tmp_path / "restore.json").exists()


async def test_a_damaged_database_can_be_replaced_and_is_kept(tmp_path: Path, folder: BackupFolder) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Mine")
    made = folder.make(7)
    folder.wish(made.path)
    path.write_bytes(b"no database at all")
    assert folder.restore_if_wished().startswith("The backup was restored.")
    assert await titles(path) == ["Mine"]
    (aside,) = folder.path.glob("*-damaged.db")
    assert aside.read_bytes() == b"no database at all"


async def test_attachments_of_backups_are_named(store: ConversationStore, folder: BackupFolder) -> None:
    picture = Attachment("a" * 64, "box.png", "image", "image/png", 7)
    turn = await store.add_turn("Look", "m:a", title="Look", attachments=[picture])
    folder.make(7)
    await store.delete(turn.conversation.id)
    await store.purge()
    assert folder.referenced() == {"a" * 64}


async def test_attachments_of_what_is_deleted_or_half_imported_are_not_those_of_a_backup(
    db: Database, store: ConversationStore, folder: BackupFolder
) -> None:
    def picture(letter: str) -> Attachment:
        return Attachment(letter * 64, "box.png", "image", "image/png", 7)

    kept = await store.add_turn("Look", "m:a", title="Look", attachments=[picture("a")])
    cut = await store.add_turn("And", "m:a", conversation_id=kept.conversation.id, attachments=[picture("b")])
    await store.delete_branch(cut.question.id)
    gone = await store.add_turn("Gone", "m:a", title="Gone", attachments=[picture("c")])
    await store.delete(gone.conversation.id)
    archived = await ArchiveStore(db).read(kept.conversation.id)
    theirs = replace(archived.messages[0], text="Theirs", attachments=(picture("d"),))
    await ArchiveStore(db).begin().add(replace(archived, messages=(theirs, *archived.messages[1:])))
    folder.make(7)
    assert folder.referenced() == {"a" * 64}
    # All of them can still be brought back, or come, here.
    assert await store.referenced_hashes() == {letter * 64 for letter in "abcd"}


async def test_bytes_that_only_a_backup_refers_to_are_not_tidied_away(
    store: ConversationStore, folder: BackupFolder, tmp_path: Path
) -> None:
    blobs = BlobStore(tmp_path / "attachments", lambda: 1e12)
    kept, _ = await blobs.put(b"kept"), await blobs.put(b"of nobody")
    picture = Attachment(kept, "box.png", "image", "image/png", 4)
    turn = await store.add_turn("Look", "m:a", title="Look", attachments=[picture])
    folder.make(7)
    damaged = folder.make(7)
    damaged.path.write_bytes(b"nothing")
    await store.delete(turn.conversation.id)
    await store.purge()
    chat = ChatService(store, CompletionClient(Registry()), blobs)
    assert await chat.collect_blobs(folder.referenced()) == 1
    assert await blobs.read(kept) == b"kept"


def test_files_of_others_are_no_backups(tmp_path: Path, folder: BackupFolder) -> None:
    folder.path.mkdir()
    for name in ("notes.txt", "conversations-99999999-999999.db", "conversations.db"):
        (folder.path / name).write_bytes(b"x")
    assert folder.all() == ()
    assert BackupFolder(tmp_path / "none.db", tmp_path / "nowhere").all() == ()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The system refuses to write on, as a full disk does."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


async def grow(path: Path, title: str) -> None:
    db = await Database.open(path)
    try:
        store = ConversationStore(db)
        await store.add_messages((await store.create(title)).id, [("user", os.urandom(200_000).hex())])
    finally:
        await db.close()


@pytest.mark.parametrize("large", ["database", "backup"])
async def test_a_full_disk_stops_a_restore_and_nothing_is_lost(
    tmp_path: Path, folder: BackupFolder, large: str
) -> None:
    path = tmp_path / "conversations.db"
    await (grow if large == "backup" else write)(path, "Old")
    made = folder.make(7)
    if large == "backup":
        path.unlink()
    await (grow if large == "database" else write)(path, "New")
    before = await titles(path)
    folder.wish(made.path)
    with no_file_larger_than(250_000):
        assert "no room left" in folder.restore_if_wished()
    assert await titles(path) == before
    assert entries(tmp_path) == ["backups", "conversations.db"]
    assert [one.path for one in folder.all()] == [made.path]


async def test_a_full_disk_stops_a_backup_and_older_ones_stay(tmp_path: Path, folder: BackupFolder) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Old")
    made = folder.make(1)
    await grow(path, "New")
    with no_file_larger_than(250_000), pytest.raises(DiskFullError):
        folder.make(1)
    assert names(folder) == [made.path.name]


async def test_what_a_killed_backup_left_is_swept_away(db: Database, folder: BackupFolder) -> None:
    folder.path.mkdir()
    for ending in (".part", ".part-journal"):
        (folder.path / f"conversations-20261001-120000.db{ending}").write_bytes(b"half")
    (folder.path / "mine.part").write_bytes(b"mine")
    made = folder.make(7)
    assert names(folder) == [made.path.name, "mine.part"]


async def test_the_newest_sound_one_is_found(tmp_path: Path, folder: BackupFolder, clock: Clock) -> None:
    path = tmp_path / "conversations.db"
    await write(path, "Mine")
    assert folder.newest_sound() is None
    made = [folder.make(7)]
    for _ in range(2):
        clock.now += timedelta(days=1)
        made.append(folder.make(7))
    folder.wish(made[0].path)
    clock.now += timedelta(days=1)
    folder.restore_if_wished()
    assert folder.newest_sound() == made[2]
    _damage(made[2].path)
    assert folder.newest_sound() == made[1]
    for one in made:
        one.path.write_bytes(b"")
    left = folder.newest_sound()
    assert left is not None
    assert left.replaced


async def test_copies_made_for_an_update_hold_on_to_their_attachments_and_go_in_time(
    tmp_path: Path, folder: BackupFolder, clock: Clock
) -> None:
    for version in (3, 5):
        copy = Path(shutil.copy(FOLDER / f"v{version}.db", tmp_path / f"conversations.db.v{version}.backup"))
        os.utime(copy, (clock.now.timestamp(), clock.now.timestamp() - version * 24 * 3600))
    await write(tmp_path / "conversations.db", "Now")
    assert PICTURE.hash in folder.referenced()
    folder.make(7)
    assert "conversations.db.v3.backup" in entries(tmp_path)
    clock.now += timedelta(days=56)
    folder.make(7)
    assert [name for name in entries(tmp_path) if name.endswith(".backup")] == ["conversations.db.v3.backup"]
    clock.now += timedelta(days=2)
    folder.make(7)
    assert [name for name in entries(tmp_path) if name.endswith(".backup")] == []
    assert folder.referenced() == frozenset()
