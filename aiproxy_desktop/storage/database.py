"""SQLite behind one worker thread: every call is one transaction, none of them blocks the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from aiproxy_desktop.core.threads import outlasting
from aiproxy_desktop.storage.errors import (
    DamagedDatabaseError,
    DiskFullError,
    InUseError,
    ReadOnlyError,
    StorageError,
    plain,
)

if TYPE_CHECKING:  # sqlite3 is loaded on the worker thread, after the first paint
    import sqlite3

    from aiproxy_desktop.storage.migrations import Migration

T = TypeVar("T")

_BUSY_TIMEOUT_MS = 5000

# Bytes: SQLite's log begins with as many.
_LEAST_ROOM = 32 * 1024


class Database:
    """One open database file. Made by `open`, released by `close`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, executor: ThreadPoolExecutor) -> None:
        self._path = path
        self._connection = connection
        self._executor = executor
        self._closed = False

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    @classmethod
    async def open(cls, path: Path, migrations: Sequence[Migration] | None = None) -> Database:
        """Open or make the file and bring its schema up to date.

        Args:
            path: the database file; its folder must exist.
            migrations: the steps to use instead of the application's own.

        Raises:
            NewerDatabaseError: a newer version of the application wrote it.
            DamagedDatabaseError: it is not a usable database.
            StorageError: it cannot be opened or written for another reason, which is told.
        """
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        opening = executor.submit(_connect, path, migrations)
        try:
            connection = await outlasting(asyncio.wrap_future(opening))
        except BaseException:
            discarding = executor.submit(_discard, opening)
            executor.shutdown(wait=False)
            # Whoever opens the file next must not meet this connection.
            await outlasting(asyncio.wrap_future(discarding))
            raise
        return cls(path, connection, executor)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one writing transaction: all of it is committed, or none.

        Work that was handed over is done even if the caller is cancelled, in the order of the calls.

        Raises:
            StorageError: the database refused; nothing was changed.
        """
        return await self._submit(work, "BEGIN IMMEDIATE")

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work`, which only reads, on one consistent state of the database.

        Raises:
            StorageError: the database refused.
        """
        return await self._submit(work, "BEGIN")

    async def close(self) -> None:
        """Finish what was handed over, then close the file. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        try:
            await outlasting(asyncio.wrap_future(self._executor.submit(self._connection.close)))
        finally:
            self._executor.shutdown(wait=False)

    async def _submit(self, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
        if self._closed:
            raise StorageError("The history is closed", "Start the application again.")
        future = self._executor.submit(_transact, self._connection, self._path, begin, work)
        return await outlasting(asyncio.wrap_future(future))


def _transact(
    connection: sqlite3.Connection, path: Path, begin: str, work: Callable[[sqlite3.Connection], T]
) -> T:
    with told_plainly(path):
        connection.execute(begin)
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself; a second ROLLBACK would hide the cause.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn the journal to WAL; with two that do it at once, SQLite refuses one of them without waiting."""
    import sqlite3

    given_up = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > given_up:
                raise
            time.sleep(0.02)
        else:
            return


def _discard(opening: Future[sqlite3.Connection]) -> None:
    """On the worker thread, once `opening` is done: close what nobody waits for any more."""
    if opening.exception() is None:
        opening.result().close()


def _connect(path: Path, migrations: Sequence[Migration] | None) -> sqlite3.Connection:
    import sqlite3

    from aiproxy_desktop.storage.migrations import MIGRATIONS
    from aiproxy_desktop.storage.upgrading import check, sign

    with told_plainly(path):
        # As private as its folder before anything is in it; SQLite gives its other files the same mode.
        if not path.exists():
            path.touch(mode=0o600)
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.text_factory = decode_text
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            steps = MIGRATIONS if migrations is None else migrations
            check(connection, path, steps)
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            # What a person deletes is overwritten in the file, not only unlinked.
            connection.execute("PRAGMA secure_delete = ON")
            _bring_up_to_date(connection, path, steps)
            sign(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> None:
    """Take the steps that are due. Where there is no room for them, say how much they need.

    Raises:
        DiskFullError: there is not; nothing was changed.
        sqlite3.Error, OSError: as `migrate`.
    """
    import sqlite3

    from aiproxy_desktop.storage.upgrading import migrate

    try:
        migrate(connection, path, steps)
    except (sqlite3.Error, OSError) as error:
        told = _plain(error, path) if isinstance(error, sqlite3.Error) else plain(error, "", path, "")
        if not isinstance(told, DiskFullError):
            raise
        # A copy of what was there, and at the worst all of it once more in the log.
        needed = max(1, round(path.stat().st_size * 2 / 10**6))
        raise DiskFullError(
            told.title,
            f"Bringing the history up to date needs about {needed} MB. Nothing was changed;"
            " free some space, then try again.",
        ) from error


def encode_text(text: str) -> bytes:
    """Text for `CAST(? AS TEXT)`: lone surrogates, which SQLite's own binding refuses, go through."""
    return text.encode("utf-8", "surrogatepass")


def decode_text(data: bytes) -> str:
    """Back from what `encode_text` made; bytes damaged by others are shown as U+FFFD."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors on `path` as a StorageError that a person can act on."""
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        raise _plain(error, path) from error
    except OSError as error:
        raise plain(error, "The history", path, "written to") from error


def _full(folder: Path) -> bool:
    import shutil

    try:
        return shutil.disk_usage(folder).free < _LEAST_ROOM
    except OSError:
        return False


def _plain(error: sqlite3.Error, path: Path) -> StorageError:
    import sqlite3

    # The low byte is the primary code; the rest says where it happened.
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    code = extended & 0xFF
    if code == sqlite3.SQLITE_FULL or extended in {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}:
        return DiskFullError(
            f"There is no room left on the disk for {path}", "Free some space, then try again."
        )
    if code == sqlite3.SQLITE_CANTOPEN and _full(path.parent):  # its log cannot be made
        return DiskFullError(
            f"There is no room left on the disk for {path}", "Free some space, then try again."
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return ReadOnlyError(
            f"The history in {path} cannot be written to",
            "Make it and its folder readable and writable, or choose another folder with --data-dir.",
        )
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DamagedDatabaseError(
            f"The history in {path} is damaged",
            "It was left as it is. Move it aside to begin a new one, or put a copy of it back.",
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return InUseError(f"Another program is using {path}", "Close it, then try again.")
    return StorageError(f"The history in {path} cannot be used ({error})", "Nothing was changed.")
