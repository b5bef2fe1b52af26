"""Who sent a request, as far as it says so: labels for telemetry and the log, and no authority."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.services.local_api.addresses import is_among, read_address

# Fields of a REST body and of a configuration message; they are ours, and go to no provider.
CLIENT_FIELDS = ("app", "client_id", "device", "user_id", "session_id", "request_id")
# Nor does `ip`, which no client can say of itself.
NO_PROVIDERS = frozenset({*CLIENT_FIELDS, "ip"})

# Characters of one label: enough for a UUID, a name or an address, and what telemetry keeps.
LONGEST_LABEL = 256

_LABEL_HEADERS = {b"x-" + name.replace("_", "-").encode(): name for name in CLIENT_FIELDS}
_ADDRESS_HEADERS = (b"x-forwarded-for", b"forwarded", b"x-real-ip")
_HEADERS = frozenset({*_LABEL_HEADERS, *_ADDRESS_HEADERS})

_LARGEST = 2**64  # Python writes no number of thousands of digits

# Bytes of a header that are read: what is longer names nothing that we could keep.
_READ = 4 * LONGEST_LABEL
_PAIR = re.compile(r'(?P<name>[^\s=;,"]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s;,]*)')


def client_of(
    scope: Mapping[str, Any], body: Mapping[str, Any], trusted_proxies: Sequence[str]
) -> ClientContext:
    """The client of a request or of a WebSocket.

    What the body says comes before the headers; what is no text or number in it is not looked at. Without a
    `client_id` that is the address.

    Args:
        scope: ASGI's, for headers and peer.
        body: a REST body, or the configuration message of a WebSocket.
        trusted_proxies: addresses and networks that are believed about whom they ask for.
    """
    said: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _HEADERS:
            said.setdefault(name, value)  # the first of several comes from nearest to the client
    labels = {field: label(said[name]) for name, field in _LABEL_HEADERS.items() if name in said}
    for field in CLIENT_FIELDS:
        labels[field] = label(body.get(field)) or labels.get(field, "")
    peer = scope.get("client")
    ip = read_address(peer[0]) if peer else ""
    if is_among(ip, tuple(trusted_proxies)):
        ip = _forwarded(said) or ip
    labels["client_id"] = labels["client_id"] or ip
    return ClientContext(ip=ip, **labels)


def caller_of(
    scope: Mapping[str, Any], body: Mapping[str, Any], trusted_proxies: Sequence[str]
) -> tuple[ClientContext, str, str, str]:
    """What the log has of any request: its client, the address of the connection, the method and the path.

    Args:
        scope: ASGI's; of a WebSocket the method is `WS`.
        body: see `client_of`.
        trusted_proxies: likewise.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    client = client_of(scope, body, trusted_proxies)
    return client, peer, scope.get("method", "WS"), label(scope["path"])


def label(value: Any) -> str:
    """Text that can stand in a log and a metric: one line, nothing invisible, no end.

    Args:
        value: what a client sent: bytes of a header, text or a number; of anything else
            there is no label.
    """
    if isinstance(value, bytes):
        text = value[:_READ].decode("utf-8", "replace")
    elif isinstance(value, str):
        text = value[:_READ]
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
        text = f"{value}"
    else:
        return ""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())[:LONGEST_LABEL].rstrip()


def _forwarded(said: Mapping[bytes, bytes]) -> str:
    """The address a proxy asks for; empty where it names none."""
    given = {name: said[name][:_READ].decode("latin-1") for name in _ADDRESS_HEADERS if name in said}
    return (
        read_address(given.get(b"x-forwarded-for", "").partition(",")[0])
        or read_address(_for(given.get(b"forwarded", "")))
        or read_address(given.get(b"x-real-ip", ""))
    )


def _for(forwarded: str) -> str:
    """The first `for` of a Forwarded header: `by="a,b"; for="[2001:db8::1]:4711", for=192.0.2.7`.

    https://www.rfc-editor.org/rfc/rfc7239#section-4
    """
    for pair in _PAIR.finditer(forwarded):
        if pair["name"].lower() == "for":
            return pair["value"].strip('"').replace("\\", "")
    return ""
