"""Tokens a second through `client.stream`, as typed events, over the stream of each vendor's own SDK."""

from __future__ import annotations

from tests.benchmarks.fake_services import fake_services
from tests.benchmarks.harness import Figure, alternate
from tests.benchmarks.versus import ours, theirs

REPEATS = 5
TOKENS = 10_000
LEAST_RATIO = 10
SDKS = {"openai": "the openai SDK's", "gemini": "the google-genai SDK's"}


def _figure(provider: str, url: str) -> Figure:
    task = f"tokens-{provider}"
    mine, other = alternate(
        REPEATS, lambda: ours(task, url, TOKENS)["wall"], lambda: theirs(task, url, TOKENS)["wall"]
    )
    return Figure(
        f"tokens a second through client.stream, over {SDKS[provider]}",
        f"{other / mine:.1f} x ({TOKENS / mine:,.0f} / {TOKENS / other:,.0f})",
        f"at least {LEAST_RATIO} x",
        other / mine >= LEAST_RATIO,
    )


def measure() -> list[Figure]:
    """One figure for each SDK; both sides read the same bytes."""
    with fake_services() as url:
        return [_figure(provider, url) for provider in SDKS]
