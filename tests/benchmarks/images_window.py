"""What the images tab costs the window, in the whole application. Prints JSON, in milliseconds.

Pictures of 50 megapixels are opened as a drop does it, while a timer looks how long the loop stood still.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.ui.widgets.brought import Brought
from tests.application import running
from tests.qt_loop import qt_event_loop
from tests.waiting import until

if TYPE_CHECKING:
    from aiproxy_desktop.ui.images.page import ImagesPage

_SIZE = (8192, 6144)
_TICK = 0.001
_TIMES = 3


class Stalls:
    """Looks every millisecond whether the loop still goes round."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._going = True
        self._task = asyncio.ensure_future(self._tick())

    async def _tick(self) -> None:
        last = time.perf_counter()
        while self._going:
            await asyncio.sleep(_TICK)
            now = time.perf_counter()
            self.worst = max(self.worst, (now - last - _TICK) * 1000)
            last = now

    async def end(self) -> float:
        self._going = False
        await self._task
        return self.worst


def _photo(path: Path, turn: int) -> None:
    small = Image.effect_noise((512, 512), 60 + turn).convert("RGB")
    small.resize(_SIZE, Image.Resampling.BICUBIC).save(path, quality=90, compress_level=3)


def _decode(path: Path) -> float:
    began = time.perf_counter()
    with Image.open(path) as image:
        image.load()
    return (time.perf_counter() - began) * 1000


async def _drop(page: ImagesPage, path: Path) -> dict[str, float]:
    edit, seen = page.view_model.edit, [0.0]
    before = edit.current
    full = await on_thread(lambda: _decode(path), "yardstick")
    began = time.perf_counter()

    def note(*_: object) -> None:
        seen[0] = seen[0] or (time.perf_counter() - began) * 1000

    edit.preview_arrived.connect(note)
    stalls = Stalls()
    page.take(Brought((path,)))
    await until(lambda: edit.current is not before and not edit.loading, "it is on the canvas")
    whole = (time.perf_counter() - began) * 1000
    await asyncio.sleep(1.5)  # its smaller levels are made
    worst = await stalls.end()
    edit.preview_arrived.disconnect(note)
    edit.leave()
    await asyncio.sleep(0.3)
    return {"full": full, "preview": seen[0], "whole": whole, "stall": worst}


async def _measure(folder: Path) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    async with running(folder / "home") as person:
        await until(lambda: person.window.current_page, "the window")
        await asyncio.sleep(3.0)  # what is loaded ahead is loaded
        began = time.thread_time()
        person.window.show_page("images")
        person.window.repaint()
        shown = (time.thread_time() - began) * 1000
        # Not before: what it takes to load it is a part of the first look.
        from aiproxy_desktop.ui.images.page import ImagesPage

        page = person.window.page("images")
        assert isinstance(page, ImagesPage)
        for turn in range(_TIMES):
            for ending in ("jpg", "png"):
                path = folder / f"{turn}.{ending}"
                await on_thread(lambda path=path, turn=turn: _photo(path, turn), "picture")  # type: ignore[misc]  # its defaults
                for what, value in (await _drop(page, path)).items():
                    found.setdefault(f"{ending}_{what}", []).append(value)
    medians = {what: sorted(values)[len(values) // 2] for what, values in found.items()}
    return medians | {"shown": shown}


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
