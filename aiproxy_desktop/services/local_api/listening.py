"""Addresses to listen at: whom they reach, where they answer, and why nobody can listen there."""

from __future__ import annotations

import errno
from ipaddress import ip_address

from aiproxy_desktop.core.errors import ConfigurationError

# Ports below it are the system's own on Unix (ip(7): ip_unprivileged_port_start is 1024 by default).
_FIRST_FREE_PORT = 1024


class AddressError(ConfigurationError):
    """The local API cannot listen where it is told to.

    Attributes:
        taken: whether another program listens there, so that another port would do.
    """

    def __init__(self, title: str, advice: str, *, taken: bool = False) -> None:
        super().__init__(title, advice)
        self.taken = taken


def address_error(error: OSError, host: str, port: int) -> AddressError:
    """The system's refusal to bind or to listen, in words.

    Args:
        error: what `socket.bind` or `socket.listen` raised.
        host: the address asked for.
        port: likewise.
    """
    if error.errno == errno.EADDRINUSE:
        return AddressError(
            f"Port {port} is taken by another program",
            f"End that program, or choose another port, such as {next_port(port)}.",
            taken=True,
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return AddressError(
            f"{host} is not an address of this computer", "Choose one that is, such as 127.0.0.1."
        )
    if error.errno in {errno.EACCES, errno.EPERM} and port < _FIRST_FREE_PORT:
        return AddressError(
            f"Port {port} is kept for the system", f"Choose one from {_FIRST_FREE_PORT} on, such as 8000."
        )
    reason = error.strerror or type(error).__name__
    return AddressError(f"Nobody can listen at {host}, port {port} ({reason})", "Choose another address.")


def url_of(host: str, port: int) -> str:
    """Where a server that listens at an address answers on this machine, without a path."""
    if is_wildcard(host):
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_wildcard(host: str) -> bool:
    """Whether an address stands for all of this machine's."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return not host


def next_port(port: int) -> int:
    """A port to try instead."""
    return port + 1 if port < 65535 else 8000
