"""Load on a server over bare sockets, in a process of its own: `server_load.py TASK URL MODEL COUNT AT_ONCE`.

The token, where one is asked for, is in the environment as LOAD_TOKEN. For `latency` the model is asked for
at URL, and without a provider's name at LOAD_DIRECT. A stream's events are read as any client has to read
them: cut at blank lines, each decoded as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
import uvloop

PATH = os.environ.get("LOAD_PATH", "/v1/chat/completions")
_WORD = " token"


class Caller(asyncio.Protocol):
    """One connection that is kept: a request, its answer, the next one."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no instance of it

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._news.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._news.set()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body, whose length was told."""
        await self._send(request)
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            await self._more()
        head = bytes(self._received[:end]).lower()
        size = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(self._received) < end + 4 + size:
            await self._more()
        body = bytes(self._received[end + 4 : end + 4 + size])
        del self._received[: end + 4 + size]
        return int(head.split(b" ")[1]), body

    async def events(self, request: bytes, heard: Callable[[dict[str, Any]], None]) -> None:
        """Read one streamed answer to its end, event by event."""
        await self._send(request)
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            await self._more()
        assert b" 200 " in self._received[:20], bytes(self._received)
        del self._received[: end + 4]
        decode, text = msgspec.json.decode, b""
        while True:
            chunks, over = self._chunks()
            *events, text = (text + chunks).split(b"\n\n")
            for event in events:
                if event.startswith(b"data: {"):
                    heard(decode(event[6:]))
            if over:
                return
            await self._more()

    def _chunks(self) -> tuple[bytes, bool]:
        """What HTTP's chunks hold that are here as a whole, and whether the last one was among them."""
        parts, at, received = [], 0, self._received
        while (line := received.find(b"\r\n", at)) >= 0:
            size = int(received[at:line], 16)
            if len(received) < line + 4 + size:
                break
            parts.append(received[line + 2 : line + 2 + size])
            at = line + 4 + size
            if size == 0:
                del received[:at]
                return b"".join(parts), True
        del received[:at]
        return b"".join(parts), False

    async def _send(self, request: bytes) -> None:
        if self._transport is None:
            raise ConnectionResetError(f"the connection is gone: {bytes(self._received[-300:])!r}")
        self._transport.write(request)

    async def _more(self) -> None:
        if self._transport is None:
            raise ConnectionResetError(f"the connection is gone: {bytes(self._received[-300:])!r}")
        self._news.clear()
        await self._news.wait()

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()


async def caller(url: str) -> Caller:
    """A connection to a server."""
    parts = urlsplit(url)
    _, made = await asyncio.get_running_loop().create_connection(
        Caller, parts.hostname or "", parts.port or 80
    )
    return made


def request(url: str, model: str, text: str, **more: Any) -> bytes:
    """A request for a completion, as bytes."""
    messages = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": text}]
    body = json.dumps({"model": model, "messages": messages, **more}).encode()
    token = os.environ.get("LOAD_TOKEN", "")
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def latency(url: str, model: str, count: int, _at_once: int) -> dict[str, Any]:
    """What a request takes more through a server than at what it asks: pairs, one after the other."""
    direct = os.environ["LOAD_DIRECT"]
    asked = [
        (await caller(direct), request(direct, model.partition(":")[2], "tokens=20", temperature=0.7)),
        (await caller(url), request(url, model, "tokens=20", temperature=0.7)),
    ]
    taken: list[tuple[float, float]] = []
    for number in range(count + 50):
        times = []
        for one, data in asked:
            began = time.perf_counter()
            status, body = await one.ask(data)
            times.append(time.perf_counter() - began)
            assert status == 200, body
        if number >= 50:
            taken.append((times[0], times[1]))
    added = statistics.quantiles((via - straight for straight, via in taken), n=100)
    straight = statistics.median(straight for straight, _ in taken)
    return {"p50_ms": added[49] * 1000, "p99_ms": added[98] * 1000, "direct_ms": straight * 1000}


async def requests(url: str, model: str, count: int, at_once: int) -> dict[str, Any]:
    """Seconds for `count` completions of twenty tokens."""
    data = request(url, model, "tokens=20", temperature=0.7)
    callers = await asyncio.gather(*(caller(url) for _ in range(at_once)))

    async def several(one: Caller, times: int) -> None:
        for _ in range(times):
            status, body = await one.ask(data)
            assert status == 200, body
            assert body.count(_WORD.encode()) == 20

    await asyncio.gather(*(several(one, 2) for one in callers))
    began = time.perf_counter()
    await asyncio.gather(*(several(one, count // at_once) for one in callers))
    return {"wall": time.perf_counter() - began}


async def tokens(url: str, model: str, count: int, at_once: int) -> dict[str, Any]:
    """Seconds for streams of `count` tokens each, side by side."""
    data = request(url, model, f"tokens={count}", stream=True)
    callers = await asyncio.gather(*(caller(url) for _ in range(at_once)))

    async def one(of: Caller) -> int:
        found = 0

        def heard(event: dict[str, Any]) -> None:
            nonlocal found
            choices = event["choices"]
            found += bool(choices and choices[0]["delta"].get("content"))

        await of.events(data, heard)
        return found

    await one(callers[0])
    began = time.perf_counter()
    whole = await asyncio.gather(*map(one, callers))
    wall = time.perf_counter() - began
    assert whole == [count] * at_once, whole
    return {"wall": wall}


async def streams(url: str, model: str, count: int, at_once: int) -> dict[str, Any]:
    """Streams that are open all at once, ten tokens a tick each: how many came whole, the longest wait."""
    data = request(url, model, f"tokens={count} together={at_once} every=100", stream=True)
    callers = await asyncio.gather(*(caller(url) for _ in range(at_once)))
    began = time.perf_counter()

    async def one(of: Caller) -> tuple[int, float, float]:
        found, last, longest, first = 0, 0.0, 0.0, 0.0

        def heard(event: dict[str, Any]) -> None:
            nonlocal found, last, longest, first
            choices = event["choices"]
            if choices and choices[0]["delta"].get("content"):
                found += 1
                now = time.perf_counter()
                first = first or now - began
                longest = max(longest, now - last) if last else 0.0
                last = now

        await of.events(data, heard)
        return found, first, longest

    ended = await asyncio.gather(*map(one, callers))
    return {
        "whole": sum(found == count for found, _, _ in ended),
        "first": max(first for _, first, _ in ended),
        "gap": max(longest for _, _, longest in ended),
        "wall": time.perf_counter() - began,
    }


_TASKS: dict[str, Callable[[str, str, int, int], Awaitable[dict[str, Any]]]] = {
    "latency": latency,
    "requests": requests,
    "tokens": tokens,
    "streams": streams,
}


async def _main(arguments: list[str]) -> None:
    task, url, model, count, at_once = arguments
    sys.stdout.write(json.dumps(await _TASKS[task](url, model, int(count), int(at_once))))


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1:]))
