"""The gallery with 10,000 images of 200 pictures (gallery_window says how it is taken)."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python, window_environment


def measure() -> list[Figure]:
    """CPU of the window's thread for frames, of all threads for the opening, and the clock for a search."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.gallery_window"], environment)
    found: dict[str, float] = json.loads(ended.output.splitlines()[-1])
    slowest = max(found["cold"], found["warm"], found["flung"])
    return [
        Figure(
            "gallery of 10,000: open, up to the first painted images",
            f"{found['opened']:.0f} ms of CPU ({found['waited']:.0f} by the clock)",
            "200 ms",
            found["opened"] <= 200,
        ),
        Figure(
            "a frame of scrolling it, 98 % below",
            f"{found['cold']:.1f} ms the first time, {found['warm']:.1f} after, {found['flung']:.1f} flung",
            "16 ms",
            slowest <= 16,
        ),
        Figure("a key in its search", f"{found['searched']:.0f} ms (the slowest)", ""),
    ]
