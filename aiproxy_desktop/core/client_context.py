"""Who asks: what an application tells about the caller of a completion, for telemetry alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientContext:
    """The seed's fields, as the caller gave them; nothing of it is sent to a provider."""

    app: str = ""
    client_id: str = ""
    device: str = ""
    user_id: str = ""
    session_id: str = ""
    request_id: str = ""
    ip: str = ""
