"""From the start of the process to the first paint, against a bare window with qasync."""

from __future__ import annotations

import statistics
from typing import Any

from tests.benchmarks.harness import Figure, last_json_line, run_python, window_environment

REPEATS = 9
MOST_CPU_RATIO = 1.5
MOST_MORE_MEMORY = 40 * 1024 * 1024


def _first_paint(arguments: list[str], environment: dict[str, str]) -> dict[str, Any]:
    return last_json_line(run_python(arguments, environment).output)


def measure() -> list[Figure]:
    """CPU ratio, memory above the yardstick, and SDKs imported by then."""
    bare: list[dict[str, Any]] = []
    ours: list[dict[str, Any]] = []
    with window_environment() as environment:
        # Once without counting: byte code and the disk's cache are warm afterwards, for both.
        for repeat in range(REPEATS + 1):
            pair = (
                _first_paint(["-m", "tests.benchmarks.bare_window"], environment),
                _first_paint(["-m", "tests.benchmarks.app_window"], environment),
            )
            if repeat:
                bare.append(pair[0])
                ours.append(pair[1])

    def median(figures: list[dict[str, Any]], name: str) -> float:
        return statistics.median(float(figure[name]) for figure in figures)

    ratio = median(ours, "cpu_seconds") / median(bare, "cpu_seconds")
    more = median(ours, "rss_bytes") - median(bare, "rss_bytes")
    imported = sorted({name for figure in ours for name in figure["sdks"]})
    return [
        Figure(
            "process start to first paint, CPU over a bare QMainWindow with qasync",
            f"{ratio:.2f} x ({median(ours, 'cpu_seconds'):.2f} s / {median(bare, 'cpu_seconds'):.2f} s)",
            f"at most {MOST_CPU_RATIO} x",
            ratio <= MOST_CPU_RATIO,
        ),
        Figure(
            "memory at first paint above it",
            f"{more / 2**20:.0f} MB ({median(ours, 'rss_bytes') / 2**20:.0f} MB)",
            f"at most {MOST_MORE_MEMORY / 2**20:.0f} MB",
            more <= MOST_MORE_MEMORY,
        ),
        Figure("SDKs imported by then", ", ".join(imported) or "none", "none", not imported),
    ]
