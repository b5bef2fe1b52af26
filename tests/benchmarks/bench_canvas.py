"""The image studio's canvas on a picture of 4096 x 4096 (canvas_window says how it is taken)."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python, window_environment

_ZOOMS = ("5 %", "fit", "100 %", "800 %")


def measure() -> list[Figure]:
    """CPU of the window's thread, repainting included; memory of the process; the loop's longest stall."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.canvas_window"], environment)
    found: dict[str, float] = json.loads(ended.output.splitlines()[-1])
    figures = []
    for zoom in _ZOOMS:
        usual, thick = found[f"segment at {zoom}"], found[f"thick segment at {zoom}"]
        figures.append(
            Figure(
                f"a segment of the mask brush at {zoom}, 96 px (1,000 px)",
                f"95 % below {usual:.1f} ms ({thick:.1f})",
                "4 ms",
                usual <= 4,
            )
        )
    figures += [
        Figure(
            "undo of a stroke (of one over the whole picture)",
            f"{found['undo']:.1f} ms ({found['undo whole']:.1f})",
            "16 ms",
            found["undo"] <= 16,
        ),
        Figure(
            "memory of 50 undos of strokes over the whole picture",
            f"{found['memory']:.0f} MB",
            "200 MB",
            found["memory"] <= 200,
        ),
        Figure(
            "the longest stall while a picture of 50 megapixels is shown",
            f"{found['stall']:.0f} ms",
            "50 ms",
            found["stall"] <= 50,
        ),
    ]
    return figures
