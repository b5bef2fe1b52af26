"""From the start of the process to the first paint, against a bare window with qasync."""

from __future__ import annotations

import json
import statistics
from typing import Any

from tests.benchmarks.harness import Figure, run_python, window_environment

REPEATS = 9
MOST_CPU_RATIO = 1.5
MOST_MORE_MEMORY = 40 * 1024 * 1024

Used = dict[str, Any]


def _moments(program: str, environment: dict[str, str]) -> list[Used]:
    output = run_python(["-m", f"tests.benchmarks.{program}"], environment).output
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def _median(figures: list[Used], name: str) -> float:
    return statistics.median(float(figure[name]) for figure in figures)


def _cpu(ours: list[Used], bare: list[Used]) -> tuple[float, str]:
    mine, its = _median(ours, "cpu_seconds"), _median(bare, "cpu_seconds")
    return mine / its, f"{mine / its:.2f} x ({mine:.2f} s / {its:.2f} s)"


def measure() -> list[Figure]:
    """CPU ratio, memory above the yardstick, and SDKs imported by then; the same until one can type."""
    bare: list[Used] = []
    painted: list[Used] = []
    ready: list[Used] = []
    with window_environment() as environment:
        # Once without counting: byte code and the disk's cache are warm afterwards, for both.
        for repeat in range(REPEATS + 1):
            yardstick = _moments("bare_window", environment)
            moments = _moments("app_window", environment)
            if repeat:
                bare.append(yardstick[0])
                painted.append(moments[0])
                ready.append(moments[1])
    ratio, cpu = _cpu(painted, bare)
    _, cpu_ready = _cpu(ready, bare)
    more = _median(painted, "rss_bytes") - _median(bare, "rss_bytes")
    more_ready = _median(ready, "rss_bytes") - _median(bare, "rss_bytes")
    imported = sorted({name for figure in painted for name in figure["sdks"]})
    return [
        Figure(
            "process start to first paint, CPU over a bare QMainWindow with qasync",
            cpu,
            f"at most {MOST_CPU_RATIO} x",
            ratio <= MOST_CPU_RATIO,
        ),
        Figure(
            "memory at first paint above it",
            f"{more / 2**20:.0f} MB",
            f"at most {MOST_MORE_MEMORY / 2**20:.0f} MB",
            more <= MOST_MORE_MEMORY,
        ),
        Figure("SDKs imported by then", ", ".join(imported) or "none", "none", not imported),
        Figure("until one can type into it", f"{cpu_ready}, {more_ready / 2**20:.0f} MB above", "-"),
    ]
