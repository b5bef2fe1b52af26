"""The whole window, its list of requests in sight, under full load from another process.

Run by bench_server with the services in the environment; prints the longest stalls of the window's loop.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from aiproxy_desktop.assembly import Assembly
from aiproxy_desktop.options import AppOptions
from aiproxy_desktop.ui.settings.api.page import ApiPage
from aiproxy_desktop.ui.shell.main_window import MainWindow
from tests.benchmarks.server_process import MODEL
from tests.ports import free_port
from tests.waiting import until

_IDLE_SECONDS = 5.0
_AT_ONCE = 64


class _Stalls:
    """How long the window's loop stood still: what passes between two beats, a millisecond apart."""

    def __init__(self) -> None:
        self.beats: list[float] = []

    async def beat(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.beats.append(time.perf_counter() - before - 0.001)

    def longest(self) -> float:
        """Milliseconds; and begins anew."""
        longest = max(self.beats) * 1000
        self.beats.clear()
        return longest


async def _load(task: str, url: str, token: str, count: int) -> asyncio.subprocess.Process:
    arguments = ("-m", "tests.benchmarks.server_load", task, url, MODEL, str(count), str(_AT_ONCE))
    environ = {**os.environ, "LOAD_TOKEN": token}
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environ, stdout=asyncio.subprocess.PIPE
    )


async def _under_load(task: str, url: str, token: str, count: int, stalls: _Stalls) -> tuple[float, float]:
    """The longest stall, and how much was done a second. That a process is started is no load."""
    process = await _load(task, url, token, count)
    await asyncio.sleep(1.5)
    stalls.beats.clear()
    said, _ = await process.communicate()
    longest = stalls.longest()
    done = count if task == "requests" else count * _AT_ONCE
    return longest, done / json.loads(said)["wall"]


def _look_at_the_requests() -> None:
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    window.show_page("settings.api")
    page = window.findChild(ApiPage)
    assert page is not None
    page.show_part("requests")


async def _measure(made: Sequence[Assembly]) -> None:
    await until(lambda: made, "the pages")
    service = made[0].local_api
    await service.change(enabled=True, port=free_port())
    await until(lambda: service.status.phase == "on", "the server")
    assert service.token is not None
    url, token = service.status.url, service.token.key
    _look_at_the_requests()
    await (await _load("requests", url, token, _AT_ONCE)).communicate()
    await asyncio.sleep(3)  # what a window does after its start is done
    stalls = _Stalls()
    beating = asyncio.get_running_loop().create_task(stalls.beat())
    found: dict[str, float] = {}
    await asyncio.sleep(_IDLE_SECONDS)
    found["idle_ms"] = stalls.longest()
    for task, count in (("requests", 15_000), ("tokens", 20_000)):
        longest, pace = await _under_load(task, url, token, count, stalls)
        found |= {f"{task}_ms": longest, f"{task}_a_second": pace}
    beating.cancel()
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGTERM)


def _run() -> int:
    from aiproxy_desktop.app import run

    made: list[Assembly] = []
    usual = Assembly.start

    def start(self: Assembly) -> None:
        made.append(self)
        usual(self)

    Assembly.start = start  # type: ignore[method-assign]  # so that it can be told to serve
    tasks: list[asyncio.Task[None]] = []

    def painted() -> None:
        tasks.append(asyncio.get_running_loop().create_task(_measure(made)))

    return run(AppOptions(), on_first_paint=painted)


if __name__ == "__main__":
    from aiproxy_desktop import cli

    cli.leave(_run())
