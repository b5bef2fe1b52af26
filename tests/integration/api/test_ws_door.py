"""Who is let in over a WebSocket, with a real client; behind the gate stands an echo."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from starlette.routing import Router, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from aiproxy_desktop.server.asgi import App
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.gate.guard import Guard
from aiproxy_desktop.server.rules import Limits
from tests.api_parts import TOKEN, Served, served
from tests.waiting import until

QUICK = Limits(first_message_seconds=0.3, write_seconds=0.3, frame=100_000)


def echo(backend: ApiBackend) -> App:
    """Says what it hears, and fails where it is told to."""

    async def route(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                text = await socket.receive_text()
                if "fail" in text:
                    raise RuntimeError("a secret")
                for _ in range(1000 if "much" in text else 1):
                    await socket.send_text(text if "much" not in text else "x" * 100_000)
        except WebSocketDisconnect:
            return

    return Guard(Router(routes=[WebSocketRoute("/ws", route)]), backend)


@asynccontextmanager
async def open_socket(api: Served, url: str = "", **more: Any) -> AsyncIterator[ClientConnection]:
    async with connect(url or f"{api.ws_url}/ws", proxy=None, close_timeout=0.2, **more) as socket:
        yield socket


def offered(token: str) -> list[Subprotocol]:
    return [Subprotocol("aiproxy"), Subprotocol(f"bearer.{token}")]


BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def status_of(api: Served, **more: Any) -> int:
    """The status that a handshake is refused with."""
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(api, **more):
            pass
    answer = refused.value.response
    body = json.loads(answer.body or b"{}")
    assert body["detail"] == body["error"]["message"]
    assert TOKEN not in str(body)
    assert not {"server", "x-powered-by"} & {name.lower() for name in answer.headers}
    return answer.status_code


async def closed_with(socket: ClientConnection) -> tuple[int, str]:
    """The code, and what was said before it."""
    heard = []
    with suppress(ConnectionClosed):
        async for message in socket:
            heard.append(str(message))  # noqa: PERF401 - what came before it was closed counts
    assert socket.close_code is not None
    return socket.close_code, heard[-1] if heard else ""


async def test_three_ways_to_show_the_token() -> None:
    async with served(routes=echo) as api:
        async with open_socket(api, additional_headers=BEARER) as socket:
            await socket.send("one")
            assert await socket.recv() == "one"
        async with open_socket(api, subprotocols=offered(TOKEN)) as socket:
            assert socket.subprotocol == "aiproxy"
            await socket.send("two")
            assert await socket.recv() == "two"
        async with open_socket(api) as socket:
            await socket.send(json.dumps({"type": "config", "token": TOKEN, "app": "é"}))
            assert json.loads(await socket.recv()) == {"type": "config", "app": "é"}
            await socket.send("three")
            assert await socket.recv() == "three"


async def test_without_a_token_to_show_nothing_is_asked() -> None:
    async with served(routes=echo, token=None) as api, open_socket(api) as socket:
        await socket.send("one")
        assert await socket.recv() == "one"


async def test_a_wrong_token_is_refused_at_the_door() -> None:
    async with served(routes=echo) as api:
        assert await status_of(api, additional_headers={"Authorization": f"Bearer {TOKEN}x"}) == 401
        assert await status_of(api, subprotocols=offered("wrong")) == 401
        assert await status_of(api, subprotocols=[*offered(TOKEN), Subprotocol("bearer.wrong")]) == 401
        here = {"host": "127.0.0.1", "port": api.port}
        assert await status_of(api, url="ws://evil.example/ws", additional_headers=BEARER, **here) == 421
        assert await status_of(api, origin=Origin("https://evil.example"), additional_headers=BEARER) == 403
        assert await status_of(api, origin=Origin("null"), additional_headers=BEARER) == 403
        async with open_socket(api, origin=Origin(api.url), additional_headers=BEARER) as socket:
            await socket.send("own page")
            assert await socket.recv() == "own page"
        api.rules = replace(api.rules, origins=frozenset({"https://page.example"}))
        async with open_socket(api, origin=Origin("https://page.example"), additional_headers=BEARER):
            pass


@pytest.mark.parametrize(
    "first",
    [
        "hello",
        "[]",
        "{}",
        '{"type": "config"}',
        '{"type": "config", "token": null}',
        '{"type": "config", "token": "wrong"}',
        '{"type": "config", "token": "schlüssel-ключ"}',
        '{"type": "config", "token": "\\ud800"}',
        "[" * 5000,
        b"bytes",
    ],
)
async def test_a_first_message_without_the_token_is_the_last(first: str | bytes) -> None:
    async with served(routes=echo) as api, open_socket(api) as socket:
        await socket.send(first)
        code, said = await closed_with(socket)
        assert code == 1008
        message = json.loads(said)
        assert message["type"] == "error"
        assert str(message["error"]).endswith(".")


async def test_the_first_message_has_to_come_in_time() -> None:
    async with served(routes=echo, limits=QUICK) as api:
        async with open_socket(api) as socket:
            code, said = await closed_with(socket)
            assert (code, "in time" in said) == (1008, True)
        async with open_socket(api, additional_headers=BEARER) as socket:  # whoever is in may be silent
            await asyncio.sleep(0.5)
            await socket.send("late")
            assert await socket.recv() == "late"


async def test_messages_have_a_size_a_depth_and_a_number_of_pieces() -> None:
    async with served(routes=echo, limits=QUICK) as api:
        for message, code in (
            ("x" * 200_000, 1009),
            ("[" * 200 + "]" * 200, 1008),
            ((b"" for _ in range(5000)), 1009),
        ):
            async with open_socket(api, additional_headers=BEARER) as socket:
                with suppress(ConnectionClosed):
                    await socket.send(message)
                assert (await closed_with(socket))[0] == code


async def test_nobody_in_particular_may_not_send_much_nor_be_in_the_way_nor_fill_the_log() -> None:
    async with served(routes=echo, limits=Limits(sessions=1)) as api, AsyncExitStack() as opened:
        strangers = [await opened.enter_async_context(open_socket(api)) for _ in range(4)]
        assert await status_of(api) == 503
        async with open_socket(api, additional_headers=BEARER) as known:
            await known.send("x" * 400_000)
            assert len(await known.recv()) == 400_000
        with suppress(ConnectionClosed):
            await strangers[0].send("x" * 65_536 for _ in range(20))
        await strangers[1].send(b"\xff", text=True)
        await strangers[2].send('{"type": "config", "token": "' + TOKEN + '"}')
        await strangers[2].send("x" * 400_000)
        assert await strangers[2].recv() == '{"type":"config"}'
        assert len(await strangers[2].recv()) == 400_000
        assert [(await closed_with(one))[0] for one in strangers[:2]] == [1009, 1007]
    async with served() as api:
        for path in ("/", "/demo", "/v1/models"):
            assert await status_of(api, url=api.ws_url + path, additional_headers=BEARER) == 404


async def test_a_failure_behind_the_door_tells_nothing(expected_logs: Any) -> None:
    expected_logs.expect(r"ERROR .*a request to the local API failed.*a secret")
    async with served(routes=echo) as api, open_socket(api, additional_headers=BEARER) as socket:
        await socket.send("fail")
        code, said = await closed_with(socket)
        assert (code, "secret" in said) == (1011, False)


async def test_more_sessions_than_there_may_be() -> None:
    async with served(routes=echo, limits=Limits(sessions=1)) as api:
        async with AsyncExitStack() as opened:
            for _ in range(4):  # some more than may run, so that these can be told why
                await opened.enter_async_context(open_socket(api, additional_headers=BEARER))
            assert await status_of(api, additional_headers=BEARER) == 503
        await until(lambda: api.server.connections == 0)
        async with open_socket(api, additional_headers=BEARER):
            pass


async def test_who_reads_nothing_or_only_pings_is_let_go() -> None:
    async with served(routes=echo, limits=QUICK) as api:
        async with open_socket(api, additional_headers=BEARER, max_queue=1) as socket:
            await socket.send("much")
            await until(lambda: api.server.connections == 0)
        reader, writer = await api.raw()
        lines = (
            "GET /ws HTTP/1.1",
            f"Host: 127.0.0.1:{api.port}",
            f"Authorization: Bearer {TOKEN}",
            "Connection: upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        )
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        ping = b"\x89\xfd\x00\x00\x00\x00" + b"p" * 125
        writer.transport.set_write_buffer_limits(high=1)
        del reader
        for _ in range(200):
            if writer.is_closing():
                break
            writer.write(ping * 1000)
            await asyncio.sleep(0.01)
        writer.transport.abort()
        await until(lambda: api.server.connections == 0)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, b"101"),
        ({"Sec-WebSocket-Version": ""}, b"426"),
        ({"Sec-WebSocket-Key": ""}, b"400"),
        ({"Authorization": "", "Sec-WebSocket-Protocol": "aiproxy, bearer.schl\xfcssel"}, b"400"),
        ({"Authorization": "", "Sec-WebSocket-Protocol": "aiproxy, bearer.schluessel"}, b"401"),
        ({"Connection": 'upgrade, "x'}, b"400"),
        ({"Authorization": "Bearer \xff\xfe"}, b"401"),
    ],
)
async def test_a_handshake_that_is_none(changed: dict[str, str], status: bytes) -> None:
    async with served(routes=echo) as api:
        given = {
            "Host": f"127.0.0.1:{api.port}",
            "Connection": "upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Authorization": f"Bearer {TOKEN}",
        }
        lines = [f"{name}: {value}" for name, value in {**given, **changed}.items() if value]
        reader, writer = await api.raw(
            "\r\n".join(["GET /ws HTTP/1.1", *lines]).encode("latin-1") + b"\r\n\r\n"
        )
        heard = await reader.readuntil(b"\r\n\r\n")
        assert heard[9:12] == status
        assert b"uvicorn" not in heard.lower()
        writer.transport.abort()
        await until(lambda: api.server.connections == 0)
