"""One request under way: what it asks, who asks, and its line in the log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import HTTPConnection

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.clients import client_of
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.services.costs import cost_of


@dataclass(slots=True)
class Exchange:
    """Made by `begin`; `end` is called once, whatever happened."""

    backend: ApiBackend
    client: ClientContext
    number: int
    began: float
    reference: str = ""
    usage: Usage | None = None

    @classmethod
    def begin(cls, backend: ApiBackend, request: HTTPConnection, body: Mapping[str, Any]) -> Exchange:
        """A request came in; it stands in the log from now on.

        Args:
            backend: of the server.
            request: its headers and its peer.
            body: what it says of its client, over the headers.
        """
        client = client_of(request.scope, body, backend.rules().trusted_proxies)
        peer = request.client.host if request.client else ""
        method = request.scope.get("method", "WS")
        number = backend.log.begin(client, peer, method, request.url.path)
        return cls(backend, client, number, time.monotonic())

    async def resolve(self, model: Any) -> str:
        """The model asked for, as a reference; the log names it.

        Raises:
            AIProxyError: see `ApiBackend.reference_of`.
            Refusal: it is no name.
        """
        if model is not None and not isinstance(model, str):
            raise Refusal(400, "The field “model” is no text.", param="model")
        self.backend.log.note(self.number, model=model or "")
        self.reference = await self.backend.reference_of(model)
        self.backend.log.note(self.number, model=self.reference)
        return self.reference

    def first_token(self) -> None:
        """The first piece of the answer is on its way."""
        self.backend.log.note(self.number, first_token_seconds=time.monotonic() - self.began)

    def end(self, status: int, error: str = "") -> None:
        """It is over."""
        facts: dict[str, Any] = {}
        if self.usage is not None:
            provider, _, model = self.reference.partition(":")
            described = self.backend.registry.describe(provider, model)
            facts["input_tokens"] = self.usage.input_tokens
            facts["output_tokens"] = self.usage.output_tokens
            facts["cost"] = cost_of(self.usage, described)
        seconds = time.monotonic() - self.began
        self.backend.log.note(self.number, status=status, seconds=seconds, error=error, **facts)


def body_of(request: HTTPConnection) -> dict[str, Any]:
    """The JSON object a request brings.

    Raises:
        Refusal: it is none.
    """
    try:
        body = msgspec.json.decode(request.scope["state"]["body"])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal(400, f"The body is not JSON that can be read: {error}.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "The body has to be a JSON object.")
    return body
