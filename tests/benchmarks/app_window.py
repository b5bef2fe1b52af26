"""The application, opened as its command does, until one can type into it. Prints what it used by then."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from aiproxy_desktop import cli
from tests.benchmarks.used import used
from tests.waiting import until

SDKS = ("openai", "google.genai", "anthropic")


def _report(moment: str) -> None:
    figures = used() | {"moment": moment, "sdks": [name for name in SDKS if name in sys.modules]}
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


async def _until_one_can_type() -> None:
    from PySide6.QtWidgets import QApplication, QWidget

    def composer_is_there() -> bool:
        children = (window.findChild(QWidget, "chat.composer") for window in QApplication.topLevelWidgets())
        return any(child is not None and child.isVisible() for child in children)

    await until(composer_is_there)
    await asyncio.sleep(0.02)  # painted as well
    _report("ready")
    os.kill(os.getpid(), signal.SIGTERM)


def _run() -> int:
    # The command line's module is the front door, so its cost counts; only then is the window's imported.
    assert cli.main is not None
    from aiproxy_desktop.app import run
    from aiproxy_desktop.options import AppOptions

    tasks: list[asyncio.Task[None]] = []

    def painted() -> None:
        _report("first paint")
        tasks.append(asyncio.get_running_loop().create_task(_until_one_can_type()))

    return run(AppOptions(), on_first_paint=painted)


if __name__ == "__main__":
    cli.leave(_run())
