"""Copies of the database: made while it is in use, checked, listed, and put back at the next start.

A backup holds the conversations and what is known of images; the bytes of attachments and images lie in a
folder of their own and are not copied. So whoever tidies that folder must keep what `referenced` names.

Restoring is a wish, written to a small file, that `restore_if_wished` carries out before the database is
opened. At every moment there is a whole database, and what it replaces is kept as a backup of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aiproxy_desktop.storage.errors import (
    DamagedDatabaseError,
    DiskFullError,
    InUseError,
    ReadOnlyError,
    StorageError,
    plain,
)

if TYPE_CHECKING:
    import sqlite3

# Pages copied between two looks at whether it is still wanted: 8 MB.
_PAGES = 2048

# After that, nobody goes back to the version before.
_UPGRADE_COPIES_STAY = timedelta(days=60)

_NAME = re.compile(r"^conversations-(?P<time>\d{8}-\d{6})(?P<kind>|-replaced)\.db$")
_WISH = "restore.json"


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy. `replaced` ones were made by a restore, of what it replaced; no schedule removes them."""

    path: Path
    at: datetime
    size: int
    replaced: bool = False


class BackupFolder:
    """The backups of one database. Methods block: they belong on a thread. They raise StorageError."""

    def __init__(
        self, database: Path, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._folder = folder
        self._now = now

    @property
    def path(self) -> Path:
        """Where they are."""
        return self._folder

    def all(self) -> tuple[Backup, ...]:
        """The newest first."""
        found: list[Backup] = []
        try:
            for path in self._folder.iterdir() if self._folder.is_dir() else ():
                match = _NAME.match(path.name)
                if match is not None:
                    at = datetime.strptime(match["time"], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
                    found.append(Backup(path, at, path.stat().st_size, bool(match["kind"])))
        except ValueError:  # digits that are no date: not one of ours
            pass
        except OSError as error:
            raise plain(error, "The backups", self._folder, "read") from error
        return tuple(sorted(found, key=lambda backup: (backup.at, backup.path.name), reverse=True))

    def make(self, keep: int, cancelled: Callable[[], bool] = lambda: False) -> Backup:
        """Copy the database as it stands, check the copy, and keep the newest `keep`.

        Raises:
            StorageError: it could not be made; the older ones are all still there.
        """
        made = self._copy("", cancelled)
        ours = [backup for backup in self.all() if not backup.replaced]
        for old in ours[keep:]:
            with _told(old.path):
                old.path.unlink(missing_ok=True)
        self._drop_old_upgrade_copies()
        return made

    def _upgrade_copies(self) -> tuple[Path, ...]:
        from aiproxy_desktop.storage.upgrading import upgrade_copies

        with _told(self._database.parent):
            return tuple(copy for _, copy in upgrade_copies(self._database))

    def _drop_old_upgrade_copies(self) -> None:
        """What a person deleted is not to live on in a copy that was made for an update long ago."""
        old = (self._now() - _UPGRADE_COPIES_STAY).timestamp()
        for copy in self._upgrade_copies():
            with _told(copy):
                if copy.stat().st_mtime < old:
                    copy.unlink(missing_ok=True)

    def check(self, backup: Path) -> None:
        """Whether a backup can be restored.

        Raises:
            StorageError: it is gone, damaged, or of a newer version of the application.
        """
        from aiproxy_desktop.storage.migrations import MIGRATIONS
        from aiproxy_desktop.storage.upgrading import check

        if _NAME.match(backup.name) is None or backup.parent != self._folder or not backup.is_file():
            raise StorageError("That backup is no longer there", "Choose another one.")
        with _told(backup), closing(_read_only(backup)) as connection:
            check(connection, backup, MIGRATIONS)
            # An empty file is an empty database to SQLite.
            if not backup.stat().st_size or not _sound(connection):
                raise DamagedDatabaseError(
                    "That backup is damaged", "Choose another one. Nothing was changed."
                )

    def wish(self, backup: Path) -> None:
        """Have this backup restored at the next start, after checking it."""
        from aiproxy_desktop.storage.whole_files import write_whole

        self.check(backup)
        with _told(self._wish_file):
            write_whole(self._wish_file, json.dumps({"backup": backup.name}).encode())

    def restore_if_wished(self) -> str:
        """Before the database is opened: put back what was wished for.

        Returns:
            what became of it, a sentence for the person; empty when nothing was wished.
        """
        name = self._wished()
        if name is None:
            return ""
        try:
            self.check(self._folder / name)
            self._replace(self._folder / name)
        except StorageError as error:
            return f"The backup was not restored. {error}"
        finally:
            with suppress(OSError):
                self._wish_file.unlink()
        return "The backup was restored. What it replaced is kept in the folder of backups."

    def referenced(self) -> frozenset[str]:
        """Hashes of the attachments and images that backups refer to; their bytes must be kept.

        What is damaged counts for nothing: it cannot be restored either.
        """
        found: set[str] = set()
        for path in (*(backup.path for backup in self.all()), *self._upgrade_copies()):
            with suppress(DamagedDatabaseError), _told(path), closing(_read_only(path)) as connection:
                found |= _hashes(connection)
        return frozenset(found)

    @property
    def _wish_file(self) -> Path:
        return self._database.with_name(_WISH)

    def _wished(self) -> str | None:
        try:
            with self._wish_file.open("rb") as file:
                name = json.loads(file.read(4096)).get("backup")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, AttributeError):
            return ""
        return name if isinstance(name, str) else ""

    def _replace(self, backup: Path) -> None:
        # First what needs room on the disk: where there is none, the old database stays where it is.
        fresh = self._database.with_name(f"{self._database.name}.part")
        try:
            with _told(self._database):
                fresh.unlink(missing_ok=True)
                fresh.touch(mode=0o600)
                _backup(backup, fresh, lambda: False)
            if self._database.exists():
                self._keep_replaced()
            with _told(self._database):
                self._settle()
                fresh.replace(self._database)
        except BaseException:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise

    def _keep_replaced(self) -> None:
        try:
            self._copy("-replaced", lambda: False)
        except (DiskFullError, ReadOnlyError, InUseError):
            raise
        except StorageError:
            self._move_aside()

    def _settle(self) -> None:
        """Leave nothing beside the old database that SQLite could take for part of the new one."""
        import sqlite3

        with suppress(sqlite3.Error), closing(sqlite3.connect(self._database)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        for ending in ("-wal", "-shm", "-journal"):
            self._database.with_name(self._database.name + ending).unlink(missing_ok=True)

    def _move_aside(self) -> None:
        """What cannot be read as a database is kept as it is, with its log."""
        with _told(self._folder):
            for ending in ("", "-wal"):
                file = self._database.with_name(self._database.name + ending)
                if file.exists():
                    file.replace(self._folder / f"{self._free_name('-damaged').name}{ending}")

    def _copy(self, kind: str, cancelled: Callable[[], bool]) -> Backup:
        with _told(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
            target = self._free_name(kind)
            unfinished = target.with_name(target.name + ".part")
            try:
                # Made before SQLite sees it: a copy is nobody else's to read either.
                unfinished.touch(mode=0o600)
                _backup(self._database, unfinished, cancelled)
                _must_be_sound(unfinished)
                unfinished.replace(target)
            except BaseException:
                with suppress(OSError):
                    unfinished.unlink()
                raise
            at = datetime.strptime(target.name[14:29], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
            return Backup(target, at, target.stat().st_size, bool(kind))

    def _sweep(self) -> None:
        """Remove what processes that were killed left half made; copies are made one at a time."""
        for left in self._folder.glob("conversations-*.db.part*"):
            with suppress(OSError):
                left.unlink()

    def newest_sound(self) -> Backup | None:
        """The newest one that can be restored; what a restore replaced comes after all others."""
        for backup in sorted(self.all(), key=lambda one: one.replaced):
            with suppress(StorageError):
                self.check(backup.path)
                return backup
        return None

    def _free_name(self, kind: str) -> Path:
        seconds = int(self._now().timestamp())
        while True:
            stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d-%H%M%S")
            path = self._folder / f"conversations-{stamp}{kind}.db"
            if not path.exists():
                return path
            seconds += 1


class _StoppedError(Exception):
    """Nobody waits for the copy any more."""


def _backup(source_path: Path, target: Path, cancelled: Callable[[], bool]) -> None:
    import sqlite3

    def look(_status: int, _left: int, _total: int) -> None:
        if cancelled():
            raise _StoppedError

    with closing(sqlite3.connect(source_path)) as source, closing(sqlite3.connect(target)) as copy:
        # One state of the database all the way, whatever is written meanwhile.
        source.isolation_level = None
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=look, sleep=0)
        copy.execute("PRAGMA journal_mode = DELETE")
    _flush(target)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _read_only(path: Path) -> sqlite3.Connection:
    import sqlite3

    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _must_be_sound(copy: Path) -> None:
    with closing(_read_only(copy)) as connection:
        if not _sound(connection):
            raise DamagedDatabaseError("The history is damaged", "The older backups are all still there.")


def _hashes(connection: sqlite3.Connection) -> frozenset[str]:
    from aiproxy_desktop.storage import branches, image_rows

    # Before version 3 there were no attachments, before 5 no images.
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found = branches.referenced_hashes(connection, living=True) if version >= 3 else frozenset()
    return found | image_rows.referenced_hashes(connection, living=True) if version >= 5 else found


def _sound(connection: sqlite3.Connection) -> bool:
    return list(connection.execute("PRAGMA integrity_check(1)")) == [("ok",)]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    from aiproxy_desktop.storage.database import told_plainly

    try:
        with told_plainly(path):
            yield
    except _StoppedError:
        raise StorageError("The backup was stopped", "The older ones are all still there.") from None
