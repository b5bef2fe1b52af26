"""What is noted and asked of kept images beside the gallery: what they cost, and what came twice."""

# ruff: noqa: S608 - only marks for bound values are put into statements

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from aiproxy_desktop.storage.database import Database, encode_text
from aiproxy_desktop.storage.tables import micros

if TYPE_CHECKING:
    import sqlite3

# Enough for medians; the newest tell most.
_MOST_COSTS = 5_000


class EarlierCost(NamedTuple):
    """What one image cost in US dollars, and what it was made with."""

    model: str
    parameters: Mapping[str, Any]
    cost: float


class ImageBookkeeping:
    """Beside `ImageStore`, over the same rows. Methods raise StorageError; then nothing was changed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def note_cost(
        self,
        ids: Sequence[str],
        cost: float | None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
    ) -> None:
        """Note what each of these images cost: the request they came from has ended since.

        Args:
            ids: of the images.
            cost: of one of them, in US dollars; None is unknown.
            input_tokens: of one of them.
            output_tokens: of one of them.
        """
        values = [cost, input_tokens, output_tokens]
        await self._db.run(partial(_note, ids=tuple(ids), values=values))

    async def earlier_costs(self) -> tuple[EarlierCost, ...]:
        """What images cost whose cost is known, the newest first."""
        return await self._db.read(_earlier)

    async def same(self, digest: str, since: datetime) -> str | None:
        """The id of the newest image of these bytes that was taken in since; None if there is none."""
        return await self._db.read(partial(_same, digest=digest, since=micros(since)))


def _note(connection: sqlite3.Connection, ids: Sequence[str], values: Sequence[Any]) -> None:
    marks = ", ".join("?" * len(ids))
    connection.execute(
        f"UPDATE images SET cost = ?, input_tokens = ?, output_tokens = ? WHERE id IN ({marks})",
        [*values, *ids],
    )


def _earlier(connection: sqlite3.Connection) -> tuple[EarlierCost, ...]:
    rows = connection.execute(
        "SELECT model, parameters, cost FROM images WHERE cost IS NOT NULL AND model <> ''"
        " ORDER BY created_at DESC LIMIT ?",
        [_MOST_COSTS],
    )
    return tuple(EarlierCost(model, _options(text), cost) for model, text, cost in rows)


def _same(connection: sqlite3.Connection, digest: str, since: int) -> str | None:
    row = connection.execute(
        "SELECT id FROM images WHERE hash = CAST(? AS TEXT) AND deleted_at IS NULL AND created_at >= ?"
        " AND origin IN ('opened', 'chat') ORDER BY created_at DESC, number DESC LIMIT 1",
        [encode_text(digest), since],
    ).fetchone()
    return None if row is None else str(row[0])


def _options(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
