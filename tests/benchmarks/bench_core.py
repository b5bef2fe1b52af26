"""The routing core alone: its start, a thousand streams at once, and what a slow list does to the loop."""

from __future__ import annotations

import statistics

from tests.benchmarks.fake_services import fake_services
from tests.benchmarks.harness import Figure, alternate
from tests.benchmarks.versus import PEER, ours, theirs

START_MS = 20
ROUNDS = 10
STREAMS = 1000
TOKENS = 100
MOST_GROWTH = 0.05
STALL_MS = 10


def _start() -> Figure:
    ours("start")  # once, so that every module is compiled
    cpu = statistics.median(ours("start")["cpu"] for _ in range(9)) * 1000
    return Figure(
        "CompletionClient() and first list_models(), nothing configured, CPU after import",
        f"{cpu:.1f} ms",
        f"below {START_MS} ms",
        cpu < START_MS,
    )


def _streams(url: str) -> Figure:
    # What an allocator keeps for itself differs by some percent from run to run: the middle one of three.
    runs = [ours("streams-openai", url, TOKENS, ROUNDS) for _ in range(3)]
    found = sorted(runs, key=lambda run: run["memory"][-1] / run["memory"][1])[1]
    memory = found["memory"]
    growth = memory[-1] / memory[1] - 1
    whole = all(run["whole"] == ROUNDS * STREAMS for run in runs)
    sizes = f"{memory[1] / 1e6:.0f} to {memory[-1] / 1e6:.0f} MB"
    return Figure(
        f"{STREAMS:,} concurrent streams of {TOKENS} tokens, {ROUNDS} rounds",
        f"{found['whole']:,} whole; memory {growth:+.1%} ({sizes}); "
        f"{ROUNDS * STREAMS * TOKENS / found['wall']:,.0f} tokens a second",
        f"all whole; memory within {MOST_GROWTH:.0%} of round two",
        whole and growth <= MOST_GROWTH,
    )


def _stall(url: str) -> Figure:
    mine, other = alternate(
        5,
        lambda: ours("stall-ollama", f"{url}/slow")["longest"] * 1000,
        lambda: theirs("stall-ollama", f"{url}/slow")["longest"] * 1000,
    )
    return Figure(
        f"loop stall while a provider's list takes 1 s ({PEER}: {other:,.0f} ms)",
        f"{mine:.1f} ms",
        f"below {STALL_MS} ms",
        mine < STALL_MS,
    )


def measure() -> list[Figure]:
    """One figure each."""
    figures = [_start()]
    with fake_services() as url:
        figures += [_streams(url), _stall(url)]
    return figures
