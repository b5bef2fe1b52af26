"""What httpx raises, as our own errors. Imported only once httpx is."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from aiproxy_desktop.core.endpoints import is_loopback, origin, split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    InvalidEndpointError,
    ProtocolError,
    ProviderTimeoutError,
    RequestError,
    UnreachableError,
)

if TYPE_CHECKING:
    from aiproxy_desktop.core.http import HttpCall
    from aiproxy_desktop.core.timeouts import Timeouts

# UnicodeError: a host name that IDNA cannot encode, raised by the resolver.
TRANSPORT_ERRORS: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    UnicodeError,
)


def transport_failure(
    error: Exception, call: HttpCall, timeouts: Timeouts, *, answering: bool
) -> AIProxyError:
    """The error for one of `TRANSPORT_ERRORS`; `answering` once the head of the answer was there.

    Nothing of httpx's own message is taken over: one may quote a header.
    """
    provider, label = call.provider, call.label
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return UnreachableError(
            f"{label} cannot be reached", _why_unreachable(error, call), provider=provider
        )
    if isinstance(error, httpx.TimeoutException):
        return ProviderTimeoutError(
            f"{label} fell silent", f"Nothing came for {timeouts.idle:g} s. Try again.", provider=provider
        )
    if isinstance(error, httpx.LocalProtocolError):
        return RequestError(
            f"The request to {label} could not be sent", "Check the key in Settings.", provider=provider
        )
    if isinstance(error, httpx.RemoteProtocolError) and not _is_disconnect(error):
        return ProtocolError(
            f"{label} does not answer as a web server does",
            f"Check the base address {origin(call.url)} in Settings.",
            provider=provider,
        )
    if isinstance(error, httpx.TransportError | httpx.StreamError):
        what = "The connection closed before the end. What came is kept; try again."
        return InterruptedStreamError(
            f"The answer from {label} broke off" if answering else f"{label} closed the connection",
            what if answering else "It gave no answer. Try again.",
            provider=provider,
        )
    return InvalidEndpointError(
        f"The address of {label} cannot be used", "Check the base address in Settings.", provider=provider
    )


def _is_disconnect(error: httpx.RemoteProtocolError) -> bool:
    """Whether the peer went away, as opposed to saying something that is not HTTP."""
    words = str(error)
    return "disconnected" in words or "peer closed connection" in words


def _why_unreachable(error: Exception, call: HttpCall) -> str:
    where = origin(call.url)
    host = split_url(call.url).hostname or ""
    if isinstance(error, httpx.ProxyError):
        return "The proxy of this network refused the connection."
    if isinstance(error, httpx.ConnectTimeout):
        return f"{where} did not take the connection. Check the network and the address."
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"No secure connection to {where}: its certificate or protocol is not accepted."
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The name {host} was not found. Check the connection and the address."
    if is_loopback(host):
        return f"Nothing answers at {where}. Start it, or change its address in Settings."
    return f"{where} refused the connection. Check the network and the address."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception with everything it came from, groups included."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        waiting.extend(other for other in (one.__cause__, one.__context__) if other is not None)
