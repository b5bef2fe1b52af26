"""How conversations are kept: in one list, in folders, pinned, archived; and the pages of such lists."""

# ruff: noqa: S608 - only constants of this module are put into statements; values are always bound

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from aiproxy_desktop.storage import tables
from aiproxy_desktop.storage.conversations import new_id
from aiproxy_desktop.storage.database import Database, encode_text
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import Conversation, Folder

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which conversations a list holds: all that are not archived, those of one folder, the archived."""

    kind: Literal["all", "folder", "archived"] = "all"
    folder_id: str | None = None

    def holds(self, conversation: Conversation) -> bool:
        """Whether a conversation stands on it."""
        if self.kind == "archived":
            return conversation.archived_at is not None
        inside = self.kind == "all" or conversation.folder_id == self.folder_id
        return inside and conversation.archived_at is None


EVERYTHING = Shelf()
ARCHIVE = Shelf("archived")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many conversations are in the list and in the archive."""

    listed: int = 0
    archived: int = 0


class LibraryStore:
    """Lists of one database's conversations, and what arranges them.

    Every method raises StorageError when the database refuses, and then nothing was changed; those that
    take a conversation raise MissingConversationError when it is gone.
    """

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now

    async def page(
        self, shelf: Shelf = EVERYTHING, limit: int = 60, before: Conversation | None = None
    ) -> tuple[Conversation, ...]:
        """At most `limit` conversations that come after `before`, the last used first.

        Pinned ones are not among them, except in the archive, where nothing is pinned.
        """
        return await self._db.read(partial(_page, shelf=shelf, limit=limit, before=before))

    async def pinned(self, shelf: Shelf = EVERYTHING) -> tuple[Conversation, ...]:
        """The pinned conversations of a shelf, in the order in which they were pinned."""
        return await self._db.read(partial(_pinned, shelf=shelf))

    async def counts(self) -> Counts:
        """How many there are."""
        return await self._db.read(_counts)

    async def folders(self) -> tuple[Folder, ...]:
        """All folders with what is in them, by name."""
        return await self._db.read(_folders)

    async def set_pinned(self, conversation_id: str, *, pinned: bool) -> None:
        """Keep a conversation at the top of its list, or no longer."""
        await self._set("pinned_at = ?", self._moment(pinned), conversation_id)

    async def set_archived(self, conversation_id: str, *, archived: bool) -> None:
        """Put a conversation out of sight, or back where it was. Its pin and its folder stay."""
        await self._set("archived_at = ?", self._moment(archived), conversation_id)

    async def move(self, conversation_id: str, folder_id: str | None) -> None:
        """Put a conversation into a folder, out of the one it was in; None is out of any."""
        await self._set(
            "folder_id = (SELECT id FROM folders WHERE id = ?)",  # a folder deleted meanwhile is none
            folder_id,
            conversation_id,
        )

    async def title_by_model(self, conversation_id: str, title: str) -> bool:
        """Put a model's title in place of the first words of the question.

        Returns:
            whether it was; a title that somebody gave meanwhile stays, and nothing is found in what is gone.
        """

        def work(connection: sqlite3.Connection) -> bool:
            changed = connection.execute(
                "UPDATE conversations SET title = CAST(? AS TEXT), titled_by = 'model'"
                " WHERE id = ? AND titled_by = 'prompt' AND deleted_at IS NULL",
                [encode_text(title), conversation_id],
            )
            return bool(changed.rowcount)

        return await self._db.run(work)

    async def create_folder(self, name: str) -> Folder:
        """A new, empty folder."""
        folder = Folder(new_id(), name)

        def work(connection: sqlite3.Connection) -> Folder:
            connection.execute(
                "INSERT INTO folders (id, name, created_at) VALUES (?, CAST(? AS TEXT), ?)",
                [folder.id, encode_text(name), tables.micros(self._now())],
            )
            return folder

        return await self._db.run(work)

    async def rename_folder(self, folder_id: str, name: str) -> None:
        """Another name; nothing happens to a folder that is gone."""
        await self._execute(
            "UPDATE folders SET name = CAST(? AS TEXT) WHERE id = ?", [encode_text(name), folder_id]
        )

    async def delete_folder(self, folder_id: str) -> None:
        """Remove a folder; what was in it stays, in no folder."""
        await self._execute("DELETE FROM folders WHERE id = ?", [folder_id])

    def _moment(self, given: bool) -> int | None:
        return tables.micros(self._now()) if given else None

    async def _set(self, assignment: str, value: Any, conversation_id: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            changed = connection.execute(
                f"UPDATE conversations SET {assignment} WHERE id = ?", [value, conversation_id]
            )
            if not changed.rowcount:
                raise MissingConversationError("That conversation is no longer there", "Begin a new one.")

        await self._db.run(work)

    async def _execute(self, statement: str, values: list[Any]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)

        await self._db.run(work)


def page_statement(shelf: Shelf, limit: int, before: Conversation | None) -> tuple[str, list[Any]]:
    """One page as SQL. Only a folder is sorted: its own conversations, found by their index."""
    where, values = _where(shelf)
    if shelf.kind != "archived":
        where += " AND pinned_at IS NULL"
    if before is not None:
        where += " AND (updated_at, id) < (?, ?)"
        values += [tables.micros(before.updated_at), before.id]
    order = "ORDER BY updated_at DESC, id DESC LIMIT ?"
    return f"SELECT {tables.CONVERSATION} FROM conversations WHERE {where} {order}", [*values, limit]


def pinned_statement(shelf: Shelf) -> tuple[str, list[Any]]:
    """The pinned ones as SQL."""
    # The plus keeps the folder's index out: there are fewer pins than conversations in a folder.
    where, values = _where(shelf, folder="+folder_id")
    where += " AND pinned_at IS NOT NULL"
    return f"SELECT {tables.CONVERSATION} FROM conversations WHERE {where} ORDER BY pinned_at", values


def _where(shelf: Shelf, folder: str = "folder_id") -> tuple[str, list[Any]]:
    if shelf.kind == "archived":
        return "deleted_at IS NULL AND archived_at IS NOT NULL", []
    there = "deleted_at IS NULL AND archived_at IS NULL"
    return (there, []) if shelf.kind == "all" else (f"{there} AND {folder} = ?", [shelf.folder_id])


def _page(
    connection: sqlite3.Connection, shelf: Shelf, limit: int, before: Conversation | None
) -> tuple[Conversation, ...]:
    return tuple(
        tables.conversation_of(row) for row in connection.execute(*page_statement(shelf, limit, before))
    )


def _pinned(connection: sqlite3.Connection, shelf: Shelf) -> tuple[Conversation, ...]:
    if shelf.kind == "archived":
        return ()
    return tuple(tables.conversation_of(row) for row in connection.execute(*pinned_statement(shelf)))


def _counts(connection: sqlite3.Connection) -> Counts:
    row = connection.execute(
        """
        SELECT (SELECT count(*) FROM conversations WHERE deleted_at IS NULL AND archived_at IS NULL),
            (SELECT count(*) FROM conversations WHERE deleted_at IS NULL AND archived_at IS NOT NULL)
        """
    ).fetchone()
    return Counts(*row)


def _folders(connection: sqlite3.Connection) -> tuple[Folder, ...]:
    rows = connection.execute(
        """
        SELECT f.id, f.name, (SELECT count(*) FROM conversations c
            WHERE c.folder_id = f.id AND c.deleted_at IS NULL AND c.archived_at IS NULL)
        FROM folders f
        """
    )
    return tuple(
        sorted((Folder(*row) for row in rows), key=lambda folder: (folder.name.casefold(), folder.id))
    )
