"""Who may ask the local API, and how much at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.services.local_api.addresses import read_network
from aiproxy_desktop.services.local_api.listening import is_loopback, is_wildcard
from aiproxy_desktop.services.local_api.token import TOKEN_LENGTHS, usable
from aiproxy_desktop.storage.api_settings import ApiSettings

MEBIBYTE = 1024 * 1024

# A name or an address, as `Host` and `Origin` have them; an address of version 6 stands in brackets.
_NAME = r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::\d{1,5})?"
_HOST = re.compile(_NAME)
_ORIGIN = re.compile(rf"[a-z][a-z0-9+.-]*://{_NAME}")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that no client can move.

    Attributes:
        body: bytes of a JSON body.
        upload: bytes of a body of files (`multipart/form-data`).
        memory: bytes of all bodies together that are being read or answered.
        frame: bytes of one message over a WebSocket.
        depth: how deep JSON may nest.
        values: how many values JSON may hold, each of which takes some hundred bytes once it is read.
        headers: bytes of the request's line and headers together.
        header_seconds: from a connection's first byte, or its opening, to the end of the headers.
        body_seconds: for a body to come whole, and a second more for each 16 KiB that have come.
        linger_seconds: in which what a refused client still sends is taken, so that it comes to read why.
        write_seconds: without a client reading anything of what was sent.
        idle_seconds: that a connection is kept between two requests.
        first_message_seconds: for a WebSocket's token or configuration to come.
        requests: answered at once; more are told to come again.
        connections: open at once; more are closed.
        sessions: live sessions at once.
    """

    body: int = 64 * MEBIBYTE
    upload: int = 256 * MEBIBYTE
    memory: int = 512 * MEBIBYTE
    frame: int = 2 * MEBIBYTE
    depth: int = 100
    values: int = 100_000
    headers: int = 64 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    linger_seconds: float = 5.0
    write_seconds: float = 60.0
    # Longer than clients keep theirs (httpx 5 s, nginx 60 s): who closes first loses no request.
    idle_seconds: float = 65.0
    first_message_seconds: float = 10.0
    requests: int = 1024
    connections: int = 2048
    sessions: int = 32


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request has to show.

    Attributes:
        token: what `Authorization: Bearer` has to be; None asks for none, which only loopback may.
        hosts: the exact values of `Host` that are answered, in lower case, with the port as it is written.
        origins: the exact values of `Origin` that are answered besides the server's own; one without that
            header is no browser's.
        trusted_proxies: addresses and networks (CIDR) that are believed when they say whom they ask for.
        limits: of size, time and number.
        any_address: listens on all addresses of this machine, so the one a connection came to is a
            `Host` as well. No page elsewhere can have it: a browser calls a page by the name it asked for.
    """

    token: bytes | None = field(repr=False)
    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    limits: Limits = field(default_factory=Limits)
    any_address: bool = False


def rules_of(settings: ApiSettings, token: str | None, limits: Limits | None = None) -> Rules:
    """What holds for a server with these settings.

    Args:
        settings: `port` is the one it listens on.
        token: that clients have to send; None asks for none.
        limits: others than usual.

    Raises:
        ConfigurationError: others would be let in whom nobody let in on purpose, or a name is none.
    """
    if not is_loopback(settings.host):
        _allow_others(settings, token)
    hosts = {_checked(host, _HOST, "name of a host", "example.org:8443") for host in settings.hosts}
    return Rules(
        None if token is None else _token(token),
        hosts_of(settings.host, settings.port) | hosts,
        frozenset(_checked(one, _ORIGIN, "origin", "https://example.org") for one in settings.origins),
        tuple(_proxies(settings.trusted_proxies)),
        limits or Limits(),
        any_address=is_wildcard(settings.host),
    )


def hosts_of(host: str, port: int) -> frozenset[str]:
    """What `Host` may be where a server listens on an address: that address, and localhost on loopback."""
    names: set[str] = set()
    if is_loopback(host) or is_wildcard(host):
        names = {"127.0.0.1", "localhost", "[::1]"}
    if not is_wildcard(host):  # which is nobody's name
        names.add(f"[{host.lower()}]" if ":" in host else host.lower())
    plain = names if port == 80 else set()
    return frozenset({f"{name}:{port}" for name in names} | plain)


def _allow_others(settings: ApiSettings, token: str | None) -> None:
    if not settings.expose:
        raise ConfigurationError(
            f"Other machines can reach the address “{settings.host}”",
            "Allow that on purpose (--expose, or the switch in Settings, Local API), or use 127.0.0.1.",
        )
    if token is None:
        raise ConfigurationError(
            f"Other machines can reach the address “{settings.host}”",
            "That needs a token, so that not everybody there can use your keys.",
        )


def _token(token: str) -> bytes:
    if not usable(token):
        raise ConfigurationError(
            "The token of the local API cannot be used",
            f"It needs {TOKEN_LENGTHS[0]} to {TOKEN_LENGTHS[-1]} letters, digits and signs (-._~+/).",
        )
    return token.encode()


def _checked(name: str, form: re.Pattern[str], kind: str, example: str) -> str:
    plain = name.strip().lower()
    if not form.fullmatch(plain):
        raise ConfigurationError(f"“{name}” is no {kind}", f"Write it exactly, such as “{example}”.")
    return plain


def _proxies(given: Iterable[str]) -> Iterable[str]:
    for one in given:
        read_network(one)
        yield one.strip()
