"""What a streamed answer costs the window (transcript_frames says how each figure is taken)."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python, window_environment

_GROWING = {
    "mixed": "100 KB of everything",
    "paragraph": "one paragraph",
    "list": "one list",
    "table": "one table",
    "code": "one code block",
    "unbroken": "one unbroken line",
    "maths": "maths, notes and references",
}


def measure() -> list[Figure]:
    """Frames of a 100 KB answer, a stream at full speed, and a conversation of 10,000 messages."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.transcript_frames"], environment)
    found: dict[str, dict[str, float]] = json.loads(ended.output)
    figures = []
    for name, what in _GROWING.items():
        frames = found[name]
        figures += [
            Figure(
                f"frame cost, last tenth over first, {what}",
                f"{frames['ratio']:.2f}",
                "at most 1.3",
                frames["ratio"] <= 1.3,
            ),
            Figure(
                f"median frame, {what}",
                f"{frames['median_ms']:.1f} ms",
                "under 16 ms",
                frames["median_ms"] < 16,
            ),
            Figure(
                f"99 % of the frames below, {what}",
                f"{frames['p99_ms']:.1f} ms",
                "16 ms",
                frames["p99_ms"] <= 16,
            ),
            Figure(
                f"longest frame, {what}",
                f"{frames['longest_ms']:.1f} ms",
                "33 ms",
                frames["longest_ms"] <= 33,
            ),
        ]
    stream, opening, formulas = found["stream"], found["opening"], found["formulas"]
    stall, cpu = stream["longest_stall_ms"], stream["cpu_ms_a_token"]
    return [
        *figures,
        Figure(
            "1,000 tokens/s, longest stall of the loop",
            f"{stall:.0f} ms (its own work {stream['longest_turn_cpu_ms']:.0f})",
            "33 ms",
            stall <= 33,
        ),
        Figure("1,000 tokens/s, CPU a token", f"{cpu:.2f} ms", "at most 1 ms", cpu <= 1),
        Figure(
            f"{formulas['drawn']:.0f} formulas of one paragraph arrive drawn, longest turn",
            f"{formulas['longest_turn_ms']:.1f} ms (laid out {formulas['times']:.0f} times)",
            "33 ms",
            formulas["longest_turn_ms"] <= 33,
        ),
        Figure("opening 10,000 messages, CPU", f"{opening['open_ms']:.0f} ms", ""),
        Figure("scrolling through them, median frame", f"{opening['scroll_median_ms']:.1f} ms", ""),
    ]
