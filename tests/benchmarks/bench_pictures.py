"""The studio's pixels: seen early, without a stall, and masks that are written fast."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, run_python

_GOAL_PREVIEW = 0.6
_GOAL_STALL = 20.0
_GOAL_MASK = 0.5


def measure() -> list[Figure]:
    """In a process of its own, with a thread beside it that only ticks (pictures_process says how)."""
    ended = run_python(["-m", "tests.benchmarks.pictures_process"])
    found: dict[str, float] = json.loads(ended.output.splitlines()[-1])
    figures = []
    for form in ("JPEG", "PNG"):
        key = form.lower()
        ratio = found[f"{key}_preview"] / found[f"{key}_full"]
        figures += [
            Figure(
                f"first preview of a 50-megapixel {form}",
                f"{ratio:.2f} x a full decode ({found[f'{key}_full']:.0f} ms)",
                f"{_GOAL_PREVIEW} x",
                ratio <= _GOAL_PREVIEW,
            ),
            _stall(f"stall of another thread while a 50-megapixel {form} is opened", found[f"{key}_stall"]),
        ]
    for what, key in (("for a model", "mask"), ("in grey", "grey")):
        ratio = found[f"{key}_ours"] / found[f"{key}_qt"]
        figures.append(
            Figure(
                f"mask encode 4096 x 4096, {what}",
                f"{ratio:.2f} x QImage's PNG ({found[f'{key}_ours']:.0f} ms)",
                f"{_GOAL_MASK} x",
                ratio <= _GOAL_MASK,
            )
        )
    return [
        *figures,
        _stall("stall of another thread meanwhile", found["mask_stall"]),
        Figure("an answer into a 4096 x 4096 picture", f"{found['finish']:.0f} ms", ""),
        _stall("stall of another thread meanwhile", found["finish_stall"]),
        Figure("its compositing alone", f"{found['composite']:.0f} ms", ""),
    ]


def _stall(what: str, milliseconds: float) -> Figure:
    return Figure(what, f"{milliseconds:.1f} ms", f"{_GOAL_STALL:.0f} ms", milliseconds <= _GOAL_STALL)
