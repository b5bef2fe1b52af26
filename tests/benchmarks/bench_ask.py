"""An answer of the built-in model through the client, against a raw HTTP client on the same server."""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiproxy_desktop.core import CompletionClient, HttpClient, Registry, TextDelta
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider, LocalEndpoint, default_model
from tests.benchmarks.harness import Figure

REPEATS = 5
MOST_RATIO = 1.3
MAX_TOKENS = 64
PROMPT = "Count from one to one hundred, in words, one number a line."


@dataclass(frozen=True, slots=True)
class _Answer:
    """Seconds to the first text and to the end, and how many pieces of text came."""

    first: float
    whole: float
    pieces: int


async def _through_the_client(client: CompletionClient, model: str) -> _Answer:
    began = time.perf_counter()
    first, pieces = 0.0, 0
    messages = [{"role": "user", "content": PROMPT}]
    stream = client.stream(messages, model, temperature=0.0, max_tokens=MAX_TOKENS)
    async with stream as events:
        async for event in events:
            if isinstance(event, TextDelta):
                first = first or time.perf_counter() - began
                pieces += 1
    return _Answer(first, time.perf_counter() - began, pieces)


def _raw(endpoint: LocalEndpoint, model: str) -> _Answer:
    """The standard library's client: one POST, lines as they come, each `data:` line parsed and no more."""
    address = urlsplit(endpoint.base_url)
    body = {
        "model": model,
        "messages": [{"role": "user", "content": PROMPT}],
        "stream": True,
        "temperature": 0.0,
        "max_tokens": MAX_TOKENS,
        # As the provider asks a model of this size, so that both answers are the same work.
        "top_p": 0.9,
        "repeat_penalty": 1.1,
        "repeat_last_n": 256,
    }
    headers = {"Authorization": f"Bearer {endpoint.key}", "Content-Type": "application/json"}
    began = time.perf_counter()
    first, pieces = 0.0, 0
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("POST", f"{address.path}/chat/completions", json.dumps(body), headers)
    with connection.getresponse() as response:
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and choices[0]["delta"].get("content"):
                first = first or time.perf_counter() - began
                pieces += 1
    connection.close()
    return _Answer(first, time.perf_counter() - began, pieces)


async def _measure() -> list[Figure]:
    model = default_model()
    if model is None:
        raise RuntimeError("the built-in model is not installed")
    shared = HttpClient()
    provider = BuiltinProvider(shared, (model,))
    ours: list[_Answer] = []
    raw: list[_Answer] = []
    try:
        endpoint = await provider.endpoint()
        client = CompletionClient(Registry((provider,)))
        for repeat in range(REPEATS + 1):
            pair = (
                await _through_the_client(client, model.id),
                await asyncio.to_thread(_raw, endpoint, model.id),
            )
            if repeat:  # the first of each reads the prompt, which the server then remembers
                ours.append(pair[0])
                raw.append(pair[1])
    finally:
        await provider.aclose()
        await shared.aclose()

    def median(answers: list[_Answer], name: str) -> float:
        return statistics.median(float(getattr(answer, name)) for answer in answers)

    # A token a piece, nearly: where counts differ the time is compared a piece.
    ratio = (median(ours, "whole") / median(ours, "pieces")) / (median(raw, "whole") / median(raw, "pieces"))
    return [
        Figure(
            "ask with the built-in model, loaded, over a raw HTTP client on its server",
            f"{ratio:.2f} x ({median(ours, 'whole'):.2f} s / {median(raw, 'whole'):.2f} s for "
            f"{median(ours, 'pieces'):.0f} / {median(raw, 'pieces'):.0f} tokens; first "
            f"{median(ours, 'first') * 1000:.0f} / {median(raw, 'first') * 1000:.0f} ms)",
            f"at most {MOST_RATIO} x",
            ratio <= MOST_RATIO,
        )
    ]


def measure() -> list[Figure]:
    """Ratio of the medians of a whole answer, a token."""
    return asyncio.run(_measure())
