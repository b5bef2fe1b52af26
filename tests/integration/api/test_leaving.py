"""A client that leaves, at each stage of its request: nothing goes on without it, here or upstream."""

from __future__ import annotations

import asyncio
import gc
import json
from functools import partial
from typing import Any

import pytest

from aiproxy_desktop.server.gate.guard import Guard
from tests.api_parts import Served, hello, served
from tests.dialects import OPENAI
from tests.waiting import until
from tests.wire import Reply

SLOW = [OPENAI.text("word ")] * 3


def request(api: Served, **more: Any) -> bytes:
    body = json.dumps(hello(**more)).encode()
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n"
        f"Authorization: Bearer {api.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def guard_of(api: Served) -> Guard:
    assert isinstance(api.application, Guard)
    return api.application


def reached(api: Served, count: int) -> bool:
    return len(api.upstream.exchanges) == count


async def nothing_is_left(api: Served) -> None:
    """The provider is let go, the log's line ended, and nothing counted as running."""
    await until(lambda: api.server.connections == 0)
    for one in api.upstream.exchanges:
        await until(one.closed.is_set)
    await until(lambda: guard_of(api).running == 0)
    await until(lambda: all(line.seconds is not None for line in api.log.recent()))


@pytest.mark.parametrize("politely", [True, False], ids=["closed", "broken off"])
@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("half a request", Reply.nothing()),
        ("not answered", Reply.nothing()),
        ("answered whole, slowly", OPENAI.reply(*SLOW, ending="silence")),
        ("in the stream", OPENAI.reply(*SLOW, ending="silence")),
        ("a silent stream", Reply.events(ending="silence")),
    ],
)
async def test_a_client_that_leaves_takes_its_request_along(stage: str, reply: Reply, politely: bool) -> None:
    async with served(reply) as api:
        sent = request(api, stream=stage.endswith("stream"))
        reader, writer = await api.raw(sent[:-5] if stage == "half a request" else sent)
        if stage == "half a request":
            await until(lambda: api.server.connections)
        else:
            await until(lambda: api.upstream.exchanges)
            await until(api.upstream.exchanges[0].sent.is_set if reply.pieces else lambda: True)
        if stage == "in the stream":
            assert b"word" in await reader.readuntil(b"word")
        if politely:
            writer.close()
            await writer.wait_closed()
        else:
            writer.transport.abort()
        await nothing_is_left(api)


async def test_what_a_client_that_left_had_sent_is_not_kept() -> None:
    async with served(Reply.nothing()) as api:
        gc.collect()
        gc.disable()  # it may be long until the collector comes
        try:
            _, writer = await api.raw(request(api, kept=["here"] * 777))
            await until(lambda: api.upstream.exchanges)
            writer.transport.abort()
            del writer
            await nothing_is_left(api)
            await asyncio.sleep(0)
            assert not [one for one in gc.get_objects() if isinstance(one, list) and len(one) == 777]
        finally:
            gc.enable()


async def test_a_hundred_that_come_and_go() -> None:
    async with served(OPENAI.reply(*SLOW, ending="silence")) as api:
        for asked in (25, 50, 75, 100):
            opened = [await api.raw(request(api, stream=True)) for _ in range(25)]
            await until(partial(reached, api, asked))
            assert guard_of(api).running == 25
            for _, writer in opened:
                writer.transport.abort()
            await nothing_is_left(api)


async def test_a_server_that_stops_lets_answers_end_and_breaks_off_the_rest() -> None:
    quick = OPENAI.reply(*SLOW, OPENAI.finish("stop"), delay=0.05)
    async with served(quick, OPENAI.reply(*SLOW, ending="silence"), patience=1.0) as api:
        idle = await api.raw()
        ends, _ = first = await api.raw(request(api, stream=True))
        await until(lambda: len(api.upstream.exchanges) == 1)
        second = await api.raw(request(api, stream=True))
        await until(lambda: len(api.upstream.exchanges) == 2)
        await until(api.upstream.exchanges[1].sent.is_set)
        stopping = asyncio.create_task(api.server.stop())
        assert await idle[0].read() == b""
        assert b"data: [DONE]" in await ends.read()
        await stopping
        await until(api.upstream.exchanges[1].closed.is_set)
        assert (api.server.connections, guard_of(api).running) == (0, 0)
        assert [line.status for line in api.log.recent()] == [200, 499]
        for _, writer in (idle, first, second):
            writer.transport.abort()
