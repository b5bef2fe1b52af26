"""Connections: httpx says where they go and whom they trust, aiohttp carries them. Imported once both are.

httpx reads the proxies and certificates of the environment, and `Client` is an `httpx.AsyncClient` that a
vendor's SDK can be given. Our own requests go to aiohttp directly: with httpx's layers one takes 210 us
of CPU, without them 80. What aiohttp leaves to be desired is put right here: bytes that came before a break
are given before it, what is closed is closed at once, large bodies leave the loop to others.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient
from yarl import URL

from aiproxy_desktop import __version__

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpCall
    from aiproxy_desktop.core.timeouts import Timeouts

# Larger bodies are sent in pieces of this size, with a turn of the loop before each.
PIECE_BYTES = 128 * 1024

USER_AGENT = f"aiproxy-desktop/{__version__}"

_KEPT_SECONDS = 30.0
# As generous as h11: a few services send cookies and policies of some ten thousand bytes.
_MAX_HEADER_BYTES = 64 * 1024


class Answer:
    """The head of an answer, and its body as the network brings it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._content = response.content
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        """What has come, as soon as anything has; empty at the end. Raises what aiohttp does."""
        content = self._content
        try:
            return await content.readany()
        except (aiohttp.ClientError, OSError):
            # aiohttp forgets what it holds once the connection breaks; a slow reader has not seen it yet.
            if not content._buffer:
                raise
            held: bytes = content._read_nowait(-1)
            return held
        except RuntimeError:  # aiohttp's word for a connection that has gone
            raise aiohttp.ServerDisconnectedError from None

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._content.at_eof()

    @property
    def ready(self) -> bool:
        """Whether `read` would return at once."""
        return self._content.is_eof() or bool(self._content._buffer)

    def pause(self) -> None:
        """Leave what comes with the system until `resume`; what is there already can be read."""
        connection = self._response.connection
        if connection is not None and connection.protocol is not None:
            connection.protocol.pause_reading()

    def resume(self) -> None:
        """Take in what comes again. Without `pause` it does nothing."""
        connection = self._response.connection
        if connection is not None and connection.protocol is not None:
            connection.protocol.resume_reading()

    def close(self) -> None:
        """Let go of the connection: kept for the next request after a whole answer, else closed."""
        self._response.close()


class Handler(ResponseHandler):
    """One connection."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Read on, where reading was paused: aiohttp asks for it after each piece that was taken.

        It would then look for more in an empty buffer, a third of what a streamed token costs.
        """
        if self._reading_paused:
            super().resume_reading(resume_parser)


class Connector(aiohttp.TCPConnector):
    """Connections that close at once: what is unsent or unread by then is of no use to anyone."""

    def __init__(self, **options: Any) -> None:
        """As aiohttp's, on the running loop."""
        super().__init__(**options)
        made: Any = partial(Handler, loop=asyncio.get_running_loop())
        self._factory = made

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        # An orderly end would first send what is buffered, and under TLS wait for the peer's goodbye.
        if should_close or protocol.should_close:
            protocol.abort()
        super()._release(key, protocol, should_close=should_close)


class Transport(AiohttpTransport):
    """One pool of connections. Their number has no bound: a stream that waits for its turn is silent."""

    def __init__(self, verify: ssl.SSLContext | str | bool, proxy: httpx.Proxy | None = None) -> None:
        if proxy is not None and proxy.url.scheme not in {"http", "https"}:
            raise ValueError("aiohttp knows no other proxies")
        super().__init__(verify=verify, proxy=proxy, client=self._new_session)
        self._session: aiohttp.ClientSession | None = None
        self._proxy_url = None if proxy is None else str(proxy.url)
        self._proxy_headers: dict[str, str] = {}
        if proxy is not None and proxy.raw_auth is not None:
            login = b64encode(b":".join(proxy.raw_auth)).decode()
            self._proxy_headers = {"proxy-authorization": f"Basic {login}"}

    async def exchange(self, call: HttpCall, limits: Timeouts) -> Answer:
        """Send a request and wait for the head of its answer, which may come before the end of a large body.

        Raises what aiohttp does: see `transport_errors`.
        """
        if self._session is None:
            self._session = self.client = self._new_session()
        content = call.content
        if call.upload is not None:
            body, size = PacedBody(call.upload.pieces(), limits.idle), call.upload.size
        elif content is None or len(content) <= PIECE_BYTES:
            return await self._send(call, limits, call.headers, content)
        else:
            body, size = PacedBody(_in_pieces(content), limits.idle), len(content)
        headers = {**call.headers, "content-length": str(size)}
        try:
            async with asyncio.timeout(None) as body.clock:
                return await self._send(call, limits, headers, body)
        finally:
            body.clock = None

    async def _send(
        self, call: HttpCall, limits: Timeouts, headers: Mapping[str, str], body: bytes | PacedBody | None
    ) -> Answer:
        assert self._session is not None
        if self._proxy_headers and call.url.startswith("http:"):
            # There is no tunnel: the proxy reads the request itself.
            headers = {**headers, **self._proxy_headers}
        url, server_hostname = _url(call.url), None
        if call.address:
            # It stands in for the host, whose request and whose certificate it stays.
            headers = {**headers, "host": url.raw_authority}
            server_hostname = url.raw_host if url.scheme == "https" else None
            url = url.with_host(call.address)
        return Answer(
            await self._session.request(
                call.method,
                url,
                server_hostname=server_hostname,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=_timeout(limits.connect, limits.idle),
                proxy=self._proxy_url,
                proxy_headers=self._proxy_headers or None,
            )
        )

    def _new_session(self) -> aiohttp.ClientSession:
        # Made at the first request, since it belongs to the loop.
        connector = Connector(
            ssl=self.ssl_context,
            limit=0,
            keepalive_timeout=_KEPT_SECONDS,
            resolver=aiohttp.ThreadedResolver(),  # the system's own, whatever else is installed
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"accept-encoding": "identity", "user-agent": USER_AGENT},
            skip_auto_headers=("content-type",),
            auto_decompress=False,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )


class Client(HttpxAiohttpClient):
    """httpx's client over these transports: one directly, and one for each proxy of the environment."""

    def transport_for(self, url: str) -> Transport:
        """What leads to a URL."""
        try:
            transport = self._transport_for_url(httpx.URL(url))
        except httpx.InvalidURL:
            transport = self._transport  # which refuses it in its own words
        assert isinstance(transport, Transport)
        return transport

    def _init_transport(self, *_: Any, **options: Any) -> Transport:
        return Transport(options["verify"])

    def _init_proxy_transport(self, *proxy: Any, **options: Any) -> Transport:
        return Transport(options["verify"], *proxy)


class PacedBody:
    """A body in pieces, so that others get their turn; and a watch over a server that takes none of them.

    aiohttp watches over silence from the end of the body on, and warns of large bodies in one piece.
    """

    def __init__(self, pieces: AsyncIterator[bytes], idle: float) -> None:
        self._pieces = pieces
        self._idle = idle
        self.clock: asyncio.Timeout | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """The next piece, once the former was taken."""
        await asyncio.sleep(0)
        piece = await anext(self._pieces, b"")
        if self.clock is not None:
            self.clock.reschedule(asyncio.get_running_loop().time() + self._idle if piece else None)
        if not piece:
            raise StopAsyncIteration
        return piece


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    rest = memoryview(content)
    while rest:
        piece, rest = rest[:PIECE_BYTES], rest[PIECE_BYTES:]
        yield cast("bytes", piece)  # as good to a socket, and no copy


def _url(text: str) -> URL:
    """A URL that is written as one is sent as it stands; yarl would turn `%2F` in a query into a slash."""
    return URL(text, encoded=text.isascii())


@lru_cache(maxsize=64)
def _timeout(connect: float, idle: float) -> aiohttp.ClientTimeout:
    # Names are looked up, and the proxy is spoken to, within `connect`; the other is for the socket alone.
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=idle)
