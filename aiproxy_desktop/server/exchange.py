"""One request under way: what it asks, who asks, and its line in the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from starlette.requests import HTTPConnection
from starlette.responses import Response

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.wire_json import encode_json
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.clients import caller_of
from aiproxy_desktop.server.errors import Refusal, refusal
from aiproxy_desktop.server.streaming import EventStream, error_event
from aiproxy_desktop.services.costs import cost_of
from aiproxy_desktop.services.local_api.values import LEFT

# Of a name that a client sends, as the log keeps it.
_LONGEST_NAME = 300


@dataclass(slots=True)
class Exchange:
    """One request. Made by `begin`, used in a `with` block, whose end is the request's end.

    What is raised in the block is written down and goes on to whoever answers. A block that gave its answer
    to `stream` ends before the request does: then the end of the stream is it.

    Attributes:
        backend: of the server.
        client: who says to have sent it.
        number: its line in the log.
        began: on the monotonic clock, in seconds.
        reference: `provider:model`, once `resolve` found it.
        usage: what the provider counted, as soon as a route knows it.
        cost: US dollars, where a route knows more of it than tokens and the model's price tell.
        priced: whether these tell nothing, so that without a `cost` it is unknown.
    """

    backend: ApiBackend
    client: ClientContext
    number: int
    began: float
    reference: str = ""
    usage: Usage | None = None
    cost: float | None = None
    priced: bool = False
    _names_more: bool = False
    _waiting: bool = field(default=True, init=False)
    _streams: bool = field(default=False, init=False)
    _ended: bool = field(default=False, init=False)

    @classmethod
    def begin(cls, backend: ApiBackend, request: HTTPConnection, body: Mapping[str, Any]) -> Exchange:
        """A request came in; it stands in the log from now on.

        Args:
            backend: of the server.
            request: its headers and its peer.
            body: what it says of its client, over the headers.
        """
        scope = request.scope
        caller = caller_of(scope, body, backend.rules().trusted_proxies)
        number = backend.log.begin(*caller)
        scope.setdefault("state", {})["written"] = True
        more = bool(body.get("models"))
        return cls(backend, caller[0], number, time.monotonic(), _names_more=more)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.failed(error)
        elif not self._streams:
            self.end(200)

    def asked_for(self, name: str | None) -> None:
        """The log names what was asked for, until it is known which model that is."""
        if name:
            self.backend.log.note(self.number, model=name[:_LONGEST_NAME])

    async def resolve(self, model: Any, *, images: bool = False) -> str:
        """The model asked for, as a reference; the log names it.

        Args:
            model: what the body says: a name, an alias, a reference; None is the default model.
            images: whether it is to make images.

        Raises:
            AIProxyError: see `ApiBackend.reference_of`.
            Refusal: it is no name.
        """
        if model is not None and not isinstance(model, str):
            raise Refusal(400, "The field “model” is no text. Give the name of a model.", param="model")
        self.asked_for(model)
        if self._names_more and self.backend.names().offered is not None:
            # OpenRouter's field: it would answer with any of these, whether they are offered here or not.
            raise Refusal(400, "The field “models” is not taken. Name one in “model”.", param="models")
        find = self.backend.image_reference_of if images else self.backend.reference_of
        self.reference = await find(model)
        self.backend.log.note(self.number, model=self.reference)
        return self.reference

    def first_token(self) -> None:
        """The first piece of the answer is on its way; only the first call counts."""
        if self._waiting:
            self._waiting = False
            self.backend.log.note(self.number, first_token_seconds=time.monotonic() - self.began)

    def answer(self, value: Any) -> Response:
        """A whole answer as JSON."""
        return Response(encode_json(value), media_type="application/json")

    def stream(
        self, frames: AsyncIterator[bytes], failed: Callable[[Refusal], bytes] = error_event
    ) -> EventStream:
        """An answer piece by piece. Its end ends the exchange, however it comes.

        Args:
            frames: whole events as bytes, closed at the end. What they raise before the first one is
                answered with a status; later, with the event that `failed` makes of it.
            failed: a refusal as an event, in the words of the route's dialect.
        """
        self._streams = True
        return EventStream(frames, failed, on_end=self._stream_ended)

    def end(self, status: int, error: str = "") -> None:
        """It is over. Only the first call counts.

        Args:
            status: HTTP's, or a WebSocket's close code.
            error: one sentence where something went wrong.
        """
        if self._ended:
            return
        self._ended = True
        facts: dict[str, Any] = {} if self.cost is None else {"cost": self.cost}
        if self.usage is not None:
            facts["input_tokens"] = self.usage.input_tokens
            facts["output_tokens"] = self.usage.output_tokens
            if self.cost is None and not self.priced:
                provider, _, model = self.reference.partition(":")
                facts["cost"] = cost_of(self.usage, self.backend.registry.describe(provider, model))
        seconds = time.monotonic() - self.began
        self.backend.log.note(self.number, status=status, seconds=seconds, error=error, **facts)

    def failed(self, error: BaseException) -> None:
        """It is over, with this error; nothing is raised and nothing is answered here."""
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            self.end(LEFT, "It was broken off before the answer was whole.")
            return
        no = refusal(error)
        self.end(no.status, no.sentence)

    def _stream_ended(self, error: BaseException | None) -> None:
        if error is None:
            self.end(200)
        else:
            self.failed(error)


def body_of(request: HTTPConnection) -> dict[str, Any]:
    """The JSON object a request brings; the guard has read it.

    Raises:
        Refusal: it brings nothing.
    """
    body: dict[str, Any] | None = request.scope["state"].get("json")
    if body is None:
        raise Refusal(400, "The request has no body. Send a JSON object.")
    return body
