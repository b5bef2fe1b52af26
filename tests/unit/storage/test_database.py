from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import DamagedDatabaseError, DiskFullError, StorageError
from aiproxy_desktop.storage.migrations import Migration
from tests.databases import FOLDER


async def test_it_is_a_private_file_in_wal_mode(db: Database) -> None:
    mode, synchronous, keys = await db.read(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert (mode, synchronous, keys) == ("wal", 1, 1)
    assert stat.S_IMODE(db.path.stat().st_mode) == 0o600


async def test_work_runs_on_one_other_thread_in_the_order_it_came(db: Database) -> None:
    threads: list[int] = []
    order: list[int] = []

    def note(number: int, _: sqlite3.Connection) -> None:
        threads.append(threading.get_ident())
        order.append(number)

    await asyncio.gather(*(db.run(partial(note, number)) for number in range(50)))

    assert order == list(range(50))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_work_that_fails_changes_nothing(db: Database, store: ConversationStore) -> None:
    def half_done(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('a', 'b', 1, 1)"
        )
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        await db.run(half_done)

    assert await store.page() == ()
    await store.create("afterwards")
    assert [item.title for item in await store.page()] == ["afterwards"]


async def test_what_was_handed_over_is_done_though_the_caller_was_cancelled(
    db: Database, store: ConversationStore
) -> None:
    gate = threading.Event()
    holding = asyncio.ensure_future(db.run(lambda _: gate.wait(60)))
    creating = asyncio.ensure_future(store.create("kept"))
    await asyncio.sleep(0)
    creating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await creating
    gate.set()
    await holding

    assert [item.title for item in await store.page()] == ["kept"]


async def test_opening_that_nobody_waits_for_leaves_nothing_open(tmp_path: Path) -> None:
    opening = asyncio.ensure_future(Database.open(tmp_path / "conversations.db"))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    # The thread, and with it the connection, is gone; the fixture that counts threads would tell.
    again = await Database.open(tmp_path / "conversations.db")
    await again.close()


async def test_an_opening_that_is_given_up_ends_only_when_it_has_let_go_of_the_file(tmp_path: Path) -> None:
    begun, gate = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE there (name TEXT)")
        begun.set()
        gate.wait(60)

    opening = asyncio.ensure_future(Database.open(tmp_path / "it.db", (Migration(1, slow),)))
    await on_thread(partial(begun.wait, 60))
    opening.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not opening.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    with closing(sqlite3.connect(tmp_path / "it.db", timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")


async def test_after_closing_it_says_so(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "conversations.db")
    await db.close()
    await db.close()

    with pytest.raises(StorageError, match="closed"):
        await db.run(lambda _: None)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be one" * 40, b"SQLite format 3\0rest"]
)
async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "conversations.db"
    path.write_bytes(content)

    with pytest.raises(DamagedDatabaseError) as told:
        await Database.open(path)

    assert str(path) in told.value.title
    assert path.read_bytes() == content


async def test_a_page_that_was_overwritten_is_told(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    db = await Database.open(path)
    await ConversationStore(db).add_messages(
        (await ConversationStore(db).create("t")).id, [("user", "x" * 9000)]
    )
    page = await db.read(
        lambda c: c.execute("SELECT rootpage FROM sqlite_master WHERE name = 'conversations'").fetchone()[0]
    )
    await db.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: (page - 1) * 4096] + os.urandom(4096) + whole[page * 4096 :])

    db = await Database.open(path)
    try:
        with pytest.raises(DamagedDatabaseError):
            await ConversationStore(db).page()
    finally:
        await db.close()


async def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE recipes (name TEXT)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()

    with pytest.raises(DamagedDatabaseError, match="another program"):
        await Database.open(path)

    assert path.read_bytes() == before


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    path.touch()
    db = await Database.open(path)
    assert await ConversationStore(db).page() == ()
    await db.close()


async def test_a_full_disk_loses_nothing_that_was_written(db: Database, store: ConversationStore) -> None:
    turn = await store.add_turn("kept", "builtin:small", title="kept")
    # SQLite's own bound gives the very error that a full disk gives.
    await db.read(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())

    with pytest.raises(DiskFullError, match="no room left"):
        await store.append(turn.answer.id, "x" * 500_000)
    with pytest.raises(DiskFullError):
        await store.add_turn("lost, and said so", "builtin:small", title="x" * 100_000)

    assert [message.text for message in await store.thread(turn.conversation.id)] == ["kept", ""]
    await db.read(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    await store.append(turn.answer.id, "room again")
    assert (await store.message(turn.answer.id)).text == "room again"


async def test_another_program_that_holds_the_file_is_named_as_the_reason(
    db: Database, store: ConversationStore
) -> None:
    await store.create("there")
    other = sqlite3.connect(db.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StorageError, match="Another program"):
            await store.create("waits, then gives up")
    finally:
        other.close()
    await store.create("goes through")


_OPEN = """
import asyncio, os, sqlite3, sys
from pathlib import Path
from aiproxy_desktop.storage import migrations
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import ReadOnlyError

async def main():
    try:
        db = await Database.open(Path(sys.argv[1]))
        try:
            await ConversationStore(db).create("x")
        finally:
            await db.close()
    except ReadOnlyError as error:
        print(error)
    else:
        print("written")

# Permissions do not bind the superuser: as such, go on as somebody else.
if os.geteuid() == 0:
    os.setuid(65534)
asyncio.run(main())
"""


@pytest.mark.parametrize("there_before", [True, False])
def test_a_read_only_folder_is_told_in_one_sentence(*, there_before: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="read-only-") as name:
        folder = Path(name)
        path = folder / "conversations.db"
        if there_before:
            shutil.copy(FOLDER / "v1.db", path)
            path.chmod(0o444)
        folder.chmod(0o555)
        try:
            told = subprocess.run([sys.executable, "-c", _OPEN, str(path)], capture_output=True, text=True)
        finally:
            folder.chmod(0o755)

        assert (told.stderr, told.returncode) == ("", 0)
        assert "cannot be written to" in told.stdout
        assert "--data-dir" in told.stdout
        assert not there_before or path.read_bytes() == (FOLDER / "v1.db").read_bytes()
