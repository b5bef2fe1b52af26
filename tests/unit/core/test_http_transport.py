"""What the connections under every provider promise, against servers that do exactly what is written here."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import psutil
import pytest

from aiproxy_desktop.core.errors import (
    InterruptedStreamError,
    ProtocolError,
    ProviderTimeoutError,
    RequestTooLargeError,
    UnreachableError,
)
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.http_transport import PIECE_BYTES, Client
from aiproxy_desktop.core.threads import start_on_thread
from aiproxy_desktop.core.timeouts import Timeouts
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

LARGE = 100 * 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def post(url: str, content: bytes = b"{}") -> HttpCall:
    return HttpCall("it", "It", "POST", url, {"content-type": "application/json"}, content, None)


def get(url: str) -> HttpCall:
    return HttpCall("it", "It", "GET", url)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def connected_ports() -> set[int]:
    """Where this process has connections to."""
    return {getattr(found.raddr, "port", 0) for found in psutil.Process().net_connections("tcp")}


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[str]:
    """A server that reads the head of a request and leaves the rest to `handle`."""
    tasks: set[asyncio.Task[None] | None] = set()
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        writers.append(writer)
        # That the client goes away is what some tests are about.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await handle(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(task for task in tasks if task is not None))


async def test_small_pieces_are_read_in_larger_ones_where_that_is_asked_for(http: HttpClient) -> None:
    all_sent, pieces = asyncio.Event(), [b"line %d\n" % number for number in range(200)]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        for piece in pieces:
            writer.write(chunk(piece))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(chunk(b""))
        all_sent.set()
        await reader.read()

    async with serving(handle) as url:
        body = await http.open(post(url))
        seen = [await anext(body)]
        body.space(0.05)
        await asyncio.wait_for(all_sent.wait(), 30)
        seen += [piece async for piece in body]
        body.close()
    assert b"".join(seen) == b"".join(pieces)
    assert len(seen) < 20


async def test_a_cancel_while_nothing_is_read_closes_the_connection(http: HttpClient) -> None:
    closed = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(b"line"))
        await reader.read()
        closed.set()

    async def listen(url: str) -> None:
        body = await http.open(post(url))
        try:
            async for _ in body:
                body.space(600)
                begun.set()
        finally:
            body.close()

    async with serving(handle) as url:
        begun = asyncio.Event()
        task = asyncio.create_task(listen(url))
        await asyncio.wait_for(begun.wait(), 30)
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(closed.wait(), 30)


async def test_each_chunk_is_given_before_the_next_is_sent(http: HttpClient) -> None:
    read = asyncio.Queue[None]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        for number in range(5):
            writer.write(chunk(b"token %d" % number))
            await read.get()
        writer.write(chunk(b""))
        await reader.read()

    async with serving(handle) as url:
        body = await http.open(post(url))
        seen = []
        async for piece in body:
            seen.append(piece)
            read.put_nowait(None)
        body.close()
    assert seen == [b"token %d" % number for number in range(5)]


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + chunk(b"Hel")], ids=["nothing", "head", "chunk"])
async def test_a_cancel_closes_the_connection_in_the_servers_sight(http: HttpClient, sent: bytes) -> None:
    waiting, closed = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await reader.readexactly(2)
        waiting.set()
        with suppress(ConnectionResetError):
            await reader.read()
        closed.set()

    async with serving(handle) as url:
        task = asyncio.get_running_loop().create_task(http.fetch(post(url)))
        await asyncio.wait_for(waiting.wait(), 30)
        await asyncio.sleep(0.02)  # the client has seen what was sent
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(closed.wait(), 30)


async def test_a_hundred_streams_at_once_come_whole(http: HttpClient) -> None:
    all_here = asyncio.Barrier(100)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mark = await reader.readexactly(3)
        await all_here.wait()
        writer.write(HEAD)
        for number in range(50):
            writer.write(chunk(b"%b %d\n" % (mark, number)))
            await asyncio.sleep(0)
        writer.write(chunk(b""))
        await reader.read()

    async with serving(handle) as url:
        answers = await asyncio.gather(*(http.fetch(post(url, b"%03d" % number)) for number in range(100)))
    for number, answer in enumerate(answers):
        assert answer == b"".join(b"%03d %d\n" % (number, line) for line in range(50))


@pytest.mark.parametrize("ending", ["close", "abort"])
async def test_a_slow_reader_still_gets_what_came_before_the_break(http: HttpClient, ending: str) -> None:
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        writer.write(HEAD + chunk(b"one"))
        await asyncio.sleep(0.05)
        writer.write(chunk(b"two") + chunk(b"three"))
        await asyncio.sleep(0.05)
        writer.transport.abort() if ending == "abort" else writer.close()
        gone.set()

    async with serving(handle) as url:
        body = await http.open(post(url))
        seen = await body.__anext__()
        await gone.wait()
        await asyncio.sleep(0.05)  # by now the client's side knows as well
        seen += await body.__anext__()
        assert seen == b"onetwothree"
        with pytest.raises(InterruptedStreamError):
            await body.__anext__()
        body.close()


async def test_a_large_body_arrives_and_leaves_the_loop_to_others(http: HttpClient) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    def take_all(listening: socket.socket) -> int:
        """As fast as it comes, so that the client never has to wait."""
        size = 0
        while not size:  # the first connection of a client only looks whether anyone is there
            connection, _ = listening.accept()
            with connection:
                while size < LARGE and (data := connection.recv(1024 * 1024)):
                    size += len(data)
                if size:
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        return size

    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = start_on_thread(lambda: take_all(listening), "take-all")
        heart = asyncio.get_running_loop().create_task(beat())
        answer = await http.fetch(post(f"http://127.0.0.1:{listening.getsockname()[1]}/", bytes(LARGE)))
        heart.cancel()
        assert answer == b"ok"
        assert await taken >= LARGE
    assert beats > LARGE // PIECE_BYTES


async def test_a_large_body_says_how_long_it_is(http: HttpClient) -> None:
    async with ByteServer(Reply.json("ok")) as server:
        await http.fetch(post(server.url, b"x" * 300_000))
        headers = server.exchanges[0].headers
        assert headers["content-length"] == "300000"
        assert "transfer-encoding" not in headers
        assert server.exchanges[0].body == b"x" * 300_000


async def test_a_server_that_takes_nothing_of_a_large_body_is_silent() -> None:
    http = HttpClient(timeouts=Timeouts(idle=0.3))
    closed = asyncio.Event()
    tried = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await tried.wait()
        with suppress(ConnectionResetError):
            while await reader.read(1024 * 1024):
                pass
        closed.set()

    async with serving(handle) as url:
        with pytest.raises(ProviderTimeoutError):
            await http.fetch(post(url, bytes(LARGE)))
        # Closed, although the server has not taken what was sent to it.
        await until(lambda: urlsplit(url).port not in connected_ports())
        tried.set()
        await asyncio.wait_for(closed.wait(), 30)
        await http.aclose()


async def test_a_refusal_comes_through_while_a_large_body_is_sent(http: HttpClient) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}")
        await reader.read(50 * 1024 * 1024)
        await asyncio.sleep(0.05)

    async with serving(handle) as url:
        with pytest.raises(RequestTooLargeError):
            await http.fetch(post(url, bytes(LARGE)))


async def test_a_connection_is_used_again_after_a_whole_answer_and_only_then(http: HttpClient) -> None:
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readexactly(2)
            writer.write(HEAD + chunk(b"whole") + chunk(b""))
            await reader.readuntil(b"\r\n\r\n")

    async with serving(handle) as url:
        for _ in range(3):
            assert await http.fetch(post(url)) == b"whole"
        assert connections == 1
    async with serving(lambda reader, writer: left_open(reader, writer, connected)) as url:
        connected: list[None] = []
        for _ in range(2):
            body = await http.open(post(url))
            await body.__anext__()
            body.close()
        assert len(connected) == 2


async def left_open(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connected: list[None]
) -> None:
    connected.append(None)
    writer.write(HEAD + chunk(b"half"))
    await reader.read()


async def test_no_cookie_is_kept(http: HttpClient) -> None:
    async with ByteServer(Reply.json(1, headers={"set-cookie": "who=you; Path=/"})) as server:
        url = server.url.replace("127.0.0.1", "localhost")  # an address alone has no cookies
        await http.fetch(get(url))
        await http.fetch(get(url))
        assert "cookie" not in server.exchanges[1].headers


async def test_a_header_may_be_long(http: HttpClient) -> None:
    async with ByteServer(Reply.json(1, headers={"content-security-policy": "x" * 40_000})) as server:
        assert await http.fetch(get(server.url)) == b"1"


async def test_an_address_is_sent_as_it_is_written(http: HttpClient) -> None:
    async with ByteServer(Reply.json(1)) as server:
        await http.fetch(get(f"{server.url}/v1/tuned%2Fmodel:go?token=a%2Fb%3D%2B"))
        assert server.paths == ["/v1/tuned%2Fmodel:go?token=a%2Fb%3D%2B"]


async def test_nothing_is_said_that_was_not_asked_for(http: HttpClient) -> None:
    async with ByteServer(Reply.json(1)) as server:
        await http.fetch(post(server.url))
        headers = server.exchanges[0].headers
    assert headers["user-agent"].startswith("aiproxy-desktop/")
    assert headers["accept-encoding"] == "identity"
    ours = {"accept-encoding", "user-agent", "content-type"}
    assert set(headers) == ours | {"host", "accept", "content-length"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", ProtocolError),
        (b"HTTP/1.1 abc\r\n\r\n", ProtocolError),
        (HEAD + b"zz\r\nnot a length", (ProtocolError, InterruptedStreamError)),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", InterruptedStreamError),
        (b"HTTP/1.1 200 OK\r\ncontent-le", InterruptedStreamError),
    ],
)
async def test_what_is_not_http_has_its_kind(
    http: HttpClient, answer: bytes, kind: type[Exception] | tuple[type[Exception], ...]
) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with serving(handle) as url:
        with pytest.raises(kind):
            await http.fetch(post(url))


async def test_a_proxy_is_told_the_password_for_a_plain_address(
    monkeypatch: pytest.MonkeyPatch, http: HttpClient
) -> None:
    async with ByteServer(Reply.json(1)) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url.replace("//", "//someone:hunter2@"))
        assert await http.fetch(get("http://service.invalid/v1")) == b"1"
        assert server.exchanges[0].headers["proxy-authorization"] == "Basic c29tZW9uZTpodW50ZXIy"


async def test_a_proxy_that_refuses_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, http: HttpClient
) -> None:
    def refuse(exchange: Exchange) -> Reply:
        assert exchange.method == "CONNECT"
        assert exchange.headers["proxy-authorization"].startswith("Basic ")
        return Reply(407, pieces=(b"who are you?",))

    async with ByteServer(refuse) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url.replace("//", "//someone:hunter2@"))
        with pytest.raises(UnreachableError) as caught:
            await http.fetch(post("https://service.invalid/v1"))
    assert "proxy" in caught.value.advice
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


@pytest.mark.filterwarnings("ignore:.*unclosed transport:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_client_serves_one_loop_after_another() -> None:
    http = HttpClient()

    async def ask() -> bytes:
        async with ByteServer(Reply.json("here")) as server:
            return await http.fetch(get(server.url))

    assert asyncio.run(ask()) == b'"here"'
    assert asyncio.run(ask()) == b'"here"'
    asyncio.run(http.aclose())


async def test_a_loop_in_another_thread_has_connections_of_its_own(http: HttpClient) -> None:
    """A program with a loop in each thread may share a client; neither closes what the other one reads."""
    async with ByteServer(Reply.events(b"data: 1\n\n", ending="silence"), Reply.json("here")) as server:
        body = await http.open(get(server.url))
        try:
            assert await body.__anext__() == b"data: 1\n\n"
            answer = await asyncio.to_thread(asyncio.run, http.fetch(get(server.url)))
            assert answer == b'"here"'
            assert not server.exchanges[0].closed.is_set()
        finally:
            body.close()


def test_loops_that_take_turns() -> None:
    http = HttpClient()
    loops = [asyncio.new_event_loop() for _ in range(2)]

    async def ask() -> bytes:
        async with ByteServer(Reply.json("here")) as server:
            return await http.fetch(get(server.url))

    for loop in (*loops, *loops):
        assert loop.run_until_complete(ask()) == b'"here"'
    loops[0].run_until_complete(http.aclose())
    for loop in loops:
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def test_nothing_is_opened_by_a_request_that_its_client_was_closed_under(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from aiproxy_desktop.core import http as module

    http, begun, go_on = HttpClient(), asyncio.Event(), threading.Event()
    build, loop = module._build_client, asyncio.get_running_loop()

    def slowly(secure: bool, loopback: bool) -> Client:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(30)
        return build(secure, loopback)

    monkeypatch.setattr(module, "_build_client", slowly)
    async with ByteServer(Reply.json("here")) as server:
        task = loop.create_task(http.fetch(get(server.url)))
        await asyncio.wait_for(begun.wait(), 30)
        await http.aclose()
        go_on.set()
        with pytest.raises(InterruptedStreamError):
            await task
    assert not server.exchanges
