"""What a pull costs that reports its progress a thousand times a second."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tests.benchmarks.harness import Figure, run_python, window_environment
from tests.benchmarks.pull_flood import flood

RATE = 1000
SECONDS = 12
MOST_PERCENT = 5.0


def _figure(what: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Figure:
    with flood(RATE) as url:
        module = ["-m", "tests.benchmarks.pull_window", url, str(SECONDS), *arguments]
        found: dict[str, float] = json.loads(run_python(module, environment).output)
    percent = found["percent"]
    return Figure(
        f"a pull at {found['lines']:.0f} lines a second, {what}",
        f"{percent:.1f} % of a core, told {found['told']:.1f} times a second",
        f"below {MOST_PERCENT:.0f} %",
        percent < MOST_PERCENT,
    )


def measure() -> list[Figure]:
    """CPU of the whole process, with a window that shows the pull, and without one."""
    with window_environment() as environment:
        return [
            _figure("shown in the window", (), environment),
            _figure("without a window", ("without",), environment),
        ]
