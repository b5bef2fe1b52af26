"""Where an Ollama server is: what OLLAMA_HOST may hold."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from aiproxy_desktop.core.endpoints import split_url
from aiproxy_desktop.core.errors import InvalidEndpointError

_PORTS = {"http": 80, "https": 443}
_OWN_PORT = 11434


@lru_cache(maxsize=64)
def parse_ollama_host(text: str) -> str:
    """The base URL that OLLAMA_HOST means (rules of Ollama's own `envconfig.Host`).

    Empty is this machine. Without a scheme: http and port 11434; http:// is port 80, https:// 443.
    A path is kept; the addresses that mean "every interface" become loopback. A port that is none is
    an error here, where Ollama silently takes its own.

    Raises:
        InvalidEndpointError: the text is no host.
    """
    value = text.strip().strip("\"'").strip()
    scheme, separator, rest = value.partition("://")
    if not separator:
        scheme, rest = "http", value
    place, slash, path = rest.partition("/")
    if place.count(":") > 1 and not place.startswith("["):
        place = f"[{place}]"
    if not place or place.startswith(":"):
        place = f"127.0.0.1{place}"
    parts = split_url(f"{scheme.lower()}://{place}{slash}{path}")
    if parts.query or parts.fragment:
        raise InvalidEndpointError(
            "The Ollama host is not a host", "Leave out everything from the ? or # on."
        )
    port = parts.port or (_PORTS[parts.scheme] if separator else _OWN_PORT)
    return f"{parts.scheme}://{_reachable(parts.hostname or '')}:{port}{parts.path.rstrip('/')}"


def _reachable(host: str) -> str:
    """An address to connect to for one that a server listens on."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "[::1]" if address.version == 6 else "127.0.0.1"
    return f"[{address}]" if address.version == 6 else str(address)
