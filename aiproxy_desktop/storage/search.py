"""Search through everything that was said, newest first, beside all other work on the database."""

# ruff: noqa: S608 - only constants of this module are put into statements; values are always bound

from __future__ import annotations

import asyncio
import heapq
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.core.threads import outlasting
from aiproxy_desktop.storage.database import decode_text, encode_text, told_plainly
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.search_query import Query, Term, fold, longest_caseless, parse, pattern
from aiproxy_desktop.storage.snippets import Marked, marked_title, snippet
from aiproxy_desktop.storage.tables import moment

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

MOST_TITLES = 20

# Messages looked through at once where the index cannot help: 20,000 take some 15 ms.
_WINDOW = 20_000
# One letter begins words in nearly all messages: the newest are asked before the index collects them all.
_RECENT = 1_000

# Messages that fit up to which they are put in the order of time, which takes some 10 ms. Of more of them
# the last that were written down come first: but for what was imported, these are the newest.
_SORTED = 5_000

# Steps of SQLite's machine between two looks at whether somebody searches for something else by now.
_STEPS = 2_000


# One index for each, in the order of the list.
_LISTED = """
    SELECT id, title, updated_at FROM conversations WHERE deleted_at IS NULL AND archived_at IS NULL
    ORDER BY updated_at DESC, id DESC
"""
_FOUND = "m.rowid, c.id, c.title, m.id, m.role, m.text, m.created_at, c.archived_at"
_HIT = f"SELECT {_FOUND} FROM messages m JOIN conversations c ON c.id = m.conversation_id"
_ARCHIVED = _LISTED.replace("archived_at IS NULL", "archived_at IS NOT NULL")


@dataclass(frozen=True, slots=True)
class TitleHit:
    """A conversation whose title fits."""

    conversation_id: str
    title: Marked
    at: datetime
    archived: bool = False


@dataclass(frozen=True, slots=True)
class MessageHit:
    """A message that fits. `at` is when it was written, aware, in UTC."""

    conversation_id: str
    title: str
    message_id: str
    role: Role
    at: datetime
    snippet: Marked
    archived: bool = False


class Rest(NamedTuple):
    """Where the next page begins: before this row, or where `at` is given, before this moment and row."""

    row: int
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found.

    `rest` is where the next page begins, for `SearchStore.find`; None when this was the last. A page may
    be short, or empty, and still have a next one. `words` are the terms, to be marked in a message.
    """

    words: tuple[str, ...] = ()
    titles: tuple[TitleHit, ...] = ()
    messages: tuple[MessageHit, ...] = ()
    rest: Rest | None = None


class SearchStore:
    """Searches one database on a connection and a thread of its own, which only read.

    So a search neither waits for what is being written nor holds it up. What is deleted is not found;
    what is archived is, and marked.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first search.

        Args:
            path: of a database that was opened, and so brought up to date.
        """
        self._path = path
        self._executor: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._newest = 0
        self._lock = threading.Lock()
        self._closed = False

    async def find(self, text: str, limit: int = 50, rest: Rest | None = None) -> Found | None:
        """What fits all words of `text`, the newest first: titles (with the first page) and messages.

        The last word may be just begun; "words in quotes" stand together. See `search_query` for what
        cannot be asked of the index and is looked for in the text itself, _WINDOW messages a page.

        Args:
            text: as typed; any string.
            limit: at most this many messages.
            rest: of the page before.

        Returns:
            the page, or None when a later call came meanwhile, which ends this one.

        Raises:
            StorageError: the database refused.
        """
        with self._lock:
            self._newest += 1
            ticket = self._newest
        query = parse(text)
        if not query.terms:
            return Found()
        found = await self._submit(partial(self._find, ticket, query, limit, rest))
        return found if ticket == self._newest else None

    async def close(self) -> None:
        """End the search that is under way, and close the file. Closing twice is harmless."""
        with self._lock:
            self._newest += 1
        self._closed = True
        executor, self._executor = self._executor, None
        if executor is not None:
            try:
                await outlasting(asyncio.wrap_future(executor.submit(self._disconnect)))
            finally:
                executor.shutdown(wait=False)

    async def _submit(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise StorageError("The history is closed", "Start the application again.")
        if self._executor is None:
            self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        return await outlasting(asyncio.wrap_future(self._executor.submit(work)))

    # On the thread

    def _find(self, ticket: int, query: Query, limit: int, rest: Rest | None) -> Found | None:
        import sqlite3

        if ticket != self._newest:
            return None
        with told_plainly(self._path):
            connection = self._connect()
            # Not Connection.interrupt: one that comes between two statements would be lost.
            connection.set_progress_handler(lambda: ticket != self._newest, _STEPS)
            try:
                titles = _titles(connection, query) if rest is None else ()
                messages, after = _messages(connection, query, limit, rest)
            except sqlite3.OperationalError:
                if ticket != self._newest:
                    return None
                raise
        return Found(query.words, titles, messages, after)

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            import sqlite3

            connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
            connection.text_factory = decode_text
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _titles(connection: sqlite3.Connection, query: Query) -> tuple[TitleHit, ...]:
    """Titles that contain every term somewhere; those of archived conversations last."""
    wanted = [fold(term.text) for term in query.terms]
    hits: list[TitleHit] = []
    for archived, statement in ((False, _LISTED), (True, _ARCHIVED)):
        rows = connection.execute(statement)
        for identity, title, updated_at in rows:
            folded = fold(title)
            if all(word in folded for word in wanted):
                hits.append(
                    TitleHit(identity, marked_title(title, query.words), moment(updated_at), archived)
                )
                if len(hits) >= MOST_TITLES:
                    return tuple(hits)
    return tuple(hits)


Page: TypeAlias = "tuple[tuple[MessageHit, ...], Rest | None]"


def _messages(connection: sqlite3.Connection, query: Query, limit: int, rest: Rest | None) -> Page:
    """One page, and where the next begins."""
    literal = any(term.literal for term in query.terms)
    if not literal and not query.terms[-1].initial and (rest is None or rest.at is not None):
        sorted_page = _by_time(connection, query, limit, rest)
        if sorted_page is not None:
            return sorted_page
    top = _top(connection) if rest is None else rest.row
    if query.terms[-1].initial and not literal:
        hits, after = _with_initial(connection, query, limit, top)
    else:
        low = top - _WINDOW if literal else 0
        hits, after = _page(connection, query, query.terms, (low, top), limit)
        if after is None and low > 0:
            after = low
    return hits, None if after is None else Rest(after)


def _by_time(connection: sqlite3.Connection, query: Query, limit: int, rest: Rest | None) -> Page | None:
    """One page in the order of time, for terms that the index knows; None where too many messages fit."""
    before = None if rest is None or rest.at is None else (rest.at, rest.row)
    keys: list[tuple[int, int]] = []
    statement, values = _statement(query, query.terms, None, "m.created_at, m.rowid")
    for at, row in _each(connection.execute(statement, values)):
        if before is None or (at, row) < before:
            keys.append((at, row))
        if before is None and len(keys) > _SORTED:
            return None
    page = heapq.nlargest(limit, keys)
    marks = ", ".join("?" * len(page))
    rows = connection.execute(f"{_HIT} WHERE m.rowid IN ({marks})", [row for _, row in page])
    hits = {number: _hit(row, query) for number, *row in _each(rows)}
    after = Rest(page[-1][1], page[-1][0]) if len(page) < len(keys) else None
    return tuple(hits[row] for _, row in page), after


def _with_initial(
    connection: sqlite3.Connection, query: Query, limit: int, top: int
) -> tuple[tuple[MessageHit, ...], int | None]:
    low = max(top - _RECENT, 0)
    recent, after = _page(connection, query, query.terms[:-1], (low, top), limit)
    if after is not None:
        return recent, after
    older, after = _page(connection, query, query.terms, (0, low), limit - len(recent))
    return recent + older, after


def _page(
    connection: sqlite3.Connection,
    query: Query,
    asked: tuple[Term, ...],
    between: tuple[int, int],
    limit: int,
) -> tuple[tuple[MessageHit, ...], int | None]:
    """Messages from `between[0]` to before `between[1]` that fit the query.

    Args:
        connection: to read from.
        query: all of it; what the index is not asked is checked here.
        asked: the terms to ask the index, where it knows them.
        between: row numbers.
        limit: of hits.
    """
    checked = [pattern(term) for term in query.terms if term.literal or term not in asked]
    hits: list[MessageHit] = []
    rows = connection.execute(*_statement(query, asked, between, _FOUND))
    for number, *row in _each(rows):
        if checked:
            folded = fold(row[4])
            if not all(check.search(folded) for check in checked):
                continue
        hits.append(_hit(row, query))
        if len(hits) == limit:
            return tuple(hits), number
    return tuple(hits), None


def _statement(
    query: Query, asked: tuple[Term, ...], between: tuple[int, int] | None, wanted: str
) -> tuple[str, list[Any]]:
    """The messages that fit, the last written first; `between` row numbers, or all."""
    expression = " ".join(term.expression for term in asked if term.indexed)
    values: list[Any] = []
    # CROSS JOIN keeps the order of the tables, and with it the order of the rows: nothing is sorted.
    source, number, where = "messages m", "m", ["m.deleted_at IS NULL", "c.deleted_at IS NULL"]
    if expression:
        number = "message_index"
        source = "message_index CROSS JOIN messages m ON m.rowid = message_index.rowid"
        where.append("message_index MATCH CAST(? AS TEXT)")
        values.append(encode_text(expression))
    if between is not None:
        where.append(f"{number}.rowid >= ? AND {number}.rowid < ?")
        values += between
    for term in query.terms:
        part = longest_caseless(term.text) if term.literal else ""
        if part:
            where.append("instr(m.text, CAST(? AS TEXT)) > 0")
            values.append(encode_text(part))
    statement = f"""
        SELECT {wanted} FROM {source} CROSS JOIN conversations c ON c.id = m.conversation_id
        WHERE {" AND ".join(where)} ORDER BY {number}.rowid DESC
    """
    return statement, values


def _each(rows: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    try:
        yield from rows
    finally:
        rows.close()  # what is not finished would keep the state of the database that it reads


def _hit(row: list[Any], query: Query) -> MessageHit:
    identity, title, message_id, role, text, created_at, archived_at = row
    return MessageHit(
        identity,
        title,
        message_id,
        role,
        moment(created_at),
        snippet(text, query.terms),
        archived_at is not None,
    )


def _top(connection: sqlite3.Connection) -> int:
    newest: int | None = connection.execute("SELECT max(rowid) FROM messages").fetchone()[0]
    return (newest or 0) + 1
