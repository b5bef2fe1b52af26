"""The one HTTP client: bytes in and out, bounded, silent about keys, and every failure one of ours.

httpx, and aiohttp which carries it, are imported on a thread at the first call, so that neither start-up
nor the window waits for them.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from aiproxy_desktop.core.endpoints import is_loopback, origin, split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ConfigurationError,
    InterruptedStreamError,
    InvalidEndpointError,
    UnreachableError,
)
from aiproxy_desktop.core.failures import Refusal, failure, parse_retry_after, read_refusal
from aiproxy_desktop.core.http_body import HttpBody
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.timeouts import Timeouts

if TYPE_CHECKING:
    import asyncio
    import ssl

    from aiproxy_desktop.core.http_transport import Answer, Client, Transport

MAX_BODY_BYTES = 32 * 1024 * 1024


class Upload(Protocol):
    """A body of `size` bytes that is read while it is sent; each request reads it anew."""

    @property
    def size(self) -> int:
        """In bytes; as many must come."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """What it holds, in order. An exception of it is a broken connection to whoever sends it."""
        ...


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request. `provider` and `label` say whose failure it would be; `key` is hidden everywhere.

    `upload` is sent in place of `content`, piece by piece, where the body would not fit into memory.

    `address` is the IP address to connect to in place of looking up the URL's host. An answer to a `bare`
    call is given whatever its status and content; its caller checks them.
    """

    provider: str
    label: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    timeouts: Timeouts | None = None
    address: str = ""
    bare: bool = False
    upload: Upload | None = field(default=None, repr=False)


class HttpClient:
    """Owns the connections. Share one among all providers and close it at the end."""

    def __init__(self, redactor: Redactor | None = None, timeouts: Timeouts | None = None) -> None:
        self.redactor = redactor or Redactor()
        self._timeouts = timeouts or Timeouts()
        # A program may call `asyncio.run` more than once with one client, or have a loop in each thread.
        self._pools: dict[asyncio.AbstractEventLoop, _Pool] = {}
        self._ends: dict[asyncio.AbstractEventLoop, AsyncGenerator[None]] = {}

    async def open(self, call: HttpCall) -> HttpBody:
        """Send a request and wait for the head of a good answer. The caller closes the body.

        Raises:
            AIProxyError: and nothing else.
        """
        if call.key:
            self.redactor.add(call.key)
        limits = call.timeouts or self._timeouts
        transport = await self._transport_for(call, limits)
        from aiproxy_desktop.core.transport_errors import TRANSPORT_ERRORS, transport_failure

        try:
            answer = await transport.exchange(call, limits)
        except TRANSPORT_ERRORS as error:
            failed = transport_failure(error, call, limits, answering=False)
        else:
            body = HttpBody(answer, call, limits)
            try:
                refused = await self._refusal_of(answer, body)
            except BaseException:  # cancelled while reading why
                body.close()
                raise
            if refused is None:
                return body
            body.close()
            failed = refused
        # Raised here, outside `except`, so that no exception of the transport (which may hold the request
        # and with it the key) hangs from ours as its context.
        raise failed

    async def fetch(self, call: HttpCall, limit: int = MAX_BODY_BYTES) -> bytes:
        """A whole body.

        Raises:
            AIProxyError: and nothing else; ProtocolError where the body exceeds `limit` bytes.
        """
        body = await self.open(call)
        try:
            return await body.read(limit)
        finally:
            body.close()

    def failure(self, refusal: Refusal | None, call: HttpCall, answer: Answer | None = None) -> AIProxyError:
        """The error for what a provider said, without any key in it."""
        if refusal is not None:
            refusal = replace(refusal, message=self.redactor(refusal.message))
        return failure(
            refusal,
            label=call.label,
            provider=call.provider,
            status=answer.status if answer is not None else None,
            retry_after=parse_retry_after(answer.headers, time.time()) if answer is not None else None,
        )

    async def warm(self) -> None:
        """Import what carries requests, on a thread, so that the first request does not wait for it."""
        from aiproxy_desktop.core.threads import on_thread

        def load() -> None:
            from aiproxy_desktop.core import http_transport, transport_errors  # noqa: F401  # loaded ahead

        await on_thread(load, "http-client")

    async def aclose(self) -> None:
        """Close every connection; those of another loop that still lives are closed by that one."""
        from asyncio import get_running_loop

        own = self._ends.pop(get_running_loop(), None)
        await self._forget_ended_loops()
        self._pools.clear()
        self._ends.clear()
        if own is not None:
            await own.aclose()

    async def _refusal_of(self, answer: Answer, body: HttpBody) -> AIProxyError | None:
        """What is wrong with an answer's head, if anything."""
        call = body.call
        if call.bare:
            return None
        if answer.status >= 400:
            return self.failure(read_refusal(await body.read_some()), call, answer)
        if answer.status >= 300:
            return InvalidEndpointError(
                f"{call.label} has moved ({answer.status})",
                f"{origin(call.url)} points elsewhere. Set the new base address in Settings.",
                provider=call.provider,
                status=answer.status,
            )
        return body.check_head()

    async def _transport_for(self, call: HttpCall, limits: Timeouts) -> Transport:
        try:
            place = _place(call.url)
        except InvalidEndpointError as error:
            error.provider = call.provider
            raise
        from asyncio import get_running_loop

        pool = self._pools.get(get_running_loop()) or await self._open_pool()
        transport = pool.transports.get(place.origin)
        if transport is None:
            client = await _client_for(pool, place, call, limits)
            if pool.closed:  # meanwhile, and nobody would close what is opened now
                raise interrupted(call)
            transport = pool.transports[place.origin] = client.transport_for(call.url)
        return transport

    async def _open_pool(self) -> _Pool:
        from asyncio import get_running_loop

        loop = get_running_loop()
        pool = self._pools[loop] = _Pool()
        end = self._ends[loop] = _closed_at_the_end(pool)
        await anext(end)
        await self._forget_ended_loops()
        return pool

    async def _forget_ended_loops(self) -> None:
        for loop in [loop for loop in self._pools if loop.is_closed()]:
            del self._pools[loop]
            with suppress(RuntimeError):  # its connections cannot be told any more
                await self._ends.pop(loop).aclose()


@dataclass(slots=True)
class _Pool:
    """The connections of one loop, to which they belong."""

    clients: dict[tuple[bool, bool], Client] = field(default_factory=dict)
    transports: dict[str, Transport] = field(default_factory=dict)
    closed: bool = False


async def _closed_at_the_end(pool: _Pool) -> AsyncGenerator[None]:
    """Close a pool with its loop, where a program leaves its client open.

    `asyncio.run` ends generators that are left, and a loop that goes on ends one that nobody holds any
    more; without this one there would be complaints of connections.
    """
    try:
        yield
    finally:
        pool.closed = True
        clients = list(pool.clients.values())
        pool.clients.clear()
        pool.transports.clear()
        for client in clients:
            await client.aclose()


async def _client_for(pool: _Pool, place: _Place, call: HttpCall, limits: Timeouts) -> Client:
    kind = (place.secure, place.loopback)
    if kind not in pool.clients:
        if place.loopback:
            await _knock(call, place, limits)
        from aiproxy_desktop.core.threads import on_thread

        try:
            client = await on_thread(lambda: _build_client(*kind), "http-client")
        except UnusableSettings as error:
            raise ConfigurationError(
                "The network settings of this machine cannot be used",
                "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE.",
                provider=call.provider,
                detail=str(error),
            ) from None
        pool.clients.setdefault(kind, client)
    return pool.clients[kind]


def interrupted(call: HttpCall) -> InterruptedStreamError:
    """The stream ended without its end."""
    return InterruptedStreamError(
        f"The answer from {call.label} broke off",
        "The connection closed before the end. What came is kept; try again.",
        provider=call.provider,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a URL leads."""

    origin: str
    host: str
    port: int
    secure: bool
    loopback: bool


@lru_cache(maxsize=256)
def _place(url: str) -> _Place:
    """What is to be known of a URL before anything is sent; checked once.

    Raises:
        InvalidEndpointError: it is not one.
    """
    parts = split_url(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    return _Place(origin(url), host, parts.port or (443 if secure else 80), secure, is_loopback(host))


def nobody_listens(call: HttpCall) -> UnreachableError:
    """A server on this machine that does not run."""
    return UnreachableError(
        f"{call.label} cannot be reached",
        f"Nothing answers at {origin(call.url)}. Start it, or change its address in Settings.",
        provider=call.provider,
    )


async def _knock(call: HttpCall, place: _Place, limits: Timeouts) -> None:
    """Look whether anyone is there before a fifth of a second goes into importing what speaks to them.

    Raises:
        UnreachableError: nobody is; whatever else is wrong is left for the request to find.
    """
    import asyncio

    failed = None
    try:
        async with asyncio.timeout(limits.connect):
            _, writer = await asyncio.open_connection(place.host, place.port)
        writer.transport.abort()
    except ConnectionRefusedError:
        failed = nobody_listens(call)
    except (OSError, UnicodeError):
        return
    if failed is not None:
        raise failed


class UnusableSettings(Exception):  # noqa: N818  # a finding, mapped before it leaves
    """A proxy variable or certificate file that httpx cannot use."""


def _build_client(secure: bool, loopback: bool) -> Client:
    import logging

    import httpx

    from aiproxy_desktop.core import transport_errors  # noqa: F401  # loaded here, not on the loop
    from aiproxy_desktop.core.http_transport import Client

    # They write every URL at INFO and headers at DEBUG, and bodies of errors may echo keys.
    for name in ("httpx", "aiohttp"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return Client(verify=_trust(secure, loopback), trust_env=not loopback)
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        # The message of the error would show a proxy's password.
        raise UnusableSettings(type(error).__name__) from None


def _trust(secure: bool, loopback: bool) -> ssl.SSLContext | bool:
    """What httpx's `verify` takes."""
    import ssl

    if not secure:
        # Reading the certificates takes 30 ms that plain HTTP has no use for; this trusts nobody.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context() if loopback else True
