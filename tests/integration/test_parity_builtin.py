"""The parity matrix for the built-in model: a child process whose port leads to the byte server.

What it does when nothing fails it shares with OpenAI's dialect. A failure on loopback is the model's,
though, so most kinds differ; what came is kept all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import (
    Finished,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    UsageReported,
)
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.builtin import provider as builtin
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider, LocalModel
from aiproxy_desktop.core.timeouts import Timeouts
from tests.dialects import OPENAI, USAGE
from tests.dialects.builtin import stand_in
from tests.wire import ByteServer, Reply

MODEL = LocalModel("m", "M", "/nowhere/m.gguf", 1_000_000, 2048)
REQUEST = CompletionRequest("m", (Message.of("user", "Hello"),))
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def _short_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in for the built-in model's process does not end when its connections break."""
    monkeypatch.setattr(builtin, "_NEWS_SECONDS", 0.01)


@asynccontextmanager
async def serving(*replies: Reply, idle: float = 300.0) -> AsyncIterator[tuple[BuiltinProvider, ByteServer]]:
    http = HttpClient(timeouts=Timeouts(idle=idle))
    async with ByteServer(*replies) as server:
        provider = BuiltinProvider(http, [MODEL], stand_in(server.url))
        try:
            yield provider, server
        finally:
            await provider.aclose()
            await http.aclose()


async def failing(provider: BuiltinProvider) -> tuple[list[StreamEvent], AIProxyError]:
    """What came before the error, and the error."""
    events: list[StreamEvent] = []

    async def listen() -> None:
        async for event in provider.stream(REQUEST):
            events.append(event)  # noqa: PERF401  # a comprehension would lose what came before the error

    with pytest.raises(AIProxyError) as caught:
        await listen()
    assert caught.value.provider == "builtin"
    return events, caught.value


async def test_text_reasoning_usage_and_the_end_arrive_in_order() -> None:
    whole = OPENAI.reasoning("Hm. ") + OPENAI.text("Hello ☀\u2028") + OPENAI.finish("stop")
    pieces = (whole[place : place + 1] for place in range(len(whole)))
    async with serving(OPENAI.reply(*pieces)) as (provider, server):
        events = [event async for event in provider.stream(REQUEST)]
        assert server.paths == ["/v1/chat/completions"]
    assert events == [
        Started("builtin", "m"),
        ReasoningDelta("Hm. "),
        TextDelta("Hello ☀\u2028"),
        UsageReported(USAGE),
        Finished("stop"),
    ]


@pytest.mark.parametrize("ending", ["abort", "end"])
async def test_an_early_end_keeps_what_came(ending: str) -> None:
    half = OPENAI.text("never whole")[:-9]
    async with serving(OPENAI.reply(OPENAI.text("Hel"), half, ending=ending)) as (provider, _):
        events, error = await failing(provider)
    assert type(error) is errors.LocalModelError
    assert error.retryable
    assert events[1:] == [TextDelta("Hel")]


async def test_an_error_object_in_the_stream_keeps_what_came() -> None:
    async with serving(OPENAI.reply(OPENAI.text("Hel") + OPENAI.error_frame("stumbled"))) as (provider, _):
        events, error = await failing(provider)
    assert type(error) is errors.ProviderFailureError
    assert events[1:] == [TextDelta("Hel")]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (OPENAI.refusal(500, "server"), errors.ProviderFailureError),
        (OPENAI.refusal(401, "key"), errors.AuthenticationError),
        (OPENAI.refusal(429, "rate", headers={"Retry-After": "12"}), errors.RateLimitError),
        (OPENAI.refusal(404, "model"), errors.ModelNotFoundError),
        (OPENAI.refusal(400, "context"), errors.RequestTooLargeError),
        (Reply.html(), errors.LocalModelError),
    ],
)
async def test_a_refusal_has_its_kind(reply: Reply, kind: type[AIProxyError]) -> None:
    async with serving(reply) as (provider, _):
        _, error = await failing(provider)
    assert type(error) is kind
    assert error.title


async def test_silence_keeps_what_came() -> None:
    async with serving(OPENAI.reply(OPENAI.text("Hel"), ending="silence"), idle=0.5) as (provider, server):
        events, error = await failing(provider)
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)
    assert type(error) is errors.LocalModelError
    assert events[1:] == [TextDelta("Hel")]


async def test_cancelling_closes_the_connection() -> None:
    async with serving(OPENAI.reply(OPENAI.text("Hel"), ending="silence")) as (provider, server):
        arrived = asyncio.Event()

        async def listen() -> None:
            async for event in provider.stream(REQUEST):
                if isinstance(event, TextDelta):
                    arrived.set()

        task = asyncio.get_running_loop().create_task(listen())
        await asyncio.wait_for(arrived.wait(), PATIENCE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)


async def test_its_key_for_this_run_stays_hidden() -> None:
    async with serving(OPENAI.refusal(500, "server", "x")) as (provider, server):
        _, error = await failing(provider)
        endpoint = await provider.endpoint()
        assert server.exchanges[0].headers["authorization"] == f"Bearer {endpoint.key}"
    for text in (str(error), repr(vars(error)), repr(provider), repr(endpoint)):
        assert endpoint.key not in text
