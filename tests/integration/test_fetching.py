"""The one safe fetcher against servers that mean no good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.fetching import MediaFetcher, is_public
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.media import MediaLimits
from aiproxy_desktop.core.media_loading import load_media
from aiproxy_desktop.core.messages import MediaKind, MediaLink, MediaPart, Message, TextPart
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider
from tests.wire import ByteServer, Exchange, Reply

PNG = b"\x89PNG\r\n\x1a\n1"
PICTURE = Reply(200, "image/png", (PNG,))


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status, "text/html", (b"<html>moved</html>",), {"location": to})


async def fetch(http: HttpClient, url: str, kind: MediaKind = "image", **more: Any) -> MediaPart:
    return await MediaFetcher(http, allow_private=True, **more).fetch(MediaLink(kind, url))


async def refused(http: HttpClient, url: str, kind: MediaKind = "image", **more: Any) -> str:
    with pytest.raises(MediaError) as caught:
        await fetch(http, url, kind, **more)
    said = str(caught.value)
    assert "secret" not in said
    assert caught.value.__cause__ is None
    return said


async def test_an_image_is_fetched_and_nothing_tells_who_asked(http: HttpClient) -> None:
    async with ByteServer(PICTURE) as server:
        part = await fetch(http, f"{server.url}/a/b%20c.png?token=secret#x")
    assert part == MediaPart("image", "image/png", PNG, "b c.png")
    (exchange,) = server.exchanges
    assert exchange.path == "/a/b%20c.png?token=secret"
    assert {"cookie", "authorization", "referer", "x-api-key"}.isdisjoint(exchange.headers)


async def test_a_cookie_is_not_kept(http: HttpClient) -> None:
    async with ByteServer(Reply(200, "image/png", (PNG,), {"set-cookie": "who=you; Path=/"})) as server:
        await fetch(http, server.url)
        await fetch(http, server.url)
    assert all("cookie" not in exchange.headers for exchange in server.exchanges)


async def test_the_checked_address_is_the_one_connected_to(http: HttpClient) -> None:
    """The name is looked up once: what it says a moment later does not matter."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    async with ByteServer(PICTURE) as server:
        port = int(server.url.rpartition(":")[2])
        await fetch(http, f"http://pictures.invalid:{port}/a.png", resolve=resolve)
    assert asked == [("pictures.invalid", port)]
    assert server.exchanges[0].headers["host"] == f"pictures.invalid:{port}"


async def test_the_next_address_is_tried_where_one_does_not_answer(http: HttpClient) -> None:
    async with ByteServer(PICTURE) as server:
        port = int(server.url.rpartition(":")[2])
        url = f"http://pictures.invalid:{port}/a.png"
        await fetch(http, url, resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["::1"],
        ["fe80::1%eth0"],
        ["fc00::1"],
        ["fec0::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["8.8.8.8", "127.0.0.1"],
        ["no address"],
    ],
)
async def test_this_machine_and_its_network_are_not_asked(http: HttpClient, addresses: list[str]) -> None:
    async with ByteServer(PICTURE) as server:
        port = server.url.rpartition(":")[2]
        fetcher = MediaFetcher(http, resolve=lambda _host, _port: addresses)
        with pytest.raises(MediaError, match="own network"):
            await fetcher.fetch(MediaLink("image", f"http://innocent.example:{port}/?token=secret"))
    assert not server.exchanges


def test_addresses_of_the_open_internet_are_public() -> None:
    assert all(map(is_public, ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")))


async def test_loopback_is_refused_by_its_own_names(http: HttpClient) -> None:
    async with ByteServer(PICTURE) as server:
        port = server.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"):
            with pytest.raises(MediaError, match=r"own network|No machine"):
                await MediaFetcher(http).fetch(MediaLink("image", f"http://{host}:{port}/a.png"))
    assert not server.exchanges


async def test_redirects_are_followed(http: HttpClient) -> None:
    def reply(exchange: Exchange) -> Reply:
        return PICTURE if exchange.path == "/b.png" else redirect("/b.png")

    async with ByteServer(reply) as server:
        assert (await fetch(http, f"{server.url}/a")).name == "b.png"
        assert server.paths == ["/a", "/b.png"]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/again?token=secret", "leads on and on"),
        ("", "redirects to nowhere"),
        ("file:///etc/passwd", "no sound address"),
        ("ftp://a.example/?secret", "no sound address"),
        ("http://me:secret@a.example/", "no sound address"),
        ("http://[::1/", "could not be loaded"),
        ("http://nobody.invalid/", "No machine of that name"),
    ],
)
async def test_a_redirect_that_leads_nowhere_is_an_error(http: HttpClient, location: str, said: str) -> None:
    async with ByteServer(redirect(location)) as server:
        assert said in await refused(http, server.url)
        assert len(server.exchanges) <= 5


async def test_a_redirect_into_the_own_network_is_not_followed(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = {"outside.example": "127.0.0.1", "inside.example": "127.0.0.2"}
    monkeypatch.setattr("aiproxy_desktop.core.fetching.is_public", lambda address: address == "127.0.0.1")
    async with ByteServer(redirect("http://inside.example/a.png")) as server:
        port = server.url.rpartition(":")[2]
        fetcher = MediaFetcher(http, resolve=lambda host, _port: [hosts[host]])
        with pytest.raises(MediaError, match=r"inside.example is not fetched"):
            await fetcher.fetch(MediaLink("image", f"http://outside.example:{port}/a.png"))
    assert len(server.exchanges) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply.json({"secret": 1}, 404), "status 404"),
        (Reply.json({"secret": 1}, 500), "status 500"),
        (Reply.json({"secret": 1}), "of the type “application/json”"),
        (Reply.html(), "is a web page"),
        (Reply(200, "text/plain", (b"secret",)), "of the type “text/plain”"),
        (Reply(200, "image/png", ()), "holds no bytes"),
        (Reply(200, "application/octet-stream", (b"??",)), "of no known type"),
        (Reply(200, "image/png", (PNG,), {"content-encoding": "gzip"}), "compressed"),
        (Reply(200, "image/png", (PNG,), {"content-length": "999999999"}, ending="close"), "too large"),
        (Reply(200, "image/png", (PNG, bytes(2000)), ending="silence"), "too large"),
        (Reply(200, "image/png", (PNG,), ending="abort"), "did not come whole"),
        (Reply.nothing("abort"), "could not be loaded"),
    ],
)
async def test_what_is_no_media_is_an_error(http: HttpClient, reply: Reply, said: str) -> None:
    async with ByteServer(reply) as server:
        assert said in await refused(http, f"{server.url}/?token=secret", limits=MediaLimits(image=1000))


async def test_a_server_that_drips_is_left(http: HttpClient) -> None:
    async with ByteServer(Reply(200, "image/png", (PNG,), ending="silence")) as server:
        assert "took too long" in await refused(http, f"{server.url}/?token=secret", seconds=0.2)
        await asyncio.wait_for(server.exchanges[0].closed.wait(), 30)


async def test_documents_may_be_pages_and_text(http: HttpClient) -> None:
    async with ByteServer(Reply.html(), Reply(200, "text/csv; charset=utf-8", (b"a,b",))) as server:
        assert (await fetch(http, server.url, "document")).mime == "text/html"
        assert (await fetch(http, server.url, "document")).mime == "text/csv"


async def test_links_are_loaded_at_once_and_each_place_once(http: HttpClient) -> None:
    arrived: list[str] = []
    both = asyncio.Event()

    class Fetcher(MediaFetcher):
        async def fetch(self, link: MediaLink) -> MediaPart:
            arrived.append(link.place)
            if len(arrived) == 2:
                both.set()
            await asyncio.wait_for(both.wait(), 30)
            return await super().fetch(link)

    async with ByteServer(PICTURE) as server:
        one, two = (MediaLink("image", f"{server.url}/{name}.png") for name in "ab")
        plain = Message.of("user", "x")
        messages = (plain, Message("user", (one, TextPart("and"), two, one)))
        read = await load_media(messages, Fetcher(http, allow_private=True), allow_files=False)
    assert read[0] is plain
    pictures = [MediaPart("image", "image/png", PNG, f"{name}.png") for name in "ab"]
    assert read[1].parts == (pictures[0], TextPart("and"), pictures[1], pictures[0])
    assert len(server.exchanges) == 2


async def test_one_that_fails_ends_the_others(http: HttpClient) -> None:
    def reply(exchange: Exchange) -> Reply:
        return Reply.nothing() if exchange.path == "/slow" else Reply.json({}, 404)

    async with ByteServer(reply) as server:
        links = tuple(MediaLink("image", f"{server.url}/{name}") for name in ("slow", "gone"))
        with pytest.raises(MediaError, match="status 404"):
            await load_media(
                [Message("user", links)], MediaFetcher(http, allow_private=True), allow_files=True
            )


async def test_all_links_together_have_a_bound(http: HttpClient) -> None:
    async with ByteServer(PICTURE) as server:
        links = tuple(MediaLink("image", f"{server.url}/{name}") for name in "abc")
        with pytest.raises(MediaError, match="media of this request is too large"):
            await load_media(
                [Message("user", links)],
                MediaFetcher(http, allow_private=True),
                allow_files=False,
                limits=MediaLimits(request=20),
            )


async def test_a_client_fetches_what_its_messages_link_to(http: HttpClient) -> None:
    provider = EchoProvider()
    fetcher = MediaFetcher(http, allow_private=True)
    async with ByteServer(PICTURE) as server:
        content = ["see", {"type": "image_url", "image_url": {"url": f"{server.url}/a.png"}}]
        messages = [{"role": "user", "content": content}]
        async with CompletionClient(Registry((provider,)), fetcher=fetcher) as client:
            await client.create_completion(messages, "echo:echo")
        async with CompletionClient(Registry((provider,))) as client:
            with pytest.raises(MediaError, match="own network"):
                await client.create_completion(messages, "echo:echo")
    assert provider.requests[0].messages[0].parts[1] == MediaPart("image", "image/png", PNG, "a.png")
    assert len(provider.requests) == 1
