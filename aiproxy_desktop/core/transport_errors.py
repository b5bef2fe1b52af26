"""What aiohttp raises, as our own errors. Imported only once it is."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

import aiohttp

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
from aiproxy_desktop.core.http import HttpCall, nobody_listens

if TYPE_CHECKING:
    from aiproxy_desktop.core.timeouts import Timeouts

# What aiohttp does not wrap: OSError of a connection that went away under it, ValueError of headers that
# cannot be sent, and UnicodeError, which is one too, of a host name that IDNA cannot encode.
TRANSPORT_ERRORS: tuple[type[Exception], ...] = (
    aiohttp.ClientError,
    OSError,
    ValueError,
)


def transport_failure(
    error: Exception, call: HttpCall, timeouts: Timeouts, *, answering: bool
) -> AIProxyError:
    """The error for one of `TRANSPORT_ERRORS`; `answering` once the head of the answer was there.

    Nothing of its own message is taken over: one may quote a header.
    """
    provider, label = call.provider, call.label
    if isinstance(error, _UNREACHABLE):
        return UnreachableError(
            f"{label} cannot be reached", _why_unreachable(error, call), provider=provider
        )
    if isinstance(error, _SILENT):
        return ProviderTimeoutError(
            f"{label} fell silent", f"Nothing came for {timeouts.idle:g} s. Try again.", provider=provider
        )
    if isinstance(error, _NOT_HTTP):
        return ProtocolError(
            f"{label} does not answer as a web server does",
            f"Check the base address {origin(call.url)} in Settings.",
            provider=provider,
        )
    if isinstance(error, _BAD_ADDRESS):
        return InvalidEndpointError(
            f"The address of {label} cannot be used", "Check the base address in Settings.", provider=provider
        )
    if isinstance(error, ValueError):
        return RequestError(
            f"The request to {label} could not be sent", "Check the key in Settings.", provider=provider
        )
    what = "The connection closed before the end. What came is kept; try again."
    return InterruptedStreamError(
        f"The answer from {label} broke off" if answering else f"{label} closed the connection",
        what if answering else "It gave no answer. Try again.",
        provider=provider,
    )


_PROXY = (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)
_UNREACHABLE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, *_PROXY)
_SILENT = (TimeoutError,)  # of which aiohttp's own are kinds
_NOT_HTTP = (aiohttp.ClientResponseError,)
_BAD_ADDRESS = (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, UnicodeError)


def _why_unreachable(error: Exception, call: HttpCall) -> str:
    where = origin(call.url)
    host = split_url(call.url).hostname or ""
    if isinstance(error, _PROXY):
        return "The proxy of this network refused the connection."
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"{where} did not take the connection. Check the network and the address."
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"No secure connection to {where}: its certificate or protocol is not accepted."
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The name {host} was not found. Check the connection and the address."
    if is_loopback(host):
        return nobody_listens(call).advice
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
