"""What a key in the composer costs (composer_keys says how it is taken)."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python, window_environment

_WHAT = {
    "empty": "a key in the composer",
    "streaming": "a key while four answers stream",
    "megabyte": "the same with a megabyte in the composer",
}


def measure() -> list[Figure]:
    """From the press to the painted field, CPU of the window's thread."""
    with window_environment() as environment:
        ended = run_python(["-m", "tests.benchmarks.composer_keys"], environment)
    found: dict[str, dict[str, float]] = json.loads(ended.output.splitlines()[-1])
    return [
        Figure(
            what,
            f"{found[name]['median_ms']:.1f} ms (99 % below {found[name]['p99_ms']:.1f})",
            "16 ms",
            found[name]["p99_ms"] <= 16,
        )
        for name, what in _WHAT.items()
    ]
