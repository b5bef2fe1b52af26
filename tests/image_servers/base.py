"""What both image services share: requests noted, faults in their order, a server of bytes beneath."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from PIL import Image

from tests.image_servers.behaviour import Behaviour
from tests.wire import ByteServer, Exchange, Reply


class RefusedRequestError(Exception):
    """A request that the real service would not take; `param` is the field."""

    def __init__(self, message: str, param: str = "") -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True, slots=True)
class ImageCall:
    """One request as it was understood.

    `fields` are its further ones by their names on the wire, as values; `images` and `mask` the bytes that
    were sent. `closed` is set once the client has closed its connection.
    """

    model: str
    prompt: str
    fields: Mapping[str, Any]
    images: tuple[bytes, ...] = ()
    mask: bytes | None = field(default=None, repr=False)
    edit: bool = False
    streamed: bool = False
    key: str = ""
    path: str = ""
    closed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def pictures(self) -> tuple[Image.Image, ...]:
        """The images, decoded."""
        from tests.image_servers.painting import picture

        return tuple(picture(data) for data in self.images)


class ImageServer(ABC):
    """Serves on 127.0.0.1 until its block is left."""

    def __init__(self, behaviour: Behaviour | None = None, *, port: int = 0, **changed: Any) -> None:
        """Set up a service.

        Args:
            behaviour: how it behaves.
            port: 0 is one of its own.
            **changed: fields of `Behaviour`, in place of a whole one.
        """
        self.behaviour = replace(behaviour or Behaviour(), **changed)
        self.requests: list[ImageCall] = []
        self.refusals: list[str] = []
        self._asked = 0
        self._server = ByteServer(self._reply, port=port)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self._server.url

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request in bytes, lists of models and files included."""
        return self._server.exchanges

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    def behave(self, **changed: Any) -> None:
        """Behave in another way from now on; what has been counted for `times` begins anew."""
        self.behaviour = replace(self.behaviour, **changed)
        self._asked = 0

    @abstractmethod
    def _other(self, exchange: Exchange) -> Reply | None:
        """The answer to what asks for no images, or None."""

    @abstractmethod
    def _read(self, exchange: Exchange) -> ImageCall:
        """A request for images.

        Raises:
            RefusedRequestError: it is none.
        """

    @abstractmethod
    def _answer(self, call: ImageCall, fault: str) -> Reply:
        """Images, or what comes in their place."""

    @abstractmethod
    def _error(self, status: int, message: str, code: str, param: str = "") -> Any:
        """The body of an error."""

    def _reply(self, exchange: Exchange) -> Reply:
        found = self._other(exchange)
        if found is not None:
            return found
        fault = self._next_fault()
        refusal = self._fault_reply(fault)
        try:
            call = self._read(exchange)
        except RefusedRequestError as error:
            self.refusals.append(str(error))
            return Reply.json(self._error(400, str(error), "invalid_value", error.param), 400)
        self.requests.append(call)
        return refusal or self._answer(call, fault)

    def _next_fault(self) -> str:
        self._asked += 1
        times = self.behaviour.times
        return self.behaviour.fault if times is None or self._asked <= times else ""

    def _fault_reply(self, fault: str) -> Reply | None:
        if fault == "html":
            return Reply.html()
        if fault == "key":
            return Reply.json(self._error(401, "Incorrect API key provided.", "invalid_api_key"), 401)
        if fault == "rate":
            body = self._error(429, "Rate limit reached.", "rate_limit_exceeded")
            return Reply.json(body, 429, {"retry-after": "0"})
        if fault == "server":
            return Reply.json(self._error(500, "The server had an error.", "server_error"), 500)
        return None


def sse(value: Any, event: str = "") -> bytes:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(value)}\n\n".encode()


def read_json(exchange: Exchange) -> dict[str, Any]:
    """The body, which must be an object under its right type.

    Raises:
        RefusedRequestError: it is none.
    """
    if exchange.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise RefusedRequestError(f"content-type {exchange.headers.get('content-type')!r} is not JSON")
    try:
        body = exchange.json
    except ValueError as error:
        raise RefusedRequestError(f"The body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise RefusedRequestError("The body is no object")
    return body
