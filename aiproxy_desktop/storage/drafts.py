"""What is written and not yet sent, by the place it was written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from aiproxy_desktop.storage.database import Database, decode_text, encode_text
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.storage.tables import micros

if TYPE_CHECKING:
    import sqlite3

# The place of a conversation that is not begun.
NEW_CHAT = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way. The bytes of its attachments are kept already, by their hashes."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.text or self.attachments)


NO_DRAFT = Draft()


class DraftStore:
    """All drafts of one database. A place is a conversation's id, or NEW_CHAT.

    Every method raises StorageError when the database refuses. The draft of a conversation goes with it
    when it is purged.
    """

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now

    async def read(self, place: str) -> Draft:
        """The draft of a place, empty where there is none."""

        def work(connection: sqlite3.Connection) -> Draft:
            row = connection.execute(
                "SELECT CAST(text AS BLOB), attachments FROM drafts WHERE place = ?", [place]
            ).fetchone()
            return NO_DRAFT if row is None else Draft(decode_text(row[0]), _attachments(row[1]))

        return await self._db.read(work)

    async def places(self) -> frozenset[str]:
        """Where something is written."""

        def work(connection: sqlite3.Connection) -> frozenset[str]:
            return frozenset(place for (place,) in connection.execute("SELECT place FROM drafts"))

        return await self._db.read(work)

    async def write(self, place: str, draft: Draft) -> None:
        """Keep a draft instead of the former one; an empty one is removed.

        One of a conversation that was purged meanwhile is dropped.
        """
        at = micros(self._now())

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM drafts WHERE place = ?", [place])
            if draft:
                connection.execute(
                    "INSERT INTO drafts (place, text, attachments, updated_at)"
                    " SELECT ?1, CAST(?2 AS TEXT), ?3, ?4"
                    " WHERE ?1 = '' OR EXISTS (SELECT 1 FROM conversations WHERE id = ?1)",
                    [place, encode_text(draft.text), _to_json(draft.attachments), at],
                )

        await self._db.run(work)


def _to_json(attachments: tuple[Attachment, ...]) -> str:
    return msgspec.json.encode(attachments).decode() if attachments else ""


def _attachments(text: str) -> tuple[Attachment, ...]:
    """Back from storage; none where they cannot be read, as from a newer version."""
    if not text:
        return ()
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"), type=tuple[Attachment, ...])
    except msgspec.MsgspecError:
        return ()
