"""The models tab with 5,000 models (models_window says how it is taken)."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python, window_environment


def measure() -> list[Figure]:
    """CPU of the window's thread, repainting included."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.models_window"], environment)
    found: dict[str, float] = json.loads(ended.output.splitlines()[-1])
    return [
        Figure(
            "a key in the filter of 5,000 models",
            f"{found['key_median']:.1f} ms (99 % below {found['key_p99']:.1f})",
            "16 ms",
            found["key_p99"] <= 16,
        ),
        Figure(
            "sort them by a column",
            f"{found['sort_median']:.1f} ms (the slowest {found['sort_worst']:.1f})",
            "33 ms",
            found["sort_worst"] <= 33,
        ),
        Figure(
            "the tab shown for the first time",
            f"{found['shown']:.0f} ms",
            "100 ms",
            found["shown"] <= 100,
        ),
    ]
