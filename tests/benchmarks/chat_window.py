"""Uses a real chat page over a real database and prints what that costs. Run by bench_chat in a process."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import psutil
import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from tests.benchmarks.chat_search import search
from tests.ui.chat_parts import MODEL, answer
from tests.ui.chat_window import Window, opened
from tests.waiting import until

LONG, SHORT, USUAL = 10_000, 100, 200
_REPEATS = 7
_PATIENCE = 60
_PARAGRAPH = (
    "Statistics that are **stale** make the planner choose a `sequential scan` where an index would do. "
)
_ANSWER = "## What to look at\n\n" + (_PARAGRAPH * 3 + "\n\n- one thing\n- another thing\n\n") * 3

Figures = dict[str, float]


def _now() -> float:
    """Milliseconds of CPU that the window's thread has used."""
    return time.thread_time() * 1000


async def _conversation(window: Window, title: str, count: int) -> str:
    store = window.parts.store
    made = await store.create(title, MODEL)
    messages: list[tuple[Role, str]] = [
        ("assistant", f"{_ANSWER}{number}") if number % 2 else ("user", f"Question {number}: why is it slow?")
        for number in range(count)
    ]
    await store.add_messages(made.id, messages)
    return made.id


async def _shown(window: Window, conversation_id: str) -> None:
    """Open a conversation, and wait until it is painted."""
    view_model = window.parts.view_model
    shown = asyncio.Event()
    view_model.thread_shown.connect(shown.set)
    view_model.open(conversation_id)
    await shown.wait()
    view_model.thread_shown.disconnect(shown.set)
    window.page.repaint()


async def _open(window: Window, conversation_id: str, count: int) -> tuple[float, float]:
    """CPU until a conversation is painted, and the longest turn while the rest of it is read."""
    view_model = window.parts.view_model
    view_model.new_conversation()
    await asyncio.sleep(0.05)
    gc.collect()
    began = _now()
    await _shown(window, conversation_id)
    cost, longest = _now() - began, 0.0
    seen = 0
    while seen < count:
        began = _now()
        await asyncio.sleep(0)
        longest = max(longest, _now() - began)
        seen = window.transcript.column.count
    return cost, longest


async def _open_both(window: Window, long: str, short: str) -> Figures:
    costs: dict[str, list[float]] = {long: [], short: []}
    turns: list[float] = []
    for _ in range(_REPEATS):
        for one, count in ((short, SHORT), (long, LONG)):
            cost, turn = await _open(window, one, count)
            costs[one].append(cost)
            turns.append(turn)
    return {
        "long_ms": statistics.median(costs[long]),
        "short_ms": statistics.median(costs[short]),
        "longest_turn_ms": max(turns),
    }


async def _memory(window: Window, long: str, short: str) -> Figures:
    """What a long conversation takes above a short one, both looked at from end to end."""
    process = psutil.Process()
    await _open(window, short, SHORT)
    gc.collect()
    before = process.memory_info().rss
    await _open(window, long, LONG)
    gc.collect()
    return {"more_mb": (process.memory_info().rss - before) / 2**20}


def _turn(bar: QScrollBar, delta: int) -> None:
    bar.setValue(bar.value() + delta)


def _answering(view_model: ChatViewModel, count: int) -> bool:
    return len(view_model.answers.conversations()) == count


async def _scroll(window: Window, long: str) -> Figures:
    await _open(window, long, LONG)
    transcript = window.transcript
    bar = transcript.verticalScrollBar()
    frames, jumps = [], []

    async def frame(change: Callable[[], None]) -> float:
        began = _now()
        change()
        transcript.viewport().repaint()
        await asyncio.sleep(0)
        return _now() - began

    transcript.scroll_to_end()
    for step in range(400):
        delta = -240 if step < 300 else 240
        frames.append(await frame(partial(_turn, bar, delta)))
    for number in range(60):
        place = bar.maximum() * ((number * 37) % 101) // 101
        jumps.append(await frame(partial(bar.setValue, place)))
    transcript.scroll_to_end()
    return {
        "p98_ms": statistics.quantiles(frames, n=50)[48],
        "median_ms": statistics.median(frames),
        "jump_ms": statistics.quantiles(jumps, n=50)[48],
    }


async def _append(window: Window, conversation_id: str, count: int) -> float:
    """CPU from sending to the paint of the question and the room for its answer."""
    await _open(window, conversation_id, count)
    view_model, costs = window.parts.view_model, []
    for number in range(9):
        column = window.transcript.column
        before = column.count
        window.composer.setPlainText(f"And question {number}?")
        gc.collect()
        latest = time.monotonic() + _PATIENCE
        began = _now()
        view_model.send()
        while column.count < before + 2:
            assert time.monotonic() < latest, "the question is shown"
            await asyncio.sleep(0)
        window.page.repaint()
        costs.append(_now() - began)
        await window.answered_anew()
    return statistics.median(costs)


async def _append_both(window: Window, long: str, short: str) -> Figures:
    short_ms = await _append(window, short, SHORT)
    return {"long_ms": await _append(window, long, LONG), "short_ms": short_ms}


async def _keystrokes(window: Window) -> Figures:
    """A key in the composer while four answers stream, from the press to the paint."""
    view_model = window.parts.view_model
    window.parts.model.play(*answer(*(_PARAGRAPH[:12] for _ in range(4000)), tokens=4000), delay=0.004)
    for number in range(4):
        view_model.new_conversation()
        window.composer.setPlainText(f"Stream {number}")
        view_model.send()
        await until(partial(_answering, view_model, number + 1))
    await asyncio.sleep(0.5)
    costs = []
    composer = window.composer
    for number in range(150):
        await asyncio.sleep(0.02)
        began = _now()
        QTest.keyClick(composer, Qt.Key(Qt.Key.Key_A + number % 26))
        composer.viewport().repaint()
        costs.append(_now() - began)
    streaming = len(view_model.answers.conversations())
    for conversation in view_model.answers.conversations():
        view_model.answers.stop(conversation)
    await until(lambda: not view_model.answers.conversations())
    window.parts.model.play(*answer("Good ", "day"))
    return {"p99_ms": statistics.quantiles(costs, n=100)[98], "streaming": float(streaming)}


async def _switch(window: Window) -> Figures:
    """From the choice of a conversation of 200 messages to its paint, by the clock."""
    ids = [await _conversation(window, f"usual {number}", USUAL) for number in range(4)]
    view_model, spans = window.parts.view_model, []
    for repeat in range(16):
        target = ids[repeat % len(ids)]
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        await _shown(window, target)
        spans.append((time.perf_counter() - began) * 1000)
        await until(lambda: len(view_model.messages) == USUAL)
    return {"median_ms": statistics.median(spans), "longest_ms": max(spans)}


async def _measure() -> dict[str, Figures]:
    with tempfile.TemporaryDirectory(prefix="aiproxy-bench-") as folder:
        async with opened(Path(folder)) as window:
            # As the application does once it is loaded.
            gc.collect()
            gc.freeze()
            long = await _conversation(window, "long", LONG)
            short = await _conversation(window, "short", SHORT)
            only = set(sys.argv[1:])
            steps: dict[str, Callable[[], Awaitable[Figures]]] = {
                "memory": lambda: _memory(window, long, short),
                "open": lambda: _open_both(window, long, short),
                "scroll": lambda: _scroll(window, long),
                "append": lambda: _append_both(window, long, short),
                "switch": lambda: _switch(window),
                "keys": lambda: _keystrokes(window),
                "search": lambda: search(window),
            }
            return {name: await step() for name, step in steps.items() if not only or name in only}


def main() -> int:
    """Print one line of JSON."""
    sys.setswitchinterval(0.0005)
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    found = loop.run_until_complete(_measure())
    loop.close()
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
