"""httpx over aiohttp: several times faster than httpx's own connections. Imported only once both are wanted.

What `httpx_aiohttp` leaves to be desired is put right here: bytes that came before a break are given before
it, what is closed is closed at once, large bodies leave the loop to others, and no cookie is kept.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpCall
    from aiproxy_desktop.core.timeouts import Timeouts

# Larger bodies are sent in pieces of this size, with a turn of the loop before each.
PIECE_BYTES = 128 * 1024

_KEPT_SECONDS = 30.0
# As generous as h11: a few services send cookies and policies of some ten thousand bytes.
_MAX_HEADER_BYTES = 64 * 1024
_ANSWER = "aiproxy.answer"


class AnswerStream(httpx.AsyncByteStream):
    """The body of an answer as the network brings it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._content = response.content

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
            raise httpx.ReadError("closed") from None

    @property
    def ready(self) -> bool:
        """Whether `read` would return at once."""
        return self._content.is_eof() or bool(self._content._buffer)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self.read():
            yield chunk

    async def aclose(self) -> None:
        """Let go of the connection: kept for the next request after a whole answer, else closed."""
        self._response.close()


Answer: TypeAlias = tuple[httpx.Response, AnswerStream]


class Connector(aiohttp.TCPConnector):
    """Connections that close at once: what is unsent or unread by then is of no use to anyone."""

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
        super().__init__(verify=verify, proxy=proxy, client=self._session)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and wait for the head of its answer. Raises what httpx or aiohttp do."""
        response = await super().handle_async_request(request)
        stream = AnswerStream(response.stream._aiohttp_response)  # type: ignore[union-attr]  # its one way in
        response.stream = stream
        response.extensions[_ANSWER] = stream
        return response

    def _session(self) -> aiohttp.ClientSession:
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
            skip_auto_headers=("content-type",),
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )


class Client(HttpxAiohttpClient):
    """httpx's client with these transports, directly and through each proxy of the environment."""

    def _init_transport(self, *_: Any, **options: Any) -> Transport:
        return Transport(options["verify"])

    def _init_proxy_transport(self, *proxy: Any, **options: Any) -> Transport:
        return Transport(options["verify"], *proxy)


class LargeBody(httpx.AsyncByteStream):
    """A body in pieces, so that others get their turn; and a watch over a server that takes none of them.

    aiohttp watches over silence from the end of the body on, and warns of large bodies in one piece.
    """

    def __init__(self, content: bytes, idle: float) -> None:
        self._rest = memoryview(content)
        self._idle = idle
        self.clock: asyncio.Timeout | None = None

    def __aiter__(self) -> LargeBody:
        return self

    async def __anext__(self) -> bytes:
        """The next piece, once the former was taken."""
        await asyncio.sleep(0)
        piece, self._rest = self._rest[:PIECE_BYTES], self._rest[PIECE_BYTES:]
        if self.clock is not None:
            self.clock.reschedule(asyncio.get_running_loop().time() + self._idle if piece else None)
        if not piece:
            raise StopAsyncIteration
        return cast("bytes", piece)  # as good to a socket, and no copy


async def exchange(client: httpx.AsyncClient, call: HttpCall, limits: Timeouts) -> Answer:
    """Send a request and wait for the head of its answer, which may come before the end of a large body.

    Raises what httpx and aiohttp do: see `transport_errors`.
    """
    timeout = httpx.Timeout(limits.idle, connect=limits.connect, pool=limits.connect)
    headers = {"accept-encoding": "identity", **call.headers}
    content = call.content
    if content is None or len(content) <= PIECE_BYTES:
        request = client.build_request(
            call.method, call.url, headers=headers, content=content, timeout=timeout
        )
        response = await client.send(request, stream=True)
    else:
        headers["content-length"] = str(len(content))
        body = LargeBody(content, limits.idle)
        request = client.build_request(call.method, call.url, headers=headers, content=body, timeout=timeout)
        request.stream = body  # without the generator that httpx puts around it
        try:
            async with asyncio.timeout(None) as body.clock:
                response = await client.send(request, stream=True)
        except TimeoutError:
            raise httpx.WriteTimeout("nothing was taken") from None
        finally:
            body.clock = None
    return response, response.extensions[_ANSWER]
