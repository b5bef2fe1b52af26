"""The local API under mixed load with faults, for as long as one likes, and what its process holds meanwhile.

As a program (`server_hour.py PORT`) it is the server, which tells of itself for each line on standard input.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.benchmarks.fake_services import fake_services
from tests.benchmarks.harness import REPOSITORY
from tests.benchmarks.server_load import Caller, caller, request
from tests.benchmarks.server_process import MODEL, TOKEN, environment, until_it_listens
from tests.ports import free_port

_CLIENTS = 16
_PATIENCE = 60.0

# Seconds until half-open connections, and those kept for the next request to a service, have been closed.
_SETTLED = 65.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What the process of the server held, nothing being asked. `bytes` is what only it uses."""

    bytes: int
    files: int
    tasks: int
    threads: int


@dataclass(slots=True)
class Hour:
    """What came of it; `early` is from after the first quarter, `late` from the end."""

    seconds: float
    early: Moment
    late: Moment
    asked: int = 0
    answered: int = 0
    refused: int = 0
    left: int = 0
    lost: int = 0
    why: Counter[str] = field(default_factory=Counter)


def run_hour(seconds: float) -> Hour:
    """Load a server for so long."""
    with fake_services() as upstream, _server(upstream) as (url, tell):
        nothing = Moment(0, 0, 0, 0)
        hour = Hour(seconds, nothing, nothing)
        os.environ["LOAD_TOKEN"] = TOKEN
        asyncio.run(_mixed(url, hour, seconds / 4))
        hour.early = tell()
        asyncio.run(_mixed(url, hour, seconds * 3 / 4))
        hour.late = tell()
        return hour


async def _mixed(url: str, hour: Hour, seconds: float) -> None:
    end = time.monotonic() + seconds
    await asyncio.gather(*(_client(url, hour, end, number) for number in range(_CLIENTS)))


async def _client(url: str, hour: Hour, end: float, seed: int) -> None:
    chosen = random.Random(seed)
    ways: list[Callable[[str, Hour], Awaitable[None]]] = [
        *(_whole, _whole, _whole, _stream, _stream),
        *(_leave, _leave_early, _wrong, _too_large, _half, _no_token),
        *(_fault("500"), _fault("429"), _fault("400"), _fault("abort")),
    ]
    while time.monotonic() < end:
        hour.asked += 1
        way = chosen.choice(ways)
        try:
            async with asyncio.timeout(_PATIENCE):
                await way(url, hour)
        except (TimeoutError, ConnectionError, AssertionError) as error:
            hour.lost += 1
            hour.why[f"{way.__name__}: {error!r:.200}"] += 1


async def _ask(url: str, hour: Hour, data: bytes, expected: set[int]) -> None:
    of = await caller(url)
    try:
        status, body = await of.ask(data)
    finally:
        of.close()
    assert status in expected, body
    assert json.loads(body)
    if status == 200:
        hour.answered += 1
    else:
        hour.refused += 1


async def _whole(url: str, hour: Hour) -> None:
    await _ask(url, hour, request(url, MODEL, "tokens=50"), {200})


async def _stream(url: str, hour: Hour) -> None:
    await _read(url, "tokens=300", 300)
    hour.answered += 1


async def _read(url: str, text: str, count: int) -> None:
    of, found = await caller(url), 0

    def heard(event: dict[str, Any]) -> None:
        nonlocal found
        choices = event.get("choices")
        found += bool(choices and choices[0]["delta"].get("content"))

    try:
        await of.events(request(url, MODEL, text, stream=True), heard)
    finally:
        of.close()
    assert found == count


async def _leave(url: str, hour: Hour) -> None:
    """In the middle of an answer."""
    of: Caller = await caller(url)
    reading = asyncio.create_task(of.events(request(url, MODEL, "tokens=50000", stream=True), _ignore))
    await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    of.close()
    hour.left += 1


async def _leave_early(url: str, hour: Hour) -> None:
    """Before the provider has said anything."""
    of = await caller(url)
    asking = asyncio.create_task(of.ask(request(url, MODEL, "fault=silence")))
    await asyncio.sleep(0.05)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    of.close()
    hour.left += 1


async def _wrong(url: str, hour: Hour) -> None:
    await _ask(url, hour, request(url, MODEL, "Hello", temperature="warm", n=3), {400, 422})


async def _too_large(url: str, hour: Hour) -> None:
    data = request(url, MODEL, "Hello")
    head, _, _ = data.partition(b"Content-Length: ")
    await _ask(url, hour, head + b"Content-Length: 99999999999\r\n\r\n{", {413})


async def _half(url: str, hour: Hour) -> None:
    """Half of a request, and gone."""
    of = await caller(url)
    data = request(url, MODEL, "Hello")
    asking = asyncio.create_task(of.ask(data[: len(data) // 2]))
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    of.close()
    hour.left += 1


async def _no_token(url: str, hour: Hour) -> None:
    await _ask(url, hour, request(url, MODEL, "Hello").replace(TOKEN.encode(), b"x" * len(TOKEN)), {401})


def _fault(kind: str) -> Callable[[str, Hour], Awaitable[None]]:
    async def faulty(url: str, hour: Hour) -> None:
        expected = {"500": {502}, "429": {429}, "400": {400}, "abort": {502}}[kind]
        await _ask(url, hour, request(url, MODEL, f"fault={kind}"), expected)

    return faulty


def _ignore(_event: dict[str, Any]) -> None:
    pass


@contextmanager
def _server(upstream: str) -> Iterator[tuple[str, Callable[[], Moment]]]:
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="aiproxy-bench-") as home,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.server_hour", str(port)],
            cwd=REPOSITORY,
            env=environment(upstream, home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        into, out = process.stdin, process.stdout

        def tell() -> Moment:
            time.sleep(_SETTLED)
            into.write("how are you\n")
            into.flush()
            return Moment(**json.loads(out.readline()))

        try:
            until_it_listens(process, port, said)
            yield f"http://127.0.0.1:{port}", tell
        finally:
            process.terminate()


async def _serve(port: int) -> None:
    import argparse

    from aiproxy_desktop.commands.common import open_runtime
    from aiproxy_desktop.commands.serve_one import answer
    from aiproxy_desktop.core.redaction import Redactor
    from aiproxy_desktop.server.sockets import listen
    from aiproxy_desktop.storage.api_settings import ApiSettings

    loop = asyncio.get_running_loop()
    options = argparse.Namespace(data_dir=None)
    async with open_runtime(options, Redactor(), for_others=True) as runtime:

        def ready() -> None:
            threading.Thread(target=_tell_of_itself, args=(loop,), daemon=True).start()

        sock = listen("127.0.0.1", port)
        await answer(runtime, ApiSettings(port=port), TOKEN, sock, asyncio.Event(), ready)


def _tell_of_itself(loop: asyncio.AbstractEventLoop) -> None:
    process = psutil.Process()
    for _ in sys.stdin:
        gc.collect()  # what only waits for the collector is no growth
        held = Moment(
            process.memory_full_info().uss,
            process.num_fds(),
            len(asyncio.all_tasks(loop)),
            threading.active_count(),
        )
        told = {name: getattr(held, name) for name in Moment.__slots__}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(int(sys.argv[1])))
