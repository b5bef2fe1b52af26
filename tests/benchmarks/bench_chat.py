"""What a chat costs that is used for years (chat_window says how each figure is taken)."""

from __future__ import annotations

import asyncio
import json
import statistics
from pathlib import Path

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from tests.benchmarks.harness import Figure, run_python, window_environment

_CONVERSATIONS = 10_000
_STARTS = 7


def measure() -> list[Figure]:
    """Long conversations, many of them, and keys pressed while answers stream."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.chat_window"], environment)
    found: dict[str, dict[str, float]] = json.loads(ended.output)
    opening, scroll, append = found["open"], found["scroll"], found["append"]
    more, switch, keys = found["memory"]["more_mb"], found["switch"], found["keys"]
    looked = found["search"]
    return [
        _ratio("open 10,000 messages over 100, CPU to the paint", opening, 2.0),
        Figure(
            "longest turn of the loop while the rest is read",
            f"{opening['longest_turn_ms']:.1f} ms",
            "33 ms",
            opening["longest_turn_ms"] <= 33,
        ),
        Figure("memory of 10,000 messages above 100", f"{more:.0f} MB", "at most 40 MB", more <= 40),
        _limit("scroll them, 98 % of the frames below", scroll["p98_ms"], 16),
        _limit("jump anywhere in them, 98 % below", scroll["jump_ms"], 33),
        _ratio("ask at their end over at the end of 100", append, 1.5),
        _limit(
            f"key in the composer while {keys['streaming']:.0f} answers stream, 99 % below",
            keys["p99_ms"],
            16,
        ),
        _limit(
            f"switch conversation (200 messages) to painted, by the clock (worst {switch['longest_ms']:.0f})",
            switch["median_ms"],
            50,
        ),
        _limit(
            f"search 100,000 messages, first hits, worst key (median {looked['median_ms']:.0f})",
            looked["hits_ms"],
            100,
        ),
        _limit("longest turn of the loop meanwhile", looked["turn_ms"], 33),
        *_starts(),
    ]


def _limit(what: str, value: float, most: float) -> Figure:
    return Figure(what, f"{value:.1f} ms", f"{most:.0f} ms", value <= most)


def _ratio(what: str, found: dict[str, float], most: float) -> Figure:
    ratio = found["long_ms"] / found["short_ms"]
    measured = f"{ratio:.2f} x ({found['long_ms']:.1f} / {found['short_ms']:.1f} ms)"
    return Figure(what, measured, f"at most {most:.1f} x", ratio <= most)


async def _fill(folder: Path) -> None:
    database = await Database.open(folder / "conversations.db")
    store = ConversationStore(database)
    for number in range(_CONVERSATIONS):
        made = await store.create(f"Conversation {number} about something")
        await store.add_messages(made.id, [("user", f"Question {number}"), ("assistant", "An answer.")])
    await database.close()


def _starts() -> list[Figure]:
    """Process start until one can type, with ten thousand conversations and with none, in turn."""
    with window_environment() as empty, window_environment() as full:
        folder = Path(full["AIPROXY_HOME"])
        folder.mkdir()
        asyncio.run(_fill(folder))
        used: dict[str, list[float]] = {"empty": [], "full": []}
        for repeat in range(_STARTS + 1):
            for name, environment in (("empty", empty), ("full", full)):
                output = run_python(["-m", "tests.benchmarks.app_window"], environment).output
                moments = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
                if repeat:  # the first fills the caches
                    used[name].append(float(moments[-1]["cpu_seconds"]) * 1000)
    found = {"long_ms": statistics.median(used["full"]), "short_ms": statistics.median(used["empty"])}
    return [_ratio(f"start with {_CONVERSATIONS:,} conversations over start with none", found, 1.2)]
