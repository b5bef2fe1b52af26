"""Completions of twenty tokens: CPU of one after another, and how many a second with fifty at once."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.fake_services import fake_services
from tests.benchmarks.harness import Figure, alternate
from tests.benchmarks.versus import PEER, ours, theirs

REPEATS = 5
COUNT = 400
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class _Goal:
    """At most so much of their CPU, and at least so many times their requests."""

    provider: str
    label: str
    cpu: float
    rate: float


GOALS = (_Goal("openai", "OpenAI dialect", 0.35, 5.0), _Goal("ollama", "Ollama", 0.8, 1.2))


def _figures(goal: _Goal, url: str) -> list[Figure]:
    task = f"requests-{goal.provider}"
    mine, other = alternate(
        REPEATS, lambda: ours(task, url, COUNT)["cpu"], lambda: theirs(task, url, COUNT)["cpu"]
    )
    count = COUNT * 3
    my_time, other_time = alternate(
        REPEATS,
        lambda: ours(task, url, count, AT_ONCE)["wall"],
        lambda: theirs(task, url, count, AT_ONCE)["wall"],
    )
    return [
        Figure(
            f"{goal.label}, CPU a request, over {PEER}",
            f"{mine / other:.2f} x ({mine / COUNT * 1000:.2f} / {other / COUNT * 1000:.2f} ms)",
            f"at most {goal.cpu} x",
            mine / other <= goal.cpu,
        ),
        Figure(
            f"{goal.label}, {AT_ONCE} at once, over {PEER}",
            f"{other_time / my_time:.1f} x ({count / my_time:.0f} / {count / other_time:.0f} a second)",
            f"at least {goal.rate} x",
            other_time / my_time >= goal.rate,
        ),
    ]


def measure() -> list[Figure]:
    """Two figures for each of two providers."""
    with fake_services() as url:
        return [figure for goal in GOALS for figure in _figures(goal, url)]
