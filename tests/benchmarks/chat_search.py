"""Search of a chat that was used for years: data for it, and what a key in the search field costs."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import time
from itertools import accumulate

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.ui.chat_window import Window
from tests.waiting import until

MESSAGES, IN_EACH = 100_000, 50
_REPEATS = 5
_TICK = 0.001
# Typed key by key: a word in every other message, a rare one, two words, symbols, words of no letters.
_TYPED = ("the", "sequential", "needle", "stale scan", "c++", "no such thing")

_WORDS = (
    "the of and a to in is that it for on with as are be this by an or at from which not have can was "
    "statistics stale planner sequential scan index where table query slow row plan column order memory"
)
_SYLLABLES = "ba con de fi gra hu ja kel lo mi nor pe qua ri su ter un vo wex yl"


def fill(connection: sqlite3.Connection, seed: int = 4) -> None:
    """Write MESSAGES messages, IN_EACH a conversation, the newest conversation last."""
    drawn = random.Random(seed)
    rare = ["".join(drawn.choices(_SYLLABLES.split(), k=drawn.randint(2, 4))) for _ in range(4000)]
    words = _WORDS.split() + rare
    weights = list(accumulate(1 / (place + 2) for place in range(len(words))))
    texts = [" ".join(drawn.choices(words, cum_weights=weights, k=8 if n % 2 else 60)) for n in range(4000)]
    now = int(time.time() * 1e6)
    made, rows = [], []
    for number in range(MESSAGES):
        conversation, place = divmod(number, IN_EACH)
        at = now - (MESSAGES - number) * 60_000_000
        if place == 0:
            made.append((f"talk{conversation}", f"{texts[number % 4000][:40]}", at, at))
        text = f"{texts[(number * 7 + number // 4000) % 4000]} {rare[number % 4000]}{number % 50}"
        if number % 1000 == 0:
            text += " a needle, written in C++"
        parent = f"m{number - 1}" if place else None
        role = "assistant" if place % 2 else "user"
        rows.append((f"m{number}", f"talk{conversation}", parent, role, text, "complete", at))
    connection.executemany(
        "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)", made
    )
    connection.executemany(
        "INSERT INTO messages (id, conversation_id, parent_id, role, text, status, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


async def search(window: Window) -> dict[str, float]:
    """By the clock: from a key to the painted hits, and the longest turn of the loop meanwhile.

    Each is the worst of all keys, of each key the median of some tries.
    """
    await window.parts.database.run(fill)
    window.parts.view_model.library.load()
    hits: dict[str, list[float]] = {}
    turns: dict[str, list[float]] = {}
    for repeat in range(_REPEATS + 1):
        for typed in _TYPED:
            for length in range(1, len(typed) + 1):
                found, turn = await _key(window, typed[:length])
                if repeat:  # the first reads the file
                    hits.setdefault(typed[:length], []).append(found)
                    turns.setdefault(typed[:length], []).append(turn)
            window.page.sidebar.search.clear()
    return {
        "hits_ms": max(map(statistics.median, hits.values())),
        "turn_ms": max(map(statistics.median, turns.values())),
        "median_ms": statistics.median(map(statistics.median, hits.values())),
    }


async def _key(window: Window, typed: str) -> tuple[float, float]:
    finding = window.parts.view_model.library.finding
    field = window.find(QLineEdit, "chat.search")
    shown = asyncio.Event()

    def look() -> None:
        if not finding.reading:
            shown.set()

    await asyncio.sleep(0.02)
    finding.changed.connect(look)
    began, longest = time.perf_counter(), 0.0
    QTest.keyClicks(field, typed[-1])
    if typed[-1] == " ":  # the same words as before
        shown.set()
    while not shown.is_set():
        turn = time.perf_counter()
        await asyncio.sleep(_TICK)  # a loop that never rests would hold up what it waits for
        longest = max(longest, time.perf_counter() - turn - _TICK)
    turn = time.perf_counter()
    window.page.sidebar.repaint()
    ended = time.perf_counter()
    finding.changed.disconnect(look)
    await until(lambda: not finding.reading)
    return (ended - began) * 1000, max(longest, ended - turn) * 1000
