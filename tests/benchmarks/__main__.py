"""Run the benchmarks and print the table: all, or those named (`python -m tests.benchmarks import idle`)."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Sequence

from tests.benchmarks.harness import Figure

NAMES = (
    "import",
    "start",
    "frozen_start",
    "idle",
    "ask",
    "transcript",
    "composer",
    "chat",
    "size",
    "refresh",
    "requests",
    "tokens",
    "core",
    "models",
    "pulls",
    "advice",
    "gallery",
    "canvas",
    "pictures",
    "images",
    "recording",
    "voice",
    "live",
    "audio",
    "server",
)


def _measure(name: str) -> list[Figure]:
    module = importlib.import_module(f"tests.benchmarks.bench_{name}")
    figures: list[Figure] = module.measure()
    return figures


def _table(figures: Sequence[Figure]) -> str:
    verdicts = {True: "met", False: "MISSED", None: ""}
    rows = [("what", "measured", "goal", "")]
    rows += [(figure.what, figure.measured, figure.goal, verdicts[figure.met]) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * max(width, 3) for width in widths) + " |")
    return "\n".join(lines)


def main(names: Sequence[str]) -> int:
    """Measure, print, and end well even where a goal was missed or a benchmark could not run."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; there are {', '.join(NAMES)}\n")
        return 2
    figures: list[Figure] = []
    for name in names or NAMES:
        began = time.monotonic()
        sys.stderr.write(f"{name} … ")
        sys.stderr.flush()
        try:
            figures += _measure(name)
        except Exception as error:  # noqa: BLE001 - one that cannot run must not hide the others' figures
            figures.append(
                Figure(name, f"could not be measured: {' '.join(str(error).split())[-200:]}", "", met=False)
            )
        sys.stderr.write(f"{time.monotonic() - began:.0f} s\n")
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{_table(figures)}\n\n{os.cpu_count()} cores, load {load:.1f} (a busy machine distorts)\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
