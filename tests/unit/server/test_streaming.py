"""Streams of events: what goes out when, how failures end them, and what a slow or lost client holds up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core.errors import AIProxyError, RateLimitError
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.streaming import EventStream
from tests.guards import LogGuard
from tests.waiting import until


class Client:
    """Takes what is sent; `slow` waits for `reads` each time."""

    def __init__(self, slow: bool = False) -> None:
        self.messages: list[Any] = []
        self.reads = asyncio.Semaphore(0 if slow else 1_000_000)

    async def send(self, message: Any) -> None:
        await self.reads.acquire()
        self.messages.append(message)

    @property
    def bodies(self) -> list[bytes]:
        return [message["body"] for message in self.messages if message["type"] == "http.response.body"]


class Frames:
    """Yields what it was given, raises an error where that stands, and knows how far it got."""

    def __init__(self, *given: bytes | Exception | None) -> None:
        self._given = given
        self.taken = 0
        self.closed = False

    async def __call__(self) -> AsyncIterator[bytes]:
        try:
            for one in self._given:
                if one is None:
                    await asyncio.Event().wait()
                elif isinstance(one, Exception):
                    raise one
                else:
                    self.taken += 1
                    yield one
        finally:
            self.closed = True


async def unheard() -> Any:
    """ASGI's `receive`, which a stream has no use for."""
    raise AssertionError


async def write(frames: Frames, client: Client) -> list[BaseException | None]:
    """Send a stream to a client; what its end was."""
    ends: list[BaseException | None] = []
    await EventStream(frames(), on_end=ends.append)({}, unheard, client.send)
    return ends


async def test_what_is_ready_at_once_goes_out_together() -> None:
    client = Client()
    frames = Frames(*(b"data: %d\n\n" % number for number in range(1000)))
    assert await write(frames, client) == [None]
    assert client.bodies == [b"".join(b"data: %d\n\n" % number for number in range(1000)), b""]
    start = client.messages[0]
    assert start["status"] == 200
    assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
    assert frames.closed


@pytest.mark.parametrize("error", [RateLimitError("Slow down"), Refusal(400, "No.")], ids=["core", "refusal"])
async def test_a_failure_before_the_first_event_is_raised_and_nothing_is_sent(error: Exception) -> None:
    client = Client()
    ends: list[BaseException | None] = []
    stream = EventStream(Frames(error)(), on_end=ends.append)
    with pytest.raises(type(error)):
        await stream({}, unheard, client.send)
    assert client.messages == []
    assert ends == [error]


async def test_a_later_failure_is_the_last_event() -> None:
    client, error = Client(), AIProxyError("It broke off", "Try again.")
    assert await write(Frames(b"data: 1\n\n", error), client) == [error]
    one, last = client.bodies
    assert one == b"data: 1\n\n"
    told = json.loads(last.removeprefix(b"data: "))
    assert told["error"]["message"] == told["detail"] == "It broke off. Try again."


async def test_what_nobody_planned_for_is_told_to_the_log_alone(expected_logs: LogGuard) -> None:
    expected_logs.expect(r"ERROR .*a stream of the local API failed")
    client = Client()
    await write(Frames(b"data: 1\n\n", ValueError("sk-secret")), client)
    assert b"sk-secret" not in client.bodies[-1]
    assert json.loads(client.bodies[-1].removeprefix(b"data: "))["error"]["type"] == "server_error"


async def test_nothing_is_lost_on_a_stream_without_events() -> None:
    client = Client()
    assert await write(Frames(), client) == [None]
    assert client.bodies == [b""]


async def test_a_slow_client_holds_its_provider_up_and_loses_nothing() -> None:
    client, event = Client(slow=True), b"data: " + b"x" * 1000 + b"\n\n"
    frames = Frames(*([event] * 500))
    writing = asyncio.create_task(write(frames, client))
    await until(lambda: frames.taken > 60)
    for _ in range(20):
        await asyncio.sleep(0)
    # One part is being sent, and another one waits: about 64 KiB each.
    assert frames.taken < 140
    for _ in range(600):
        client.reads.release()
    assert await writing == [None]
    assert b"".join(client.bodies) == event * 500


@pytest.mark.parametrize("given", [(None,), (b"data: 1\n\n", None)], ids=["before", "after"])
async def test_a_client_that_leaves_closes_what_it_was_waiting_for(given: tuple[Any, ...]) -> None:
    client, frames = Client(), Frames(*given)
    ends: list[BaseException | None] = []
    writing = asyncio.ensure_future(EventStream(frames(), on_end=ends.append)({}, unheard, client.send))
    await until(lambda: frames.taken == len(given) - 1)
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert frames.closed
    assert [type(one) for one in ends] == [asyncio.CancelledError]
