"""The core on the loop that the window runs: a stream, a cancel, a client used from cold."""

from __future__ import annotations

import asyncio

import pytest

from aiproxy_desktop.core.events import Finished, TextDelta
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from tests.dialects import DIALECTS, KEY, Dialect
from tests.wire import ByteServer

REQUEST = CompletionRequest("m", (Message.of("user", "Hello"),))

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


@each_dialect
async def test_an_answer_arrives(dialect: Dialect) -> None:
    http = HttpClient()
    async with ByteServer(dialect.reply(*map(dialect.text, "Hello"), dialect.finish("stop"))) as server:
        provider = dialect.build(http, server.url, KEY)
        events = [event async for event in provider.stream(REQUEST)]
        await http.aclose()
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hello"
    assert events[-1] == Finished("stop")


@each_dialect
async def test_cancelling_closes_the_connection(dialect: Dialect) -> None:
    http = HttpClient()
    async with ByteServer(dialect.reply(dialect.text("Hel"), ending="silence")) as server:
        provider = dialect.build(http, server.url, KEY)
        arrived = asyncio.Event()

        async def listen() -> None:
            async for event in provider.stream(REQUEST):
                if isinstance(event, TextDelta):
                    arrived.set()

        task = asyncio.get_running_loop().create_task(listen())
        await asyncio.wait_for(arrived.wait(), 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(server.exchanges[0].closed.wait(), 30)
        await http.aclose()
