"""The seam between a live session and a service: what is put on the wire, and what is read from it.

A codec knows one service's messages and nothing else: it opens no connection, waits for nothing, decides
nothing. One is made for each connection and holds what only that connection knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import WireEvent
from aiproxy_desktop.core.live.values import LiveOptions, SpokenTurn

# Messages for the wire, in order: JSON in UTF-8, sent as text.
Frames: TypeAlias = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LiveAddress:
    """Where to connect: a ws or wss URL without a key in it, and headers, which hold the key."""

    url: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


class LiveCodec(Protocol):
    """One connection's messages. What a service has no word for is an empty tuple."""

    @property
    def input_rate(self) -> int:
        """Samples a second of the PCM16 mono sound that it takes."""
        ...

    @property
    def lifetime(self) -> float:
        """Seconds after which the service closes a connection, whether it says so before or not."""
        ...

    def setup(self, options: LiveOptions, handle: str | None = None, *, history: bool = False) -> Frames:
        """The first messages of a connection; with `handle` it takes up an earlier one.

        `history` is whether `history` follows as soon as the service listens, which some want to be told.
        """
        ...

    def history(self, turns: Sequence[SpokenTurn]) -> Frames:
        """After SessionReady: what was said on connections before this one. Asks for no answer."""
        ...

    def begin_turn(self) -> Frames:
        """Push to talk: the person begins to speak."""
        ...

    def audio(self, pcm: bytes) -> Frames:
        """More of what the microphone hears: whole samples at `input_rate`."""
        ...

    def end_turn(self) -> Frames:
        """Push to talk: the person has spoken, and an answer is wanted."""
        ...

    def end_audio(self) -> Frames:
        """Hands-free: the microphone is muted; what was heard so far is all there is."""
        ...

    def text(self, text: str) -> Frames:
        """A whole turn in writing; an answer is wanted."""
        ...

    def function_result(self, call_id: str, name: str, result: Mapping[str, Any]) -> Frames:
        """The answer to a call."""
        ...

    def cut(self, item: str, heard_ms: int) -> Frames:
        """The person cut in: of this answer so much was played. Ends it, where the service has to be told."""
        ...

    def update(self, options: LiveOptions) -> Frames | None:
        """Change the session under way; None where that needs another connection."""
        ...

    def due(self) -> Frames:
        """What had to wait for what was just decoded: ask after each `decode`, and send it at once."""
        ...

    def decode(self, frame: bytes | str) -> Iterable[WireEvent]:
        """What a message from the service means; nothing where it means nothing to us.

        Raises:
            ProtocolError: it is none of this service's messages.
        """
        ...

    def closed(self, code: int, reason: str) -> AIProxyError:
        """What it means that the service closed the connection so (RFC 6455, section 7.4)."""
        ...


class LiveService(Protocol):
    """One account of one service that holds live sessions."""

    @property
    def provider(self) -> str:
        """Its provider's id."""
        ...

    @property
    def label(self) -> str:
        """What a person calls it."""
        ...

    async def address(self, options: LiveOptions) -> LiveAddress:
        """Where to connect now; asks for the key at each call.

        Raises:
            AIProxyError: there is no key, or no address.
        """
        ...

    def codec(self) -> LiveCodec:
        """For one connection."""
        ...


@runtime_checkable
class LiveTalker(Protocol):
    """A provider with models that one can talk with."""

    def live_service(self) -> LiveService:
        """For one session or more."""
        ...

    def live_models(self) -> tuple[str, ...]:
        """Ids of the models for this: as its last list named them, and before any list those known here."""
        ...
