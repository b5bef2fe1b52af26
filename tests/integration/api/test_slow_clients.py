"""Clients that are slow, silent, too many, or speak something else, on bare sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from aiproxy_desktop.server.rules import Limits
from tests.api_parts import Served, hello, served
from tests.waiting import until
from tests.wire import Reply

CHAT = b"/v1/chat/completions"


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, *pieces: bytes, pause: float = 0.02) -> None:
        """Send pieces, each in a packet of its own, until the other side has had enough."""
        for piece in pieces:
            if self._writer.is_closing():
                return
            self._writer.write(piece)
            await asyncio.sleep(pause)

    async def hear(self) -> bytes:
        """Everything until the server closes."""
        heard = b""
        try:
            while piece := await self._reader.read(65536):
                heard += piece
        except ConnectionError:
            pass
        return heard

    async def ask(self, *pieces: bytes, pause: float = 0.02) -> bytes:
        """What comes while pieces are sent, until the server closes."""
        saying = asyncio.create_task(self.say(*pieces, pause=pause))
        heard = await self.hear()
        self.leave()
        await saying
        return heard

    async def answer(self) -> bytes:
        """One answer with a length."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head + await self._reader.readexactly(length)

    def leave(self) -> None:
        """Close it, whatever is still on its way."""
        self._writer.transport.abort()


@asynccontextmanager
async def wire(api: Served) -> AsyncIterator[Wire]:
    """A connection for a block."""
    one = Wire(*await api.raw())
    try:
        yield one
    finally:
        one.leave()


def head(api: Served, *more: str, method: str = "POST", path: bytes = CHAT) -> bytes:
    """The head of a request that is let in."""
    host = f"Host: 127.0.0.1:{api.port}"
    lines = (f"{method} {path.decode()} HTTP/1.1", host, f"Authorization: Bearer {api.token}", *more)
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def get(api: Served) -> bytes:
    """A request that is answered at once."""
    return head(api, method="GET", path=b"/v1/nowhere")


async def still_answers(api: Served) -> None:
    async with api.http() as http:
        assert (await http.post(CHAT.decode(), json=hello())).status_code == 200


QUICK = Limits(header_seconds=0.3, body_seconds=0.3, linger_seconds=0.3, idle_seconds=0.3, write_seconds=0.3)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ((), b""),
        ((b"\r\n", b"\r\n", b"\r\n"), b""),
        ((b"G", b"ET / HT"), b"408"),
        ((b"GET / HTTP/1.1\r\nHost: a\r\n", *[b"x: y\r\n"] * 60), b"408"),
        ((b"GET / HTTP/1.1\r\nHo", *[b"o"] * 60), b"408"),
    ],
    ids=["nothing", "only line ends", "half a line", "header by header", "letter by letter"],
)
async def test_a_head_has_to_come_in_time(sent: Iterable[bytes], status: bytes) -> None:
    async with served(limits=QUICK) as api, wire(api) as one:
        assert (await one.ask(*sent))[9:12] == status
        await until(lambda: api.server.connections == 0)
        await still_answers(api)


@pytest.mark.parametrize(
    "sent",
    [
        (b"GET /" + b"x" * 70_000,),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",),
        (b"GET / HTTP/1.1\r\n", *[b"x: " + b"y" * 9000 + b"\r\n"] * 8),
        (b"GET / HTTP/1.1\r\nx: ", *[b"y" * 9000] * 8),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 12_000,),
    ],
    ids=["address", "one header", "many headers", "one in pieces", "twelve thousand at once"],
)
async def test_a_head_has_a_size(sent: Iterable[bytes]) -> None:
    async with served() as api, wire(api) as one:
        assert (await one.ask(*sent))[9:12] == b"431"


@pytest.mark.parametrize(
    "sent",
    [
        (b"GET / HTTP/1.1\r\n\r\n",),  # no host
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),  # TLS
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nHost: a\r\n folded: yes\r\n\r\n",),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",),
        (b"\x00" * 5000,),
    ],
)
async def test_what_is_no_request_is_refused_without_a_word_in_the_log(sent: Iterable[bytes]) -> None:
    async with served(limits=QUICK) as api, wire(api) as one:
        heard = await one.ask(*sent)
        assert heard[9:12] in {b"400", b"421"}
        assert b"uvicorn" not in heard.lower()
        assert b'"error"' in heard
        await still_answers(api)


async def test_a_body_has_to_come_in_time_and_in_its_own_writing() -> None:
    async with served(limits=QUICK) as api:
        kind = "Content-Type: application/json"
        async with wire(api) as nothing:
            assert (await nothing.ask(head(api, kind, "Content-Length: 100")))[9:12] == b"408"
        async with wire(api) as half:
            assert (await half.ask(head(api, kind, "Content-Length: 100"), b"{"))[9:12] == b"408"
        async with wire(api) as drip:
            heard = await drip.ask(head(api, kind, "Content-Length: 100"), *[b" "] * 60)
            assert heard[9:12] == b"408"
        async with wire(api) as padded:  # a chunk's head that goes on for ever
            chunked = head(api, kind, "Transfer-Encoding: chunked")
            assert await padded.ask(chunked, b"1;", *[b"x" * 20_000] * 6) == b""
        async with wire(api) as refused:  # and nobody waits for a body that is refused already
            heard = await refused.ask(head(api, "Content-Type: text/plain", "Content-Length: 100000000"))
            assert heard[9:12] == b"415"
        await until(lambda: api.server.connections == 0)
        assert not api.upstream.exchanges
        await still_answers(api)


async def test_a_trailer_is_no_header() -> None:
    async with served() as api, wire(api) as one:
        host = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n".encode()
        kind = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        trailer = f"0\r\nAuthorization: Bearer {api.token}\r\n\r\n".encode()
        await one.say(host + kind, b"2\r\n{}\r\n", trailer)
        assert (await one.answer())[9:12] == b"401"


async def test_an_unused_connection_is_closed_and_a_used_one_kept() -> None:
    async with served(limits=QUICK) as api, wire(api) as one:
        for _ in range(3):
            await one.say(get(api))
            assert (await one.answer())[9:12] == b"404"
        assert await one.hear() == b""


async def test_who_asks_again_before_the_answer_gets_the_first_one_alone() -> None:
    async with served() as api, wire(api) as one:
        heard = await one.ask(get(api) * 3)
        assert heard.count(b"HTTP/1.1") == 1
        assert heard[9:12] == b"404"


async def test_an_upgrade_to_anything_else_is_answered_as_it_is() -> None:
    async with served() as api, wire(api) as one:
        upgrade = head(api, "Connection: upgrade", "Upgrade: h2c", method="GET", path=b"/v1/nowhere")
        assert (await one.ask(upgrade))[9:12] == b"404"


async def test_more_connections_than_there_may_be() -> None:
    async with served(limits=Limits(connections=4)) as api:
        held = [Wire(*await api.raw()) for _ in range(4)]
        try:
            await until(lambda: api.server.connections == 4)
            async with wire(api) as late:
                heard = await late.hear()
                assert heard[9:12] == b"503"
                assert b'"code":"overloaded"' in heard
            await held[0].say(get(api))
            assert (await held[0].answer())[9:12] == b"404"
            async with wire(api) as another:  # has the place of the one that nobody uses now
                await another.say(get(api))
                assert (await another.answer())[9:12] == b"404"
                assert await held[0].hear() == b""
        finally:
            for one in held:
                one.leave()


async def test_more_requests_than_there_may_be_are_told_to_come_again() -> None:
    async with served(Reply.nothing(), "Hello", limits=Limits(requests=1)) as api, api.http() as http:
        first = asyncio.create_task(http.post(CHAT.decode(), json=hello()))
        await until(lambda: api.upstream.exchanges)
        refused = await http.post(CHAT.decode(), json=hello())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (await http.get("/health")).status_code == 200
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await until(api.upstream.exchanges[0].closed.is_set)
        await still_answers(api)


async def test_who_reads_nothing_is_let_go() -> None:
    much = ["x" * 10_000] * 2000
    async with served(much, limits=QUICK) as api, wire(api) as one:
        body = b'{"model":"openai:m","stream":true,"messages":[{"role":"user","content":"a"}]}'
        await one.say(head(api, "Content-Type: application/json", f"Content-Length: {len(body)}") + body)
        await until(lambda: api.upstream.exchanges)
        await until(lambda: api.server.connections == 0)
        await until(api.upstream.exchanges[0].closed.is_set)
        [line] = api.log.recent()
        assert line.seconds is not None
