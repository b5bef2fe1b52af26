"""Requests with something wrong anywhere in them, cut anywhere, left at any moment: nothing stays behind."""

from __future__ import annotations

import asyncio
from random import Random

from aiproxy_desktop.server.gate.guard import Guard
from aiproxy_desktop.server.rules import Limits
from tests.api_parts import Served, hello, served
from tests.integration.api.test_leaving import request
from tests.waiting import until

QUICK = Limits(
    header_seconds=0.2, body_seconds=0.2, linger_seconds=0.2, idle_seconds=0.2, write_seconds=0.2, requests=8
)


def broken(api: Served, random: Random) -> bytes:
    """A request, damaged."""
    good = request(api, stream=random.random() < 0.5)
    chunked = good.replace(b"Content-Length: ", b"Transfer-Encoding: chunked\r\nX: ")
    chunked = chunked.replace(b"\r\n\r\n", b"\r\n\r\n20\r\n", 1)
    upgrade = good.replace(b"POST", b"GET").replace(
        b"Content-Type:", b"Connection: upgrade\r\nUpgrade: websocket\r\nX:"
    )
    data = bytearray(random.choice([good, good + good, chunked, upgrade, random.randbytes(200)]))
    for _ in range(random.choice([0, 1, 3, 20])):
        at = random.randrange(len(data) + 1)
        data[at : at + random.randrange(4)] = random.choice(
            [b"\r\n", b"\r\n\r\n", b"\0", b": ", b"a" * 500, random.randbytes(1)]
        )
    return bytes(data[: random.randrange(len(data) + 1)] if random.random() < 0.5 else data)


async def send(api: Served, random: Random) -> None:
    """One such client."""
    data = broken(api, random)
    cut = random.randrange(len(data) + 1)
    reader, writer = await api.raw(data[:cut])
    try:
        await asyncio.sleep(random.choice([0, 0.01]))
        writer.write(data[cut:])
        how = random.randrange(3)
        if how == 1:
            writer.write_eof()
        if how:
            await reader.read()
    except (OSError, RuntimeError):
        pass  # the server had enough
    finally:
        writer.transport.abort()


async def test_nothing_stays_behind_of_what_is_broken() -> None:
    async with served(["Hel", "lo"], limits=QUICK) as api:
        for seed in range(15):
            await asyncio.gather(*(send(api, Random(100 * seed + number)) for number in range(20)))
        await until(lambda: api.server.connections == 0)
        assert isinstance(api.application, Guard)
        assert api.application.running == 0
        assert all(line.seconds is not None for line in api.log.recent())
        async with api.http() as http:
            assert (await http.post("/v1/chat/completions", json=hello())).status_code == 200
