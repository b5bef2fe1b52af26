"""The one HTTP client: bytes in and out, bounded, silent about keys, and every failure one of ours.

httpx is imported on a thread at the first call, so that neither start-up nor the window waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from aiproxy_desktop import __version__
from aiproxy_desktop.core.endpoints import is_loopback, origin, split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ConfigurationError,
    InterruptedStreamError,
    InvalidEndpointError,
    ProtocolError,
)
from aiproxy_desktop.core.failures import Refusal, failure, parse_retry_after, read_refusal
from aiproxy_desktop.core.framing import BYTE_ORDER_MARK
from aiproxy_desktop.core.redaction import Redactor

if TYPE_CHECKING:
    import ssl

    import httpx

T = TypeVar("T")

MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
_ERROR_BODY_SECONDS = 10.0
_DRAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to get a connection, and of silence between two bytes of an answer.

    A model that reasons, or that is being loaded, says nothing for minutes.
    """

    connect: float = 10.0
    idle: float = 300.0


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request. `provider` and `label` say whose failure it would be; `key` is hidden everywhere."""

    provider: str
    label: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    timeouts: Timeouts | None = None


class HttpClient:
    """Owns the connections. Share one among all providers and close it at the end."""

    def __init__(self, redactor: Redactor | None = None, timeouts: Timeouts | None = None) -> None:
        self.redactor = redactor or Redactor()
        self._timeouts = timeouts or Timeouts()
        self._clients: dict[tuple[bool, bool], httpx.AsyncClient] = {}

    async def open(self, call: HttpCall) -> HttpBody:
        """Send a request and wait for the head of a good answer. The caller closes the body.

        Raises:
            AIProxyError: and nothing else.
        """
        if call.key:
            self.redactor.add(call.key)
        client = await self._client_for(call)
        import httpx

        from aiproxy_desktop.core.transport_errors import TRANSPORT_ERRORS, transport_failure

        limits = call.timeouts or self._timeouts
        timeout = httpx.Timeout(limits.idle, connect=limits.connect, pool=limits.connect)
        headers = {"accept-encoding": "identity", **call.headers}
        try:
            request = client.build_request(
                call.method, call.url, headers=headers, content=call.content, timeout=timeout
            )
            response = await client.send(request, stream=True)
        except TRANSPORT_ERRORS as error:
            failed = transport_failure(error, call, limits, answering=False)
        else:
            body = HttpBody(response, call, limits)
            try:
                refused = await self._refusal_of(response, body)
            except BaseException:  # cancelled while reading why
                await body.aclose()
                raise
            if refused is None:
                return body
            await body.aclose()
            failed = refused
        # Raised here, outside `except`, so that no httpx exception (which holds the request and with
        # it the key) hangs from ours as its context.
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
            await body.aclose()

    def failure(
        self, refusal: Refusal | None, call: HttpCall, response: httpx.Response | None = None
    ) -> AIProxyError:
        """The error for what a provider said, without any key in it."""
        if refusal is not None:
            refusal = replace(refusal, message=self.redactor(refusal.message))
        return failure(
            refusal,
            label=call.label,
            provider=call.provider,
            status=response.status_code if response is not None else None,
            retry_after=parse_retry_after(response.headers, time.time()) if response is not None else None,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    async def _refusal_of(self, response: httpx.Response, body: HttpBody) -> AIProxyError | None:
        """What is wrong with an answer's head, if anything."""
        call = body.call
        if response.status_code >= 400:
            return self.failure(read_refusal(await body.read_some()), call, response)
        if response.status_code >= 300:
            return InvalidEndpointError(
                f"{call.label} has moved ({response.status_code})",
                f"{origin(call.url)} points elsewhere. Set the new base address in Settings.",
                provider=call.provider,
                status=response.status_code,
            )
        return body.check_head()

    async def _client_for(self, call: HttpCall) -> httpx.AsyncClient:
        try:
            parts = split_url(call.url)
        except InvalidEndpointError as error:
            error.provider = call.provider
            raise
        kind = (parts.scheme == "https", is_loopback(parts.hostname or ""))
        if kind not in self._clients:
            try:
                client = await _on_thread(lambda: _build_client(*kind))
            except UnusableSettings as error:
                raise ConfigurationError(
                    "The network settings of this machine cannot be used",
                    "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE.",
                    provider=call.provider,
                    detail=str(error),
                ) from None
            self._clients.setdefault(kind, client)
        return self._clients[kind]


class HttpBody:
    """The body of one answer, chunk by chunk as the network brings it."""

    def __init__(self, response: httpx.Response, call: HttpCall, timeouts: Timeouts) -> None:
        self.call = call
        self._response = response
        self._raw: AsyncIterator[bytes] = response.aiter_raw()
        self._timeouts = timeouts
        from aiproxy_desktop.core.transport_errors import TRANSPORT_ERRORS, transport_failure

        self._errors = TRANSPORT_ERRORS
        self._ends: tuple[type[Exception], ...] = (StopAsyncIteration, *TRANSPORT_ERRORS)
        self._fail = transport_failure
        self._head: bytes | None = b""
        self._deadline: float | None = None

    def check_head(self) -> AIProxyError | None:
        """What is wrong with the headers, if anything."""
        encoding = self._response.headers.get("content-encoding", "identity")
        if encoding not in {"", "identity"}:
            return ProtocolError(
                f"{self.call.label} sent a compressed answer",
                "It was asked not to, so this is not read.",
                provider=self.call.provider,
            )
        if self._response.headers.get("content-type", "").lower().startswith("text/html"):
            return self._web_page()
        return None

    def __aiter__(self) -> HttpBody:
        return self

    async def __anext__(self) -> bytes:
        """The next chunk.

        Raises:
            AIProxyError: the connection broke or fell silent, or a web page came.
        """
        if self._deadline is not None:
            chunk = await self._next_before(self._deadline)
        else:
            chunk = await self._next()
        if self._head is not None:
            self._sniff(chunk)
        return chunk

    def hurry(self, seconds: float) -> None:
        """The body ends by itself so many seconds from now."""
        import asyncio

        self._deadline = asyncio.get_running_loop().time() + seconds

    async def drain(self) -> None:
        """Read the little that may follow the end of an answer, so that the connection can be used again."""
        self.hurry(_DRAIN_SECONDS)
        size = 0
        try:
            async for chunk in self:
                size += len(chunk)
                if size > MAX_ERROR_BYTES:
                    return
        except AIProxyError:
            return  # the answer was whole already; how its connection ends does not matter

    async def read(self, limit: int) -> bytes:
        """All of it.

        Raises:
            ProtocolError: it exceeds `limit` bytes.
        """
        chunks: list[bytes] = []
        size = 0
        async for chunk in self:
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise ProtocolError(
                    f"{self.call.label} sent an answer that is too large",
                    f"It exceeds {limit // (1024 * 1024)} MiB, so reading stopped.",
                    provider=self.call.provider,
                )
        return b"".join(chunks)

    async def read_some(self) -> bytes:
        """As much of an error's body as comes soon; a broken one never hides the error itself."""
        self._head = None
        self.hurry(_ERROR_BODY_SECONDS)
        chunks: list[bytes] = []
        try:
            async for chunk in self:
                chunks.append(chunk)
                if sum(map(len, chunks)) > MAX_ERROR_BYTES:
                    break
        except AIProxyError:
            pass  # the status says enough
        return b"".join(chunks)[:MAX_ERROR_BYTES]

    async def aclose(self) -> None:
        """Let go of the connection; one with an unread answer is closed."""
        await self._response.aclose()
        # Half a dozen nested generators below stand in the middle of their loops. Reading from the
        # closed connection ends them here and now; left to the collector, each would be closed by a
        # task of its own some turns of the loop later.
        try:
            while True:
                await self._raw.__anext__()
        except self._ends:
            pass

    async def _next(self) -> bytes:
        try:
            return await self._raw.__anext__()
        except self._errors as error:
            failed = self._fail(error, self.call, self._timeouts, answering=True)
        raise failed

    async def _next_before(self, deadline: float) -> bytes:
        import asyncio

        try:
            async with asyncio.timeout_at(deadline):
                return await self._next()
        except TimeoutError:
            raise StopAsyncIteration from None

    def _sniff(self, chunk: bytes) -> None:
        """Refuse a web page whatever its headers say: a portal or a wrong address under status 200."""
        head = (self._head or b"") + chunk[:64]
        text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
        if BYTE_ORDER_MARK.startswith(head) or (not text and len(head) < 1024):
            self._head = head
            return
        self._head = None
        if text.startswith(b"<"):
            raise self._web_page()

    def _web_page(self) -> ProtocolError:
        return ProtocolError(
            f"{self.call.label} answered with a web page",
            "Check the base address in Settings, or whether this network asks you to sign in first.",
            provider=self.call.provider,
            status=self._response.status_code,
        )


def interrupted(call: HttpCall) -> InterruptedStreamError:
    """The stream ended without its end."""
    return InterruptedStreamError(
        f"The answer from {call.label} broke off",
        "The connection closed before the end. What came is kept; try again.",
        provider=call.provider,
    )


class UnusableSettings(Exception):  # noqa: N818  # a finding, mapped before it leaves
    """A proxy variable or certificate file that httpx cannot use."""


def _build_client(secure: bool, loopback: bool) -> httpx.AsyncClient:
    import logging

    import httpx

    # They write every URL at INFO and headers at DEBUG, and bodies of errors may echo keys.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return httpx.AsyncClient(
            verify=_trust(secure, loopback),
            trust_env=not loopback,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0),
            headers={"user-agent": f"aiproxy-desktop/{__version__}"},
        )
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


async def _on_thread(work: Callable[[], T]) -> T:
    """Run once on a thread of its own, gone when it is done; no executor is left behind."""
    import asyncio

    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]  # None only beside an error

    def run() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (work(), None)
        except Exception as error:  # noqa: BLE001  # handed to the waiting task as it is
            outcome = (None, error)
        loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="http-client", daemon=True).start()
    return await result
