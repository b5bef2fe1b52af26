"""Refresh of 8 providers, one dead, one slow by 10 s: when the six others are in, and how the loop fares."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.storage.paths import AppPaths
from tests.benchmarks.harness import Figure
from tests.benchmarks.list_server import list_server

# Models of the six that answer, as large as those of real vendors and routers get.
SIZES = (40, 60, 120, 350, 1_000, 5_000)
GOAL_SECONDS = 1.0
GOAL_STALL = 0.033
REPEATS = 5


class _Watch:
    """The longest time for which the loop did not turn."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def look(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest = max(self.longest, now - before - 0.001)
            before = now


@asynccontextmanager
async def _runtime(folder: Path, url: str) -> AsyncIterator[Runtime]:
    paths = AppPaths(folder, folder / "cache", folder / "logs")
    runtime = Runtime.build(paths, {"OLLAMA_HOST": "127.0.0.1:1"}, Redactor())
    try:
        await runtime.settings.load()
        await runtime.providers.start()
        await runtime.providers.load_known()
        if not runtime.settings.current.endpoints:
            await runtime.providers.add_endpoint("dead", "http://127.0.0.1:1/v1")
            await runtime.providers.add_endpoint("slow", f"{url}/slow")
            for size in SIZES:
                await runtime.providers.add_endpoint(f"six-{size}", f"{url}/{size}")
        yield runtime
    finally:
        await runtime.aclose()


def _are_in(runtime: Runtime, since: datetime) -> bool:
    states = [state for state in runtime.providers.states() if state.id.startswith("six-")]
    return all(state.listed_at is not None and state.listed_at > since for state in states)


async def _refresh(runtime: Runtime) -> tuple[float, float]:
    """Seconds until the six are in, and the longest stall meanwhile."""
    watch = _Watch()
    watching = asyncio.create_task(watch.look())
    await asyncio.sleep(0.05)
    watch.longest = 0.0
    came, began, since = asyncio.Event(), time.perf_counter(), datetime.now(UTC)

    def look() -> None:
        if _are_in(runtime, since):
            came.set()

    unsubscribe = runtime.providers.subscribe(look)
    refreshing = asyncio.create_task(runtime.providers.refresh())
    try:
        async with asyncio.timeout(60):
            await came.wait()
        return time.perf_counter() - began, watch.longest
    finally:
        unsubscribe()
        for task in (refreshing, watching):
            task.cancel()
        await asyncio.gather(refreshing, watching, return_exceptions=True)


async def _measure(url: str) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="aiproxy-bench-") as folder:
        async with _runtime(Path(folder), url) as runtime:
            cold, _ = await _refresh(runtime)
            gc.freeze()  # as the application does after its first round
            rounds = [await _refresh(runtime) for _ in range(REPEATS)]
            await asyncio.gather(
                *(runtime.providers.refresh(state.id) for state in runtime.providers.states() if state.models)
            )
        async with _runtime(Path(folder), "") as runtime:
            began = time.perf_counter()
            watch = _Watch()
            watching = asyncio.create_task(watch.look())
            await runtime.providers.load_known()
            again = time.perf_counter() - began
            watching.cancel()
            count = sum(len(state.models) for state in runtime.providers.states())
    longest = median(taken for taken, _ in rounds)
    stall = median(stall for _, stall in rounds)
    return [
        Figure(
            f"refresh of 8 providers, one dead, one slow: six with {sum(SIZES):,} models are in",
            f"{longest:.2f} s (first time, imports included, {cold:.2f} s)",
            f"at most {GOAL_SECONDS:g} s",
            longest <= GOAL_SECONDS,
        ),
        Figure(
            "the same, longest stall of the loop",
            f"{stall * 1000:.0f} ms",
            f"at most {GOAL_STALL * 1000:.0f} ms",
            stall <= GOAL_STALL,
        ),
        Figure(f"last known lists of {count:,} models read and completed", f"{again * 1000:.0f} ms", ""),
        Figure(
            "the same, longest stall of the loop",
            f"{watch.longest * 1000:.0f} ms",
            f"at most {GOAL_STALL * 1000:.0f} ms",
            watch.longest <= GOAL_STALL,
        ),
    ]


def measure() -> list[Figure]:
    """Four figures; the median of several rounds, of which each gives its longest stall."""
    sys.setswitchinterval(0.0005)  # as the application does
    with list_server() as url:
        return asyncio.run(_measure(url))
