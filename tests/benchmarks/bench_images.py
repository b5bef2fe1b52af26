"""The images tab in the whole window (images_window says how it is taken)."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python, window_environment


def measure() -> list[Figure]:
    """Medians of three pictures of each kind."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.images_window"], environment)
    found: dict[str, float] = json.loads(ended.output.splitlines()[-1])
    figures = [Figure("the images tab shown for the first time", f"{found['shown']:.0f} ms", "")]
    for form, ending in (("JPEG", "jpg"), ("PNG", "png")):
        stall, full = found[f"{ending}_stall"], found[f"{ending}_full"]
        preview = found[f"{ending}_preview"] / full
        figures += [
            Figure(
                f"stall of the window while a 50-megapixel {form} is dropped",
                f"{stall:.0f} ms (whole after {found[f'{ending}_whole']:.0f} ms)",
                "50 ms",
                stall <= 50,
            ),
            Figure(
                f"its first preview on the canvas, {form}",
                f"{preview:.2f} x a full decode ({full:.0f} ms)",
                "0.6 x",
                0 < preview <= 0.6,
            ),
        ]
    return figures
