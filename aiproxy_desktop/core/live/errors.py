"""What goes wrong while a live session's connection is opened, as our own errors."""

from __future__ import annotations

import socket
import ssl

from aiproxy_desktop.core.endpoints import is_loopback, origin, split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    InvalidEndpointError,
    ProtocolError,
    ProviderTimeoutError,
    UnreachableError,
)
from aiproxy_desktop.core.failures import failure, read_refusal
from aiproxy_desktop.core.live.codec import LiveAddress
from aiproxy_desktop.core.redaction import Redactor


def opening_failure(error: Exception, address: LiveAddress, label: str, provider: str) -> AIProxyError:
    """The error for what was raised by connecting; what the service said is told without the key."""
    from websockets import exceptions

    if isinstance(error, AIProxyError):
        return error
    if isinstance(error, exceptions.InvalidStatus):
        return _refused(error, address, label, provider)
    if isinstance(error, exceptions.InvalidURI):
        return InvalidEndpointError(
            f"The address of {label} cannot be used", "Check the base address in Settings.", provider=provider
        )
    if isinstance(error, TimeoutError):
        return ProviderTimeoutError(
            f"{label} took too long",
            "It did not open the session in time. Check the network, then try again.",
            provider=provider,
        )
    if isinstance(error, OSError | exceptions.InvalidProxy | exceptions.ProxyError | ImportError):
        return UnreachableError(f"{label} cannot be reached", _why(error, address.url), provider=provider)
    if isinstance(error, EOFError | exceptions.ConnectionClosed) or _cut_off(error):
        return UnreachableError(
            f"{label} closed the connection", "It gave no answer. Try again.", provider=provider
        )
    return _no_live_service(label, provider)


def web_address(url: str) -> str:
    """A ws or wss URL as the http or https one."""
    return "http" + url.removeprefix("ws")


def host_of(url: str) -> str:
    """The host of a ws or wss URL.

    Raises:
        InvalidEndpointError: it is none.
    """
    return split_url(web_address(url)).hostname or ""


def _refused(error: Exception, address: LiveAddress, label: str, provider: str) -> AIProxyError:
    response = getattr(error, "response", None)
    status = int(getattr(response, "status_code", 0))
    if status < 400:
        return _no_live_service(label, provider, status)
    refusal = read_refusal(bytes(getattr(response, "body", None) or b"")[:65_536])
    if refusal is not None:
        from dataclasses import replace

        redactor = Redactor()
        for value in address.headers.values():
            redactor.add(value.removeprefix("Bearer "))
        refusal = replace(refusal, message=redactor(refusal.message))
    elif status == 403:
        return AuthenticationError(
            f"{label} refused access ({status})",
            "The key is known but may not use live sessions. Check its rights.",
            provider=provider,
            status=status,
        )
    return failure(refusal, label=label, provider=provider, status=status)


def _no_live_service(label: str, provider: str, status: int = 0) -> ProtocolError:
    number = f" ({status})" if status else ""
    return ProtocolError(
        f"What answers is not {label}{number}",
        "A proxy or a web page may stand between. Check the network and the base address in Settings.",
        provider=provider,
        status=status or None,
    )


def _cut_off(error: Exception) -> bool:
    return isinstance(error.__cause__, EOFError | OSError)


def _why(error: Exception, url: str) -> str:
    where, host = origin(web_address(url)), host_of(url)
    if isinstance(error, ssl.SSLError):
        return f"No secure connection to {where}: its certificate or protocol is not accepted."
    if isinstance(error, socket.gaierror):
        return f"The name {host} was not found. Check the connection and the address."
    if isinstance(error, ImportError):
        return "The proxy of this network is a SOCKS proxy, which needs the package python-socks."
    if not isinstance(error, OSError):
        return "The proxy of this network refused the connection."
    if is_loopback(host):
        return f"Nothing listens at {where}. Start it, or check the address."
    return f"{where} refused the connection. Check the network and the address."
