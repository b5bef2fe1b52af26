"""Who may ask the local API, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiproxy_desktop.storage.api_settings import ApiSettings

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that no client can move.

    Attributes:
        body: bytes of a JSON body.
        upload: bytes of a body of files (`multipart/form-data`).
        frame: bytes of one message over a WebSocket.
        depth: how deep JSON may nest.
        headers: bytes of the request's line and headers together.
        header_seconds: from a connection's first byte, or its opening, to the end of the headers.
        body_seconds: without any byte of a body that is not complete.
        first_message_seconds: for a WebSocket's token or configuration to come.
        requests: answered at once; more are told to come again.
        connections: open at once; more are closed.
        sessions: live sessions at once.
    """

    body: int = 64 * MEBIBYTE
    upload: int = 256 * MEBIBYTE
    frame: int = 2 * MEBIBYTE
    depth: int = 100
    headers: int = 64 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 30.0
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
        origins: the exact values of `Origin` that are answered; one without that header is no browser's.
        trusted_proxies: addresses and networks (CIDR) that are believed when they say whom they ask for.
        limits: of size, time and number.
    """

    token: bytes | None = field(repr=False)
    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    limits: Limits = field(default_factory=Limits)


def hosts_of(host: str, port: int) -> frozenset[str]:
    """What `Host` may be where a server listens on an address: that address, and localhost on loopback."""
    names = {"127.0.0.1", "localhost", "[::1]"} if host in {"127.0.0.1", "::1", "localhost"} else set()
    if host not in {"0.0.0.0", "::"}:  # noqa: S104 - which is nobody's name
        names.add(f"[{host}]" if ":" in host else host.lower())
    plain = names if port == 80 else set()
    return frozenset({f"{name}:{port}" for name in names} | plain)


def rules_of(settings: ApiSettings, token: str | None) -> Rules:
    """What holds with these settings."""
    return Rules(
        None if token is None else token.encode(),
        hosts_of(settings.host, settings.port) | {name.lower() for name in settings.hosts},
        frozenset(settings.origins),
        settings.trusted_proxies,
    )


def url_of(host: str, port: int) -> str:
    """Where a server that listens at an address answers on this machine, without a path."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - which is nobody's name
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
