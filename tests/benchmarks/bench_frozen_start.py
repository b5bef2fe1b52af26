"""From the start of the frozen application's process to the first paint, against the checkout's."""

from __future__ import annotations

from tests.benchmarks.first_paint import FROZEN, measure_starts
from tests.benchmarks.harness import Figure

REPEATS = 9
MOST_RATIO = 1.2
WHAT = "frozen start to first paint over the checkout's"


def measure() -> list[Figure]:
    """The ratio of times; nothing is measured where nothing is frozen."""
    if not FROZEN.is_file():
        return [Figure(WHAT, "nothing is frozen: make package", f"at most {MOST_RATIO} x")]
    starts = measure_starts(REPEATS)
    return [Figure(WHAT, str(starts), f"at most {MOST_RATIO} x", starts.ratio <= MOST_RATIO)]
