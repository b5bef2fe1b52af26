"""What the local API tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from aiproxy_desktop.core.client_context import ClientContext

# As a status: the client did not wait for the answer (nginx's number for that).
LEFT = 499

ApiPhase: TypeAlias = Literal["off", "starting", "on", "stopping", "failed"]


@dataclass(frozen=True, slots=True)
class ApiStatus:
    """Whether the local API runs. `url` is where, without a path; `problem` one sentence where it failed."""

    phase: ApiPhase = "off"
    url: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request, as the log shows it. None is not known, or not yet.

    Attributes:
        number: counts up from 1 in one run.
        began: when it came.
        client: who says to have sent it; labels, and no authority.
        peer: the address of the connection itself.
        method: `POST`, or `WS` for a session over a WebSocket.
        path: without a query.
        model: `provider:model` once that is known, before it what was asked for.
        status: HTTP's, or a WebSocket's close code; None while it runs.
        input_tokens: as the provider counted them.
        output_tokens: likewise.
        cost: US dollars; 0 is free.
        first_token_seconds: from its coming to the first piece of an answer.
        seconds: from its coming to its end; None while it runs.
        error: one sentence, empty where nothing went wrong.
    """

    number: int
    began: datetime
    client: ClientContext
    peer: str
    method: str
    path: str
    model: str = ""
    status: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    first_token_seconds: float | None = None
    seconds: float | None = None
    error: str = ""
