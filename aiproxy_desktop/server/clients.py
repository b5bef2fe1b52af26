"""Who sent a request, as far as it says so: labels for telemetry and the log, and no authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.client_context import ClientContext


def client_of(
    scope: Mapping[str, Any], body: Mapping[str, Any], trusted_proxies: Sequence[str]
) -> ClientContext:
    """The client of a request or of a WebSocket.

    Args:
        scope: ASGI's, for headers and peer.
        body: a REST body, or the configuration message of a WebSocket.
        trusted_proxies: addresses and networks that are believed about whom they ask for.
    """
    peer = scope.get("client")
    del trusted_proxies
    ip = peer[0] if peer else ""
    return ClientContext(ip=ip, client_id=str(body.get("client_id") or ip))
