"""Drags from another program's window onto a widget, with the real mouse of the private X server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from tests.source import REPOSITORY
from tests.ui.drag_source import SIDE


async def xdotool(*arguments: object) -> None:
    """Move the mouse, press and release its buttons."""
    done = await asyncio.create_subprocess_exec("xdotool", *map(str, arguments))
    assert await done.wait() == 0


@asynccontextmanager
async def dragged_onto(
    target: QWidget, *urls: str, source_at: QPoint | None = None
) -> AsyncIterator[asyncio.StreamReader]:
    """Addresses held over the middle of a widget, the button down; the source's output is given.

    `source_at` is where the other program's window stands, apart from the widget.
    """
    start = source_at or QPoint(1050, 100)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ui.drag_source", str(start.x()), str(start.y()), *urls),
        cwd=REPOSITORY,
        env=os.environ | {"QT_QPA_PLATFORM": "xcb"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        await asyncio.sleep(0.3)  # the server maps the window a moment after it is shown
        middle = start + QPoint(SIDE // 2, SIDE // 2)
        await xdotool("mousemove", middle.x(), middle.y(), "mousedown", 1)
        end = target.mapToGlobal(target.rect().center())
        for step in range(1, 13):
            at = middle + (end - middle) * step / 12
            await xdotool("mousemove", at.x(), at.y())
            await asyncio.sleep(0.04)
        await xdotool("mousemove", end.x() + 2, end.y() + 2)
        yield process.stdout
    finally:
        await xdotool("mouseup", 1)
        process.kill()
        await process.wait()
