"""kill -9 in the middle of an import, a backup, a restore and an update."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.migrations import MIGRATIONS
from tests.databases import FOLDER
from tests.unit.services.exchange.parts import history

ROUNDS = 8
MANY = 120


def killed(what: str, folder: Path, after: float) -> bool:
    """Kill a process `after` seconds of what it does; whether it was done by then."""
    command = [sys.executable, "-m", "tests.integration.data_process", what, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(after)
        process.kill()
        rest = process.stdout.read()
        process.wait()
    return rest == "done\n"


def how_long(what: str, folder: Path) -> float:
    """Seconds of the whole of it."""
    command = [sys.executable, "-m", "tests.integration.data_process", what, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        began = time.monotonic()
        assert process.stdout.readline() == "done\n"
        took = time.monotonic() - began
        assert process.wait() == 0
    return took


async def add(folder: Path, count: int, word: str) -> None:
    async with history(folder) as parts:
        for number in range(count):
            turn = await parts.store.add_turn(f"{word} {number}", "p:m", title=f"{word} {number}")
            await parts.store.append(turn.answer.id, "So it is. " * 200)


async def titles(folder: Path) -> set[str]:
    """Of the conversations there are, in a database that must be whole."""
    async with history(folder) as parts:
        await parts.store.recover()
        assert await parts.db.read(lambda c: c.execute("PRAGMA integrity_check").fetchall()) == [("ok",)]
        await parts.db.run(
            lambda c: c.execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')")
        )
        there = await parts.all()
        # Nothing is there that is not to be seen.
        seen = len(there) + sum(len(one.messages) for one in there)
        assert await parts.traces() == seen
        return {one.conversation.title for one in there}


def moments(longest: float, record_property: Callable[[str, object], None]) -> list[float]:
    seed = random.SystemRandom().randrange(2**32)
    record_property("seed", seed)
    return [random.Random(seed + number).uniform(0, longest) for number in range(ROUNDS)]


async def test_a_killed_import_took_in_all_or_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    await add(tmp_path / "one", MANY, "Theirs")
    async with history(tmp_path / "one") as parts:
        await parts.service.export_all(tmp_path / "all.zip", "json")
    (tmp_path / "measured").mkdir()
    (tmp_path / "measured" / "all.zip").write_bytes((tmp_path / "all.zip").read_bytes())
    longest = how_long("import", tmp_path / "measured")
    mine, theirs = {"Mine 0"}, {f"Theirs {number}" for number in range(MANY)}
    for number, after in enumerate(moments(longest, record_property)):
        folder = tmp_path / f"round-{number}"
        await add(folder, 1, "Mine")
        (folder / "all.zip").write_bytes((tmp_path / "all.zip").read_bytes())
        done = killed("import", folder, after)
        there = await titles(folder)
        assert there == mine | theirs or (there == mine and not done)
        async with history(folder) as parts:
            await parts.take_in(folder / "all.zip")
        assert await titles(folder) == mine | theirs


async def test_a_killed_backup_leaves_only_whole_ones(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    await add(tmp_path, MANY, "Mine")
    backups = BackupFolder(tmp_path / "conversations.db", tmp_path / "backups")
    longest = how_long("backup", tmp_path)
    for after in moments(longest, record_property):
        killed("backup", tmp_path, after)
        assert backups.all()
        for backup in backups.all():
            backups.check(backup.path)
    backups.make(3)
    left = [path.name for path in backups.path.iterdir() if ".part" in path.name]
    assert left == []
    assert 2 <= len(backups.all()) <= 3
    assert len(await titles(tmp_path)) == MANY


async def test_a_killed_restore_is_done_at_the_next_start_and_loses_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    backups = BackupFolder(tmp_path / "conversations.db", tmp_path / "backups")
    await add(tmp_path, MANY, "Old")
    old = backups.make(9)
    await add(tmp_path, MANY, "New")
    new = backups.make(9)
    names = {word: {f"{word} {number}" for number in range(MANY)} for word in ("Old", "New")}
    backups.wish(new.path)
    longest = how_long("restore", tmp_path)
    wished, expected = old, names["Old"]
    for after in moments(longest, record_property):
        backups.wish(wished.path)
        killed("restore", tmp_path, after)
        # The next start.
        backups.restore_if_wished()
        assert await titles(tmp_path) == expected
        for backup in backups.all():
            backups.check(backup.path)
        wished, expected = (new, names["Old"] | names["New"]) if wished is old else (old, names["Old"])
    assert not (tmp_path / "conversations.db.part").exists()


def write_large_v2(path: Path) -> int:
    """A history of a schema without a search index, whose making is the longest step; how many messages."""
    shutil.copy(FOLDER / "v2.db", path)
    with closing(sqlite3.connect(path)) as old:
        old.execute("INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('c', 'C', 1, 1)")
        old.executemany(
            "INSERT INTO messages (id, conversation_id, role, text, status, created_at)"
            " VALUES (?, 'c', 'user', ?, 'complete', 1)",
            ((f"m{number}", f"tree {number} " * 40) for number in range(4000)),
        )
        old.commit()
    return counted(path)[1]


def counted(path: Path) -> tuple[int, int]:
    """The version of a whole database, and how many messages are in it."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (messages,) = connection.execute("SELECT count(*) FROM messages").fetchone()
        return version, messages


def test_a_killed_update_loses_nothing_and_is_done_at_the_next_start(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folders = [tmp_path / f"round-{number}" for number in range(1 + ROUNDS // 2)]
    for folder in folders:
        folder.mkdir()
    count = write_large_v2(folders[0] / "conversations.db")
    for folder in folders[1:]:
        shutil.copy(folders[0] / "conversations.db", folder)
    longest = how_long("upgrade", folders[0])
    for folder, after in zip(folders[1:], moments(longest, record_property), strict=False):
        killed("upgrade", folder, after)
        how_long("upgrade", folder)
        assert counted(folder / "conversations.db") == (MIGRATIONS[-1].version, count)
        assert counted(folder / "conversations.db.v2.backup") == (2, count)
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["conversations.db", "conversations.db.v2.backup"]
