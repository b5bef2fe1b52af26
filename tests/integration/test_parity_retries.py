"""The parity matrix, third part: what the one retry loop makes of failing services, over sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from email.utils import formatdate
from time import time

import pytest

from aiproxy_desktop.core.completion_run import CompletionRunner
from aiproxy_desktop.core.errors import InterruptedStreamError, ProviderTimeoutError, RateLimitError
from aiproxy_desktop.core.events import Finished, Noted, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.retry import INTERACTIVE, NO_RETRY, PATIENT
from aiproxy_desktop.core.timeouts import Timeouts
from tests.dialects import DIALECTS, KEY, Dialect
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

REQUEST = CompletionRequest("m", (Message.of("user", "Hello"),))
HI = [TextDelta("Hi"), Finished("stop")]

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


class Waits:
    """Keeps the waits instead of waiting them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def runner(waits: Waits) -> CompletionRunner:
    return CompletionRunner(sleep=waits, draw=lambda: 1.0)


def good(dialect: Dialect) -> Reply:
    return dialect.reply(dialect.text("Hi"), dialect.finish("stop"))


def target(dialect: Dialect, http: HttpClient, url: str) -> Target:
    return Target(dialect.build(http, url, KEY), "m")


async def visible(events: AsyncGenerator[StreamEvent]) -> list[StreamEvent]:
    """What is left without Started, notes and counts."""
    return [event async for event in events if isinstance(event, TextDelta | Finished)]


@each_dialect
async def test_the_wait_that_was_asked_for_in_seconds_is_kept(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, waits: Waits
) -> None:
    limited = dialect.refusal(429, "rate", headers={"Retry-After": "7"})
    async with ByteServer(limited, good(dialect)) as server:
        assert await visible(runner.stream(REQUEST, (target(dialect, http, server.url),))) == HI
        assert len(server.exchanges) == 2
    assert waits.seconds == [7.0]


@each_dialect
async def test_the_wait_that_was_asked_for_as_a_date_is_kept(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, waits: Waits
) -> None:
    date = formatdate(time() + 40, usegmt=True)
    async with ByteServer(
        dialect.refusal(429, "rate", headers={"Retry-After": date}), good(dialect)
    ) as server:
        assert await visible(runner.stream(REQUEST, (target(dialect, http, server.url),))) == HI
    assert len(waits.seconds) == 1
    assert 20 < waits.seconds[0] <= 40


@each_dialect
async def test_a_wait_of_an_hour_is_told_instead(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, waits: Waits
) -> None:
    async with ByteServer(dialect.refusal(429, "rate", headers={"Retry-After": "3600"})) as server:
        with pytest.raises(RateLimitError) as caught:
            await visible(runner.stream(REQUEST, (target(dialect, http, server.url),)))
        assert len(server.exchanges) == 1
    assert caught.value.retry_after == 3600
    assert waits.seconds == []


@each_dialect
@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504])
async def test_a_failure_of_a_moment_is_mended(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, waits: Waits, status: int
) -> None:
    async with ByteServer(dialect.refusal(status, "server"), Reply.html(status), good(dialect)) as server:
        assert await visible(runner.stream(REQUEST, (target(dialect, http, server.url),))) == HI
        assert len(server.exchanges) == 3
    assert waits.seconds == [0.5, 1.0]


@each_dialect
@pytest.mark.parametrize("ending", ["abort", "end", "close"])
async def test_a_cut_before_the_first_token_is_mended(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, ending: str
) -> None:
    cut = dialect.reply(dialect.text("x")[:-9], ending=ending)
    async with ByteServer(cut, good(dialect)) as server:
        answer = runner.stream(REQUEST, (target(dialect, http, server.url),), INTERACTIVE)
        events = [event async for event in answer]
    assert [event for event in events if isinstance(event, Started)] == [Started(dialect.name, "m")]
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["retry"]
    assert TextDelta("Hi") in events


@each_dialect
async def test_a_cut_after_the_first_token_is_not(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner
) -> None:
    cut = dialect.reply(dialect.text("Hel"), ending="abort")
    async with ByteServer(cut, good(dialect)) as server:
        answer = runner.stream(REQUEST, (target(dialect, http, server.url),))
        assert [await anext(answer) for _ in range(2)][1] == TextDelta("Hel")
        with pytest.raises(InterruptedStreamError):
            await anext(answer)
        assert len(server.exchanges) == 1


@each_dialect
async def test_where_nobody_listens_somebody_else_answers(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, waits: Waits
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with ByteServer(good(dialect)) as server:
            targets = (target(dialect, http, away), target(dialect, http, server.url))
            assert await visible(runner.stream(REQUEST, targets)) == HI
    assert waits.seconds == [0.5, 1.0]


@each_dialect
async def test_a_conversation_that_is_too_long_goes_elsewhere(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner
) -> None:
    def reply(exchange: Exchange) -> Reply:
        return dialect.refusal(400, "context") if exchange is first.exchanges[0] else good(dialect)

    async with ByteServer(reply) as first, ByteServer(good(dialect)) as second:
        targets = (target(dialect, http, first.url), target(dialect, http, second.url))
        assert await visible(runner.stream(REQUEST, targets)) == HI
        assert (len(first.exchanges), len(second.exchanges)) == (1, 1)


@each_dialect
@pytest.mark.parametrize("headed", [False, True])
async def test_silence_before_the_first_token_closes_the_connection(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner, headed: bool
) -> None:
    silent = dialect.reply(ending="silence") if headed else Reply.nothing()
    request = replace(REQUEST, timeouts=Timeouts(first_token=0.5))
    async with ByteServer(silent) as server:
        with pytest.raises(ProviderTimeoutError) as caught:
            await visible(runner.stream(request, (target(dialect, http, server.url),)))
        await server.exchanges[0].closed.wait()
        assert len(server.exchanges) == 1
    assert "the bound set for the first token" in caught.value.advice


@each_dialect
async def test_the_bound_of_the_whole_closes_the_connection(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner
) -> None:
    endless = dialect.reply(*[dialect.text("on ")] * 3, ending="silence")
    request = replace(REQUEST, timeouts=Timeouts(total=0.5))
    async with ByteServer(endless) as server:
        with pytest.raises(ProviderTimeoutError) as caught:
            await visible(runner.stream(request, (target(dialect, http, server.url),)))
        await server.exchanges[0].closed.wait()
    assert "the bound set for all of it" in caught.value.advice


@each_dialect
async def test_a_cancel_closes_the_connection_and_asks_nobody_else(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner
) -> None:
    async with ByteServer(dialect.reply(ending="silence")) as server, ByteServer(good(dialect)) as other:
        targets = (target(dialect, http, server.url), target(dialect, http, other.url))
        task = asyncio.create_task(visible(runner.stream(REQUEST, targets, PATIENT)))
        await until(lambda: server.exchanges, "the request")
        await server.exchanges[0].sent.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.exchanges[0].closed.wait()
        assert other.exchanges == []


@each_dialect
async def test_all_that_failed_are_named(
    dialect: Dialect, http: HttpClient, runner: CompletionRunner
) -> None:
    async with (
        ByteServer(dialect.refusal(429, "rate")) as limited,
        ByteServer(dialect.refusal(503, "server")) as failing,
    ):
        targets = (target(dialect, http, limited.url), target(dialect, http, failing.url))
        with pytest.raises(RateLimitError) as caught:
            await visible(runner.stream(REQUEST, targets, NO_RETRY))
    (other,) = caught.value.attempts
    assert other.endswith("failed on its side (503)")
    assert other in caught.value.advice
