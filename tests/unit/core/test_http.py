from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from aiproxy_desktop.core.errors import (
    ConfigurationError,
    InvalidEndpointError,
    ProtocolError,
    UnreachableError,
)
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.timeouts import Timeouts
from tests.wire import ByteServer, Reply


def call(url: str) -> HttpCall:
    return HttpCall("it", "It", "GET", url, {"x-api-key": "sk-secret"}, b"sk-secret", "sk-secret")


def test_a_call_shows_no_key() -> None:
    assert "sk-secret" not in repr(call("http://x"))


async def test_loopback_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    http = HttpClient()
    async with ByteServer(Reply.json({"here": True})) as server:
        assert await http.fetch(call(server.url)) == b'{"here": true}'
        await http.aclose()


async def test_elsewhere_is_reached_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    http = HttpClient()
    async with ByteServer(Reply.json({"proxied": True})) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        assert await http.fetch(call("http://service.invalid/v1")) == b'{"proxied": true}'
        assert server.paths == ["http://service.invalid/v1"]
        await http.aclose()


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x", "http://[", "::::"])
async def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    http = HttpClient(timeouts=Timeouts(connect=1.0))
    with pytest.raises((ConfigurationError, UnreachableError)):
        await http.fetch(call("http://service.invalid/"))
    await http.aclose()


@pytest.mark.parametrize(
    "url", ["http://", "no address", "http://host:99999/", "http://ho st/", "ftp://host/"]
)
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        await HttpClient().fetch(call(url))
    assert caught.value.provider == "it"


@pytest.mark.parametrize("host", [f"{'a' * 70}.localhost", "\u2603.localhost", "-.localhost", "a..localhost"])
async def test_a_host_name_that_cannot_be(host: str) -> None:
    http = HttpClient(timeouts=Timeouts(connect=5.0))
    with pytest.raises((InvalidEndpointError, UnreachableError)):
        await http.fetch(call(f"http://{host}:1/"))
    await http.aclose()


async def test_a_server_that_does_not_speak_http() -> None:
    async with ByteServer(Reply.nothing("end")) as server:  # an empty chunk where a status line should be
        http = HttpClient()
        with pytest.raises(ProtocolError):
            await http.fetch(call(server.url))
        await http.aclose()


async def test_plain_text_where_a_secure_connection_should_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        http = HttpClient(timeouts=Timeouts(connect=0.5))
        with pytest.raises(UnreachableError):
            await http.fetch(call(f"https://127.0.0.1:{plain.getsockname()[1]}/"))
        await http.aclose()


async def test_where_nobody_listens_the_same_is_said_the_first_time_and_later() -> None:
    http = HttpClient()
    async with ByteServer(Reply.json([])) as server:
        quiet = call(server.url.replace("127.0.0.1", "127.0.0.2"))
        with pytest.raises(UnreachableError) as first:
            await http.fetch(quiet)
        await http.fetch(call(server.url))
        with pytest.raises(UnreachableError) as later:
            await http.fetch(quiet)
        await http.aclose()
    assert (first.value.title, first.value.advice) == (later.value.title, later.value.advice)
    assert first.value.provider == later.value.provider == "it"


def test_nothing_is_imported_to_find_that_nobody_listens() -> None:
    program = """
import asyncio, sys
from aiproxy_desktop.core.errors import UnreachableError
from aiproxy_desktop.core.http import HttpCall, HttpClient

async def ask():
    try:
        await HttpClient().fetch(HttpCall("it", "It", "GET", "http://127.0.0.1:1/"))
    except UnreachableError:
        return sorted({"httpx", "aiohttp"} & set(sys.modules))

print(asyncio.run(ask()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_a_client_can_be_closed_and_used_again() -> None:
    http = HttpClient()
    async with ByteServer(Reply.json([])) as server:
        assert await http.fetch(call(server.url)) == b"[]"
        await http.aclose()
        assert await http.fetch(call(server.url)) == b"[]"
        await http.aclose()
        await http.aclose()


async def test_a_large_body_comes_whole() -> None:
    pieces = tuple(bytes([number]) * 65_536 for number in range(50))
    client = HttpClient()
    async with ByteServer(Reply(pieces=pieces)) as server:
        body = await client.fetch(HttpCall("a", "A", "GET", server.url))
        assert body == b"".join(pieces)
        with pytest.raises(ProtocolError, match="too large"):
            await client.fetch(HttpCall("a", "A", "GET", server.url), 3_000_000)
    await client.aclose()
