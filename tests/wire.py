r"""A server of raw bytes on loopback, for the faults that no real service produces on demand.

    async with ByteServer(Reply.events(b"data: {}\n\n")) as server:
        ...  # talk to server.url
        assert server.exchanges[0].path == "/v1/chat/completions"

Replies are given out in order, the last one again and again; a function from `Exchange` to `Reply`
serves by path instead. A streamed body is sent as one HTTP chunk for each piece, so that a client sees
exactly the cuts that the test wrote down.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

Ending = Literal["end", "abort", "silence", "close"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server says to one request.

    `ending`: "end" finishes the body properly; "abort" closes the connection in its middle;
    "close" ends a body without length or chunks by closing, which is proper too; "silence" sends
    nothing more until the client goes away. `delay` seconds pass before each piece.
    """

    status: int = 200
    content_type: str = "application/json"
    pieces: tuple[bytes, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = "end"
    delay: float = 0.0
    head: bool = True

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A JSON body."""
        return cls(status, "application/json", (json.dumps(value).encode(),), headers or {})

    @classmethod
    def html(cls, status: int = 200, content_type: str = "text/html; charset=utf-8") -> Reply:
        """A web page."""
        return cls(status, content_type, (b"<!DOCTYPE html><html><body>Welcome</body></html>",))

    @classmethod
    def events(cls, *pieces: bytes, ending: Ending = "end", delay: float = 0.0) -> Reply:
        """Server-sent events, cut as given."""
        return cls(200, "text/event-stream", pieces, {}, ending, delay)

    @classmethod
    def lines(cls, *pieces: bytes, ending: Ending = "end", delay: float = 0.0) -> Reply:
        """JSON lines, cut as given."""
        return cls(200, "application/x-ndjson", pieces, {}, ending, delay)

    @classmethod
    def nothing(cls, ending: Ending = "silence") -> Reply:
        """Not even a status line."""
        return cls(head=False, ending=ending)


@dataclass(slots=True)
class Exchange:
    """One request as the server saw it. `closed` is set once the client has closed its connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    closed: asyncio.Event
    sent: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class ByteServer:
    """Serves replies on 127.0.0.1, on a port of its own, until the block is left."""

    def __init__(self, *replies: Reply | Callable[[Exchange], Reply], port: int = 0) -> None:
        assert replies, "a server needs something to say"
        self._replies = replies
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self.exchanges: list[Exchange] = []
        self.url = ""

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order, each with its query."""
        return [exchange.path for exchange in self.exchanges]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self._port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._connections):
            await connection.end()
        await self._server.wait_closed()

    def reply_to(self, exchange: Exchange) -> Reply:
        """Note a request and choose what to say."""
        self.exchanges.append(exchange)
        reply = self._replies[min(len(self.exchanges), len(self._replies)) - 1]
        return reply if isinstance(reply, Reply) else reply(exchange)

    def joined(self, connection: _Connection) -> None:
        """A client connected."""
        self._connections.add(connection)

    def left(self, connection: _Connection) -> None:
        """Its connection is gone."""
        self._connections.discard(connection)


class _Connection(asyncio.Protocol):
    """One connection: requests in order, each with its reply."""

    def __init__(self, server: ByteServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has classes of its own
        self._server.joined(self)
        self._task = asyncio.get_running_loop().create_task(self._serve(), name="byte-server")

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._news.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def eof_received(self) -> bool:
        self._went()
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        self._went()
        self._server.left(self)

    async def end(self) -> None:
        """Close at once and wait for the last of it."""
        assert self._transport is not None
        assert self._task is not None
        self._transport.abort()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _went(self) -> None:
        for event in (self._gone, self._news, self._writable):
            event.set()

    async def _serve(self) -> None:
        assert self._transport is not None
        while (exchange := await self._read_request()) is not None:
            reply = self._server.reply_to(exchange)
            await self._say(reply)
            exchange.sent.set()
            if reply.ending == "silence":
                await self._gone.wait()
            if reply.ending != "end":
                break
        if not self._transport.is_closing():
            self._transport.close()

    async def _say(self, reply: Reply) -> None:
        if reply.head:
            await self._write(_head(reply))
        for piece in reply.pieces:
            if reply.delay:
                await asyncio.sleep(reply.delay)
            await self._write(piece if reply.ending == "close" else b"%x\r\n%b\r\n" % (len(piece), piece))
        if reply.ending == "end":
            await self._write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> None:
        assert self._transport is not None
        await self._writable.wait()
        if not self._gone.is_set():
            self._transport.write(data)

    async def _read_request(self) -> Exchange | None:
        head = await self._take_until(b"\r\n\r\n")
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await self._take(int(headers.get("content-length", "0")))
        return None if body is None else Exchange(method, path, headers, body, self._gone)

    async def _take_until(self, mark: bytes) -> bytes | None:
        while (end := self._received.find(mark)) < 0:
            if not await self._more():
                return None
        head = bytes(self._received[:end])
        del self._received[: end + len(mark)]
        return head

    async def _take(self, size: int) -> bytes | None:
        while len(self._received) < size:
            if not await self._more():
                return None
        body = bytes(self._received[:size])
        del self._received[:size]
        return body

    async def _more(self) -> bool:
        if self._gone.is_set():
            return False
        self._news.clear()
        await self._news.wait()
        return True


def _head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} Whatever", f"content-type: {reply.content_type}"]
    lines.append("connection: close" if reply.ending == "close" else "transfer-encoding: chunked")
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
