"""Whole conversations, out of the database and into it: every branch, everything that is known of them.

An import is written in slices, so that the database is never held for long, and still comes all at once:
what is staged is hidden like something deleted until `publish` shows all of it in one transaction. What a
process that was killed had staged is purged with the deleted at the next start, or by the next import: there
is one at a time.
"""

# ruff: noqa: S608 - only constants of this module are put into statements; values are always bound

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage import tables
from aiproxy_desktop.storage.database import Database, encode_text
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.parts import parts_from_json, parts_to_json
from aiproxy_desktop.storage.records import Conversation, Folder, StoredMessage

if TYPE_CHECKING:
    import sqlite3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Messages a slice: a few milliseconds of the database's time.
SLICE = 250

_TEXTS = ("text", "reasoning", "error_title", "error_advice", "error_detail", "notes")
_COLUMNS = (
    *("id", "conversation_id", "parent_id", "role", "model", "status", "finish_reason", "parts", "cost"),
    *("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"),
    *("created_at", "first_token_at", "finished_at", "thought_until"),
    *_TEXTS,
)
_READ = f"""
    SELECT m.rowid, {", ".join(f"m.{name}" for name in _COLUMNS)},
        EXISTS (SELECT 1 FROM attachments a WHERE a.message_id = m.id)
    FROM messages m
    WHERE m.conversation_id = ? AND m.rowid > ? AND m.deleted_at IS NULL ORDER BY m.rowid LIMIT ?
"""
_WRITE = (
    f"INSERT INTO messages ({', '.join(_COLUMNS)}) VALUES ("
    + ", ".join("CAST(? AS TEXT)" if name in _TEXTS else "?" for name in _COLUMNS)
    + ")"
)


@dataclass(frozen=True, slots=True)
class Archived:
    """One conversation with all its messages; a parent comes before its children.

    Of a message that is still being answered there is what has arrived, as interrupted. What was deleted is
    not in it, nor what hangs below that. `sibling_index` and `sibling_count` of the messages say nothing.
    """

    conversation: Conversation
    messages: tuple[StoredMessage, ...]
    folder: Folder | None = None


class ArchiveStore:
    """Reads and writes whole conversations of one database. Every method raises StorageError."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def ids(self) -> tuple[str, ...]:
        """Every conversation that is not deleted, the archived ones too, oldest first."""
        return await self._db.read(_ids)

    async def read(self, conversation_id: str) -> Archived:
        """One conversation, read in slices.

        Raises:
            MissingConversationError: it is gone.
        """
        conversation, folder = await self._db.read(partial(_head, conversation_id=conversation_id))
        found: list[StoredMessage] = []
        after = -1
        while True:
            rows = await self._db.read(partial(_slice, conversation_id=conversation_id, after=after))
            found += (message for _, message in rows)
            if len(rows) < SLICE:
                break
            after = rows[-1][0]
        return _living(conversation, folder, found)

    def begin(self) -> Staging:
        """Start an import."""
        return Staging(self._db)


class Staging:
    """One import under way: `add` what comes, then `publish` or `drop` it all."""

    def __init__(self, db: Database) -> None:
        self._db = db
        # Hidden as if deleted before 1970, at a moment that is no other import's.
        self._marker = -1 - secrets.randbits(60)
        self._folders: dict[str, Folder] = {}
        self._begun = False
        self.added: list[str] = []

    async def add(self, archived: Archived) -> str | None:
        """Stage one conversation; its id in this database, or None when all of it is there already.

        Ids are kept where none of them is taken, else each gets another one, the same at every import of the
        same conversation. Nothing that is there is changed.
        """
        if not self._begun:
            # What could not be dropped for want of room would have its ids taken.
            await _empty(self._db, "deleted_at < 0 AND deleted_at <> ?", self._marker)
            self._begun = True
        named = await self._db.read(partial(_named, wanted=archived, marker=self._marker))
        if named is None:
            return None
        conversation = replace(named.conversation, leaf_id=None, folder_id=None)
        await self._db.run(partial(_open, conversation=conversation, marker=self._marker))
        for start in range(0, len(named.messages), SLICE):
            messages = named.messages[start : start + SLICE]
            await self._db.run(partial(_write, messages=messages))
        await self._db.run(partial(_point, conversation=named.conversation))
        self.added.append(conversation.id)
        if named.folder is not None:
            self._folders[conversation.id] = named.folder
        return conversation.id

    async def publish(self) -> None:
        """Show all that was staged, at once.

        Raises:
            StorageError: not all of it is there any more; then nothing is shown.
        """
        await self._db.run(
            partial(_publish, marker=self._marker, expected=len(self.added), folders=self._folders)
        )

    async def drop(self) -> None:
        """Leave nothing of what was staged."""
        await _empty(self._db, "deleted_at = ?", self._marker)


# Reading


def _ids(connection: sqlite3.Connection) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT id FROM conversations WHERE deleted_at IS NULL ORDER BY created_at, rowid"
    )
    return tuple(row[0] for row in rows)


def _head(connection: sqlite3.Connection, conversation_id: str) -> tuple[Conversation, Folder | None]:
    conversation = tables.conversation(connection, conversation_id)
    if conversation.folder_id is None:
        return conversation, None
    name = connection.execute("SELECT name FROM folders WHERE id = ?", [conversation.folder_id]).fetchone()[0]
    return conversation, Folder(conversation.folder_id, name)


def _slice(
    connection: sqlite3.Connection, conversation_id: str, after: int
) -> list[tuple[int, StoredMessage]]:
    rows = connection.execute(_READ, [conversation_id, after, SLICE]).fetchall()
    return [(row[0], _message(connection, row[1:])) for row in rows]


def _message(connection: sqlite3.Connection, row: tuple[Any, ...]) -> StoredMessage:
    found = dict(zip(_COLUMNS, row, strict=False))
    text, reasoning, status = found["text"], found["reasoning"], found["status"]
    if status == "streaming":
        pieces = connection.execute(
            "SELECT text, reasoning FROM journal WHERE message_id = ? ORDER BY position", [found["id"]]
        ).fetchall()
        text, reasoning = "".join(piece[0] for piece in pieces), "".join(piece[1] for piece in pieces)
        status = "interrupted"
    tokens = [found[name] for name in ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")]
    return StoredMessage(
        id=found["id"],
        conversation_id=found["conversation_id"],
        parent_id=found["parent_id"],
        role=found["role"],
        text=text,
        created_at=_moment(found["created_at"]),
        status=status,
        reasoning=reasoning,
        model=found["model"],
        error_title=found["error_title"],
        error_advice=found["error_advice"],
        error_detail=found["error_detail"],
        finish_reason=found["finish_reason"],
        usage=Usage(*tokens) if tokens[0] is not None or tokens[1] is not None else None,
        first_token_at=_known(found["first_token_at"]),
        finished_at=_known(found["finished_at"]),
        notes=tuple(found["notes"].splitlines()),
        attachments=tables.attachments(connection, found["id"]) if row[-1] else (),
        parts=parts_from_json(found["parts"]) if found["parts"] else (),
        cost=found["cost"],
        thought_until=_known(found["thought_until"]),
    )


def _living(conversation: Conversation, folder: Folder | None, messages: Sequence[StoredMessage]) -> Archived:
    """Without what hangs below something deleted; the conversation then stands at its newest message."""
    kept: dict[str, StoredMessage] = {}
    for message in messages:
        if message.parent_id is None or message.parent_id in kept:
            kept[message.id] = message
    leaf = conversation.leaf_id if conversation.leaf_id in kept else next(reversed(kept), None)
    comparison = conversation.comparison if kept.keys() >= set(conversation.comparison) else ()
    return Archived(replace(conversation, leaf_id=leaf, comparison=comparison), tuple(kept.values()), folder)


# Writing


def _named(connection: sqlite3.Connection, wanted: Archived, marker: int) -> Archived | None:
    """With ids that are free here; None when everything in it is here already."""
    candidate, attempt = wanted, 0
    while True:
        taken = connection.execute(
            "SELECT deleted_at FROM conversations WHERE id = ?", [candidate.conversation.id]
        ).fetchone()
        if taken is None and not _any_taken(connection, [message.id for message in candidate.messages]):
            return candidate
        if taken is not None and taken[0] in {None, marker} and _holds(connection, candidate):
            return None
        attempt += 1
        candidate = _renamed(wanted, attempt)


def _any_taken(connection: sqlite3.Connection, ids: Collection[str]) -> bool:
    statement = "SELECT 1 FROM messages WHERE id = ?"
    return any(connection.execute(statement, [one]).fetchone() is not None for one in ids)


def _holds(connection: sqlite3.Connection, wanted: Archived) -> bool:
    """Whether every message of it is there as it is; what a person changed about the rest stands."""
    if not wanted.messages:
        return True
    there: dict[str, StoredMessage] = {}
    after = -1
    while True:
        rows = _slice(connection, wanted.conversation.id, after)
        there |= {message.id: message for _, message in rows}
        if len(rows) < SLICE:
            break
        after = rows[-1][0]
    return all(there.get(message.id) == _as_stored(message) for message in wanted.messages)


def _as_stored(message: StoredMessage) -> StoredMessage:
    """As it would be read back: in parts, halves of characters do not stay what they are."""
    return replace(message, parts=parts_from_json(parts_to_json(message.parts))) if message.parts else message


def _renamed(wanted: Archived, attempt: int) -> Archived:
    old = wanted.conversation

    def other(one: str) -> str:
        return hashlib.sha256(f"{attempt}\0{old.id}\0{one}".encode("utf-8", "replace")).hexdigest()[:32]

    new_id = other("")
    conversation = replace(
        old,
        id=new_id,
        leaf_id=None if old.leaf_id is None else other(old.leaf_id),
        comparison=tuple(other(one) for one in old.comparison),
    )
    messages = tuple(
        replace(
            message,
            id=other(message.id),
            conversation_id=new_id,
            parent_id=None if message.parent_id is None else other(message.parent_id),
        )
        for message in wanted.messages
    )
    return replace(wanted, conversation=conversation, messages=messages)


def _open(connection: sqlite3.Connection, conversation: Conversation, marker: int) -> None:
    tables.insert_conversation(connection, conversation)
    tables.set_deleted(connection, conversation.id, marker)


def _write(connection: sqlite3.Connection, messages: Sequence[StoredMessage]) -> None:
    connection.executemany(_WRITE, [_row(message) for message in messages])
    for message in messages:
        if message.attachments:
            tables.insert_attachments(connection, message.id, message.attachments)


def _row(message: StoredMessage) -> list[object]:
    usage = message.usage or Usage()
    status = "interrupted" if message.status == "streaming" else message.status
    texts = {
        "text": message.text,
        "reasoning": message.reasoning,
        "error_title": message.error_title,
        "error_advice": message.error_advice,
        "error_detail": message.error_detail,
        "notes": "\n".join(" ".join(note.split()) for note in message.notes),
    }
    return [
        *(message.id, message.conversation_id, message.parent_id, message.role, message.model, status),
        *(message.finish_reason, parts_to_json(message.parts), message.cost),
        *(usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens),
        tables.micros(message.created_at),
        *(
            None if moment is None else tables.micros(moment)
            for moment in (message.first_token_at, message.finished_at, message.thought_until)
        ),
        *(encode_text(texts[name]) for name in _TEXTS),
    ]


def _point(connection: sqlite3.Connection, conversation: Conversation) -> None:
    connection.execute(
        "UPDATE conversations SET leaf_id = ? WHERE id = ?", [conversation.leaf_id, conversation.id]
    )


def _publish(connection: sqlite3.Connection, marker: int, expected: int, folders: dict[str, Folder]) -> None:
    places = _places(connection, {folder.id: folder for folder in folders.values()})
    for conversation_id, folder in folders.items():
        connection.execute(
            "UPDATE conversations SET folder_id = ? WHERE id = ? AND deleted_at = ?",
            [places[folder.id], conversation_id, marker],
        )
    shown = connection.execute("UPDATE conversations SET deleted_at = NULL WHERE deleted_at = ?", [marker])
    if shown.rowcount != expected:
        raise MissingConversationError(
            "The import was disturbed, and nothing was taken in", "Import the file again."
        )


def _places(connection: sqlite3.Connection, wanted: dict[str, Folder]) -> dict[str, str]:
    """Where their conversations go: the folder of this id, else one of this name, else a new one.

    Two that have one name stay two: each folder that is here takes in one.
    """
    here: dict[str, str] = dict(connection.execute("SELECT id, name FROM folders"))
    by_name = {name: one for one, name in here.items() if one not in wanted}
    now = tables.micros(datetime.now(UTC))
    places: dict[str, str] = {}
    for one, folder in wanted.items():
        if one in here:
            places[one] = one
            continue
        known = by_name.pop(folder.name, None)
        places[one] = one if known is None else known
        if known is None:
            connection.execute(
                "INSERT INTO folders (id, name, created_at) VALUES (?, CAST(? AS TEXT), ?)",
                [one, encode_text(folder.name), now],
            )
    return places


async def _empty(db: Database, where: str, marker: int) -> None:
    """Remove what is staged, one conversation at a time."""
    while await db.run(partial(_drop, where=where, marker=marker)):
        pass


def _drop(connection: sqlite3.Connection, where: str, marker: int) -> int:
    # From the newest on, where staged ones are found without looking at all others.
    statement = f"SELECT id FROM conversations WHERE {where} ORDER BY rowid DESC LIMIT 1"
    row = connection.execute(statement, [marker]).fetchone()
    if row is None:
        return 0
    connection.execute("DELETE FROM conversations WHERE id = ?", [row[0]])
    return 1


def _moment(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def _known(value: int | None) -> datetime | None:
    return None if value is None else _moment(value)
