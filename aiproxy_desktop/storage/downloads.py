"""What is being downloaded, so that it goes on after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from aiproxy_desktop.storage.database import Database, decode_text, encode_text
from aiproxy_desktop.storage.tables import micros, moment

if TYPE_CHECKING:
    import sqlite3

DownloadKind: TypeAlias = Literal["pull", "file"]

# `spoiled` is a failure after which the bytes that came are of no use: the next attempt begins anew. One
# that was `left` was given up, and its bytes are still to be removed.
DownloadState: TypeAlias = Literal["running", "paused", "failed", "spoiled", "left"]

_TEXTS = ("name", "url", "path", "error_title", "error_advice")
_COLUMNS = (
    *("id", "kind", "provider", "sha256", "etag", "completed", "total", "state", "created_at"),
    *_TEXTS,
)
_INSERT = (
    f"INSERT OR REPLACE INTO downloads ({', '.join(_COLUMNS)}) VALUES ("  # noqa: S608 - constants
    + ", ".join("CAST(? AS TEXT)" if column in _TEXTS else "?" for column in _COLUMNS)
    + ")"
)
_SELECT = (
    "SELECT "  # noqa: S608 - constants
    + ", ".join(f"CAST({column} AS BLOB)" if column in _TEXTS else column for column in _COLUMNS)
    + " FROM downloads ORDER BY created_at, id"
)


@dataclass(frozen=True, slots=True)
class DownloadRecord:
    """One download: a pull that a server does (`provider`, `name`), or a file (`url` to `path`).

    `etag` is what a later request is checked by (a strong ETag, or Last-Modified). `completed` and `total`
    are bytes; of a file, what lies on the disk counts.
    """

    id: str
    kind: DownloadKind
    name: str
    created_at: datetime
    provider: str = ""
    url: str = ""
    sha256: str = ""
    path: str = ""
    etag: str = ""
    completed: int = 0
    total: int | None = None
    state: DownloadState = "running"
    error_title: str = ""
    error_advice: str = ""


class DownloadStore:
    """The downloads of one database, the oldest first.

    Every method raises StorageError when the database refuses, and then nothing was changed.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> tuple[DownloadRecord, ...]:
        """All of them."""

        def work(connection: sqlite3.Connection) -> tuple[DownloadRecord, ...]:
            return tuple(_record(row) for row in connection.execute(_SELECT))

        return await self._db.read(work)

    async def save(self, records: Sequence[DownloadRecord], gone: Sequence[str] = ()) -> None:
        """Keep these, each in place of the one with its id, and forget those in `gone`."""
        rows = [_row(record) for record in records]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_INSERT, rows)
            connection.executemany("DELETE FROM downloads WHERE id = ?", [[identity] for identity in gone])

        await self._db.run(work)


def _row(record: DownloadRecord) -> list[object]:
    values = {column: getattr(record, column) for column in _COLUMNS}
    values["created_at"] = micros(record.created_at)
    return [encode_text(values[column]) if column in _TEXTS else values[column] for column in _COLUMNS]


def _record(row: Sequence[object]) -> DownloadRecord:
    values = dict(zip(_COLUMNS, row, strict=True))
    for column in _TEXTS:
        text = values[column]
        values[column] = decode_text(text) if isinstance(text, bytes) else ""
    created_at = values.pop("created_at")
    assert isinstance(created_at, int)
    return DownloadRecord(created_at=moment(created_at), **values)  # type: ignore[arg-type]  # by their names
