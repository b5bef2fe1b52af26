"""What the history says of each model: how many answers, what they used and cost, how fast they came.

The history is read in slices, so that whoever wants a conversation meanwhile waits for one of them at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.storage import tables
from aiproxy_desktop.storage.database import Database

if TYPE_CHECKING:
    import sqlite3

NEWEST = 50  # answers that the usual wait and speed are taken of

_SLICE = 2_000  # messages
# A rate over a few milliseconds says more about the network than about the model.
_SHORTEST = 50_000  # microseconds

_COLUMNS = """
    SELECT model, created_at, first_token_at, finished_at, input_tokens, output_tokens, cached_tokens,
        reasoning_tokens, cost, status = 'complete' FROM messages
    WHERE role = 'assistant' AND status <> 'streaming' AND model IS NOT NULL
        AND (first_token_at IS NOT NULL OR output_tokens IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What one model did. None is not known, and never nothing.

    Tokens are sums over the answers for which they are known, cached ones among the input, reasoning among
    the output. `cost` is in US dollars, of the `priced` answers whose cost is known. `wait` is the median
    seconds to the first token, and `speed` the median tokens a second, of the newest 50 answers.
    """

    reference: str
    answers: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    priced: int = 0
    wait: float | None = None
    speed: float | None = None
    last_used: datetime | None = None


class UsageBook:
    """Adds answers up, model by model. A copy of an answer, in a branched conversation, is counted once."""

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}

    def add(self, rows: Iterable[tuple[Any, ...]]) -> frozenset[str]:
        """Count answers as `UsageStore` reads them; the references whose usage changed."""
        changed: set[str] = set()
        for reference, *facts in rows:
            tally = self._tallies.get(reference)
            if tally is None:
                tally = self._tallies[reference] = _Tally()
            if tally.add(*facts):
                changed.add(reference)
        return frozenset(changed)

    def usage(self, reference: str) -> ModelUsage | None:
        """What one model did; None where it never answered."""
        tally = self._tallies.get(reference)
        return None if tally is None else tally.usage(reference)

    def references(self) -> tuple[str, ...]:
        """Every model that answered."""
        return tuple(self._tallies)


class UsageStore:
    """Reads the answers of one database. Every method raises StorageError when the database refuses."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self) -> UsageBook:
        """Everything there is, deleted branches included until they are purged: they were paid for."""
        book = UsageBook()
        last: int | None = 0
        while last is not None:
            last = await self._db.read(partial(_add_slice, book=book, after=last))
        return book

    async def answer(self, message_id: str) -> list[tuple[Any, ...]]:
        """One answer that has just been written, for `UsageBook.add`."""
        return await self._db.read(partial(_one, message_id=message_id))


class _Tally:
    def __init__(self) -> None:
        self._seen: set[tuple[int, int | None]] = set()
        self._newest: list[tuple[int, float | None, float | None]] = []
        self._sums: list[int | None] = [None] * 4
        self._cost: float | None = None
        self._priced = 0
        self._last = 0

    def add(self, created: int, first: int | None, finished: int | None, *rest: Any) -> bool:
        if (created, finished) in self._seen:
            return False
        self._seen.add((created, finished))
        *tokens, cost, whole = rest
        for index, count in enumerate(tokens):
            if count is not None:
                self._sums[index] = (self._sums[index] or 0) + count
        if cost is not None:
            self._cost = (self._cost or 0.0) + cost
            self._priced += 1
        self._last = max(self._last, created)
        if whole and first is not None and first >= created:
            self._note(created, (first - created) / 1e6, _speed(first, finished, tokens[1]))
        return True

    def usage(self, reference: str) -> ModelUsage:
        self._trim()
        waits = [wait for _, wait, _ in self._newest if wait is not None]
        speeds = [speed for _, _, speed in self._newest if speed is not None]
        given, written, cached, reasoning = self._sums
        return ModelUsage(
            reference,
            len(self._seen),
            *(given, written, cached, reasoning),
            self._cost,
            self._priced,
            wait=median(waits) if waits else None,
            speed=median(speeds) if speeds else None,
            last_used=tables.moment(self._last),
        )

    def _note(self, created: int, wait: float, speed: float | None) -> None:
        self._newest.append((created, wait, speed))
        if len(self._newest) >= 2 * NEWEST:  # in the order of the table, which is nearly that of time
            self._trim()

    def _trim(self) -> None:
        self._newest.sort(key=lambda one: one[0])
        del self._newest[:-NEWEST]


def _speed(first: int, finished: int | None, tokens: int | None) -> float | None:
    if finished is None or tokens is None or tokens < 2 or finished - first < _SHORTEST:
        return None
    return tokens * 1e6 / (finished - first)


def _add_slice(connection: sqlite3.Connection, book: UsageBook, after: int) -> int | None:
    """Count the messages of one slice; the row it ends with, None at the end of the table."""
    (last,) = connection.execute(
        "SELECT max(rowid) FROM (SELECT rowid FROM messages WHERE rowid > ? ORDER BY rowid LIMIT ?)",
        [after, _SLICE],
    ).fetchone()
    if last is not None:
        book.add(connection.execute(f"{_COLUMNS} AND rowid > ? AND rowid <= ?", [after, last]))
    return None if last is None else int(last)


def _one(connection: sqlite3.Connection, message_id: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"{_COLUMNS} AND id = ?", [message_id]).fetchall()
