"""Bringing a database up to date: refused for what is newer, with a copy of what was there before.

A copy stands beside the database as `<name>.v<version of its schema>.backup`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aiproxy_desktop import __version__
from aiproxy_desktop.storage.errors import DamagedDatabaseError, NewerDatabaseError

if TYPE_CHECKING:
    import sqlite3

    from aiproxy_desktop.storage.migrations import Migration

# The first schema that tells of the version of the application, and how long a version may be.
_SIGNED_FROM = 6
_MOST_VERSION = 40

# The copy made before the newest step and the one before it.
_COPIES_KEPT = 2


def check(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Refuse, before anything is written, a file that is not this version's to use.

    Raises:
        NewerDatabaseError: the schema is newer than the last step.
        DamagedDatabaseError: it is the database of another program.
    """
    # One statement, so that another process that is just making the file is seen before or after.
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version > migrations[-1].version:
        raise _newer(connection, path, migrations[-1].version)
    if version == 0 and tables:
        raise DamagedDatabaseError(
            f"{path} is the database of another program",
            "Move it aside, or choose another folder with --data-dir. Nothing was changed.",
        )


def _newer(connection: sqlite3.Connection, path: Path, usable: int) -> NewerDatabaseError:
    writer = _writer(connection)
    by = f"version {writer} of AI Proxy Desktop" if writer else "a newer version of AI Proxy Desktop"
    copies = [(version, copy) for version, copy in upgrade_copies(path) if version <= usable]
    before = f" A copy from before, which this version can use, is {copies[-1][1]}." if copies else ""
    return NewerDatabaseError(
        f"The history in {path} was written by {by}; this is {__version__}",
        f"Install that version again, or choose another folder with --data-dir.{before} Nothing was changed.",
    )


def _writer(connection: sqlite3.Connection) -> str:
    """The version that wrote a file last; empty where it does not tell in a way this version understands."""
    import sqlite3

    try:
        found = connection.execute("SELECT version FROM written_by").fetchone()
    except sqlite3.Error:
        return ""
    text = found[0] if found is not None else ""
    known = isinstance(text, str) and len(text) <= _MOST_VERSION and text.isprintable()
    return text if known and text != __version__ else ""


def sign(connection: sqlite3.Connection) -> None:
    """Have the file say which version of the application uses it; what cannot be written now is next time.

    Raises:
        sqlite3.Error: the database cannot even be read.
    """
    import sqlite3

    if _version(connection) < _SIGNED_FROM:
        return
    if connection.execute("SELECT version FROM written_by").fetchall() == [(__version__,)]:
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM written_by")
        connection.execute("INSERT INTO written_by (version) VALUES (?)", (__version__,))
        connection.execute("COMMIT")
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def upgrade_copies(path: Path) -> list[tuple[int, Path]]:
    """Copies of a database that were made before its schema was changed, with its version then, oldest first.

    Raises:
        OSError: its folder cannot be read.
    """
    found = []
    for copy in path.parent.iterdir():
        number = copy.name.removeprefix(f"{path.name}.v").removesuffix(".backup")
        if number.isascii() and number.isdecimal() and copy.name == f"{path.name}.v{number}.backup":
            found.append((int(number), copy))
    return sorted(found)


def _prune(path: Path) -> None:
    """Leave only the newest copies: each is as large as the history."""
    for _, copy in upgrade_copies(path)[:-_COPIES_KEPT]:
        with suppress(OSError):  # the next step that is taken tries again
            copy.unlink()


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Bring the schema up to date, all steps or none, after making a copy of what was there.

    Args:
        connection: open, in autocommit, in WAL mode.
        path: its file; the copy stands beside it as `<name>.v<version>.backup`.
        migrations: all steps, in order, numbered from 1.

    Raises:
        sqlite3.Error, OSError: the database refused; it is as it was.
    """
    if _version(connection) == migrations[-1].version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have taken the steps while this one waited for its turn.
        version = _version(connection)
        due = [migration for migration in migrations if migration.version > version]
        if due and version > 0:
            back_up(path, path.with_name(f"{path.name}.v{version}.backup"))
        for migration in due:
            migration.apply(connection)
            connection.execute(f"PRAGMA user_version = {migration.version:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if due:
        _prune(path)


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def back_up(path: Path, target: Path) -> None:
    """Copy a database as last committed; an older copy is replaced only by a whole new one.

    Raises:
        sqlite3.Error, OSError: the copy could not be made.
    """
    import sqlite3

    unfinished = target.with_name(target.name + ".part")
    _drop(unfinished)  # left by a process that was killed
    try:
        # Made before SQLite sees it: a copy is nobody else's to read either.
        unfinished.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        unfinished.replace(target)
    except BaseException:
        _drop(unfinished)
        raise


def _drop(unfinished: Path) -> None:
    for file in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
        file.unlink(missing_ok=True)
