"""Talking in the whole window (voice_window says how it is taken); bench_audio has the devices' own part."""

from __future__ import annotations

import json
from typing import Any

from tests.benchmarks.harness import Figure, run_python, window_environment


def _part(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure() -> list[Figure]:
    """One run of the application."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.voice_window"], environment)
    found: dict[str, Any] = json.loads(ended.output.splitlines()[-1])
    sent, key, service = (_part(found[name], 0.95) for name in ("sent", "key", "service"))
    moved, unheard = min(found["moved"]), max(found["unheard"])
    return [
        Figure("the voice tab shown for the first time", f"{found['shown']:.0f} ms", ""),
        Figure(
            "the whole application while the person talks, meters moving",
            f"{found['cpu']:.1f} % of a core",
            "10 %",
            found["cpu"] < 10,
        ),
        Figure(
            "the window's longest stall meanwhile", f"{found['stall']:.0f} ms", "33 ms", found["stall"] <= 33
        ),
        Figure(
            f"a chunk handed over by the microphone to the service, p95 of {len(found['sent'])}",
            f"{sent:.1f} ms",
            "20 ms",
            sent <= 20,
        ),
        Figure(
            "key pressed to the speaker silenced, worst of 15",
            f"{max(found['key']):.1f} ms (p95 {key:.1f})",
            "",
        ),
        Figure(
            "interruption sent by the service to the speaker silenced, worst of 15",
            f"{max(found['service']):.1f} ms (p95 {service:.1f})",
            "",
        ),
        Figure(
            "new connection before the old one's end, after 2 s of notice amid an answer",
            f"{moved:.0f} ms before",
            "before",
            moved > 0,
        ),
        Figure(
            "longest silence heard in an answer while its connection is replaced",
            f"{unheard:.0f} ms",
            "none over 20 ms",
            unheard <= 20,
        ),
    ]
