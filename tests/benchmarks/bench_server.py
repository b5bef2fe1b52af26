"""The local API: what it adds to a request, how many it answers, what open streams cost, an hour of it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable

import psutil

from tests.benchmarks.fake_services import fake_services
from tests.benchmarks.harness import Figure, alternate, run_python, window_environment
from tests.benchmarks.server_hour import Hour, run_hour
from tests.benchmarks.server_process import load, our_server, peer_server
from tests.benchmarks.versus import PEER

REPEATS = 5
AT_ONCE = 64
COUNT = 64 * 40
TOKENS = 10_000
STREAMS = 500

# An hour by default; AIPROXY_BENCH_SECONDS says otherwise.
_HOUR = float(os.environ.get("AIPROXY_BENCH_SECONDS", "3600"))


def measure() -> list[Figure]:
    """The figures of the local API, in the order in which they were set."""
    with fake_services() as upstream:
        with our_server(upstream) as (url, pid):
            figures = [*_latency(upstream, url), _rate(upstream, url), *_tokens(upstream, url)]
        with our_server(upstream) as (url, pid):
            figures += _streams(url, pid)
        figures += _window(upstream)
    return [*figures, *_of_hour(run_hour(_HOUR))]


def _latency(upstream: str, url: str) -> list[Figure]:
    found = [load("latency", url, 1000, LOAD_DIRECT=upstream) for _ in range(REPEATS)]
    p50, p99 = (sorted(one[name] for one in found)[REPEATS // 2] for name in ("p50_ms", "p99_ms"))
    name = "server: added to a request, by the clock"
    return [
        Figure(f"{name}, p50", f"{p50:.2f} ms", "3 ms", p50 <= 3),
        Figure(f"{name}, p99", f"{p99:.2f} ms", "10 ms", p99 <= 10),
    ]


def _rate(upstream: str, url: str) -> Figure:
    with peer_server(upstream) as theirs:
        mine, other = alternate(
            REPEATS,
            lambda: float(load("requests", url, COUNT, AT_ONCE)["wall"]),
            lambda: float(
                load(
                    *("requests", theirs, COUNT // 4, AT_ONCE, "gpt-4.1"), LOAD_PATH="/api/chat/completions"
                )["wall"]
            ),
        )
    here, there = COUNT / mine, COUNT / 4 / other
    return Figure(
        f"server: {AT_ONCE} at once, over {PEER}'s",
        f"{here / there:.1f} x ({here:.0f} / {there:.0f} a second)",
        "at least 3 x",
        here / there >= 3,
    )


def _tokens(upstream: str, url: str) -> list[Figure]:
    return [
        _token_rate(upstream, url, TOKENS, 1, "one stream"),
        _token_rate(upstream, url, TOKENS // 5, AT_ONCE, f"{AT_ONCE} streams"),
    ]


def _token_rate(upstream: str, url: str, count: int, at_once: int, what: str) -> Figure:
    def wall(where: str, model: str) -> Callable[[], float]:
        return lambda: float(load("tokens", where, count, at_once, model)["wall"])

    through, raw = alternate(REPEATS, wall(url, "openai:gpt-4.1"), wall(upstream, "gpt-4.1"))
    here, there = count * at_once / through, count * at_once / raw
    return Figure(
        f"server: streamed tokens a second over the raw upstream, {what}",
        f"{here / there:.2f} x ({here:,.0f} / {there:,.0f})",
        "at least 0.6 x",
        here / there >= 0.6,
    )


def _streams(url: str, pid: int) -> list[Figure]:
    """Memory of the process with all of them open, over what it had after a few."""
    process = psutil.Process(pid)
    load("streams", url, 50, 8)
    before = process.memory_info().rss
    peak, stop = [before], threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            peak.append(process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    found = load("streams", url, 300, STREAMS)
    stop.set()
    watching.join()
    each = (max(peak) - before) / STREAMS / 1000
    return [
        Figure(f"server: {STREAMS} open streams, memory each", f"{each:.0f} KB", "100 KB", each <= 100),
        Figure(
            f"server: {STREAMS} open streams, longest wait of any for tokens that come every 0.1 s",
            f"{found['gap']:.2f} s ({found['whole']} whole)",
            f"1 s, {STREAMS} whole",
            found["whole"] == STREAMS and found["gap"] <= 1.0,
        ),
    ]


def _window(upstream: str) -> list[Figure]:
    services = {"OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": f"{upstream}/v1"}
    with window_environment() as environment:
        output = run_python(["-m", "tests.benchmarks.server_window"], environment | services).output
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    idle = f"idle {found['idle_ms']:.0f}"
    return [
        Figure(
            f"window: longest stall, {found[f'{kind}_a_second']:,.0f} {kind} a second ({idle})",
            f"{found[f'{kind}_ms']:.1f} ms",
            "33 ms",
            found[f"{kind}_ms"] <= 33,
        )
        for kind in ("requests", "tokens")
    ]


def _of_hour(hour: Hour) -> list[Figure]:
    name = f"server, {hour.seconds / 60:.0f} minutes of mixed load with faults"
    grown = (hour.late.bytes - hour.early.bytes) / 1e6
    gained = (hour.late.files - hour.early.files, hour.late.tasks - hour.early.tasks)
    threads = hour.late.threads - hour.early.threads
    return [
        Figure(
            f"{name}: neither answered nor refused",
            f"{hour.lost} of {hour.asked:,} ({hour.refused:,} refused, {hour.left:,} left by their client)",
            "0",
            hour.lost == 0,
        ),
        Figure(f"{name}: memory gained after its first quarter", f"{grown:.1f} MB", "10 MB", grown <= 10),
        Figure(
            f"{name}: files, tasks and threads gained",
            f"{gained[0]}, {gained[1]}, {threads}",
            "0, 0, 0",
            max(*gained, threads) <= 0,
        ),
    ]
