"""What the models tab costs with 5,000 models, in the whole application. Prints JSON, in milliseconds.

The models come from a loopback server as any others do; times are CPU of the window's thread.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.models.page import ModelsPage
from aiproxy_desktop.ui.models.table.columns import COLUMNS
from tests.application import running
from tests.qt_loop import qt_event_loop
from tests.ui.models_world import many_ids, openai_at, server_of
from tests.waiting import until

_MODELS = 5_000
_WORDS = ("mini", "gpt", "vendor12", "flash 7", "pro 3 4", "model")


def _spent(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


async def _keys(page: ModelsPage) -> list[float]:
    field, viewport, taken = page.filters.search, page.table.viewport(), []

    def press(letter: str) -> None:
        QTest.keyClicks(field, letter)
        viewport.repaint()

    for word in _WORDS * 3:
        field.setFocus()
        for letter in word:
            taken.append(_spent(lambda one=letter: press(one)))  # type: ignore[misc]  # its default
            await asyncio.sleep(0.01)
        field.clear()
        await asyncio.sleep(0.01)
    return sorted(taken)


async def _sorts(page: ModelsPage) -> list[float]:
    """The median of each column."""

    def press(column: str) -> None:
        page.view_model.table.sort(column)
        page.table.viewport().repaint()

    found = []
    for column in COLUMNS:
        times = []
        for _turn in range(6):
            times.append(_spent(lambda name=column.id: press(name)))  # type: ignore[misc]  # its default
            await asyncio.sleep(0.01)
        found.append(statistics.median(times))
    return found


async def _measure(folder: Path) -> dict[str, float]:
    async with server_of(*many_ids(_MODELS)) as server:
        os.environ |= openai_at(server.url)
        async with running(folder) as person:
            window, providers = person.window, ("openai", "builtin")
            await until(lambda: window.current_page, "the window")
            await asyncio.sleep(3.0)  # what is loaded ahead is loaded

            def show() -> None:
                window.show_page("models")
                window.repaint()

            shown = _spent(show)
            page = window.page("models")
            assert isinstance(page, ModelsPage)
            await until(lambda: len(page.table.rows) > _MODELS, f"the lists of {providers}")
            keys, sorts = await _keys(page), await _sorts(page)
    return {
        "shown": shown,
        "key_median": statistics.median(keys),
        "key_p99": keys[int(len(keys) * 0.99)],
        "sort_median": statistics.median(sorts),
        "sort_worst": max(sorts),
    }


def main() -> int:
    """Measure and print."""
    sys.setswitchinterval(0.0005)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=qt_event_loop) as runner:
        found = runner.run(_measure(Path(folder)))
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
