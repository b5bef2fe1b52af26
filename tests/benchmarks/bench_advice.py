"""Ranking 5,000 models, and what 100,000 messages say of the models that wrote them."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.selection import select_model
from aiproxy_desktop.storage import usage
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.usage import UsageStore
from tests.benchmarks.harness import Figure, alternate

REPEATS = 5
MODELS = 5_000
MESSAGES = 100_000
RANKED_MS = 50
SLICE_MS = 100

_NEEDS = {
    "vision": True,
    "tools": True,
    "min_context_limit": 32_000,
    "max_price_output": 5.0,
    "cheap_preferred": True,
    "fast_preferred": True,
}


def _models() -> list[ModelInfo]:
    drawn = random.Random(1)
    names = [one.name for one in fields(Capabilities)]
    return [
        ModelInfo(
            f"m{place}",
            drawn.choice("abcdef"),
            f"Model {place}",
            drawn.choice([None, 8_192, 32_768, 128_000, 200_000, 1_000_000]),
            local=drawn.random() < 0.1,
            capabilities=Capabilities(**{name: drawn.choice([None, True, False]) for name in names}),
            price=drawn.choice([None, Price(drawn.random() * 5, drawn.random() * 20)]),
        )
        for place in range(MODELS)
    ]


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _ranking() -> Figure:
    models = _models()
    seen = {model.reference: 0.1 + place % 30 / 10 for place, model in enumerate(models) if place % 3 == 0}
    (taken,) = alternate(REPEATS, lambda: _cpu(lambda: select_model(models, _NEEDS, seen.get, rate=seen.get)))
    return Figure(
        f"{MODELS:,} models ranked, CPU",
        f"{taken * 1000:.0f} ms",
        f"at most {RANKED_MS} ms",
        taken * 1000 <= RANKED_MS,
    )


def _fill(connection: sqlite3.Connection) -> None:
    drawn = random.Random(1)
    connection.execute("DROP TRIGGER message_written")
    connection.execute("INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('c', '', 0, 0)")
    for place in range(MESSAGES):
        answers = place % 2 == 1
        at = 10**15 + place * 10**6
        known = (f"p:m{drawn.randrange(40)}", at + 500_000, at + 5_000_000, 100, 300, 0.001)
        connection.execute(
            "INSERT INTO messages (id, conversation_id, role, text, status, created_at, model,"
            " first_token_at, finished_at, input_tokens, output_tokens, cost)"
            " VALUES (?, 'c', ?, ?, 'complete', ?, ?, ?, ?, ?, ?, ?)",
            (
                *(f"{place}", "assistant" if answers else "user", "x" * drawn.randrange(100, 6_000), at),
                *(known if answers else (None,) * 6),
            ),
        )


async def _usage() -> Figure:
    slices: list[float] = []
    real = usage._add_slice

    def timed(*args: object, **named: object) -> int | None:
        began = time.monotonic()
        found = real(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        slices.append(time.monotonic() - began)
        return found

    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(Path(folder, "conversations.db"))
        try:
            await database.run(_fill)
            usage._add_slice = timed
            began = time.process_time()
            await UsageStore(database).read()
            taken = time.process_time() - began
        finally:
            usage._add_slice = real
            await database.close()
    longest = max(slices) * 1000
    return Figure(
        f"usage of {MESSAGES:,} messages, longest hold of the database",
        f"{longest:.0f} ms ({taken * 1000:.0f} ms of CPU in all)",
        f"at most {SLICE_MS} ms",
        longest <= SLICE_MS,
    )


def measure() -> list[Figure]:
    """Two figures."""
    return [_ranking(), asyncio.run(_usage())]
