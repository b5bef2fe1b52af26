"""What a live service knows of a connection, of a turn and of a piece of an answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from websockets.asyncio.server import ServerConnection

from tests.live_servers.behaviour import Call


@dataclass(slots=True)
class Turn:
    """One turn of the person as the service got it; `pcm` at the service's input rate."""

    number: int
    connection: int
    kind: Literal["speech", "text"]
    text: str
    pcm: bytes = field(default=b"", repr=False)
    called: bool = False
    item: str = ""
    transcribed: bool = False
    answered: bool = False
    interrupted: bool = False


@dataclass(slots=True)
class Step:
    """A piece of an answer; `call` where it is a call."""

    kind: Literal["sound", "words", "heard", "text", "call", "search", "program", "raw"]
    sound: bytes = b""
    text: str = ""
    call: Call | None = None
    last: bool = False
    item: str = ""


@dataclass(eq=False, slots=True)
class Connected:
    """One connection: what was asked for, every message of the client, and what is going on.

    `conversation` is what the service knows was said, on this connection and on those it takes up: pairs of
    role (`user`, `model`) and text.
    """

    number: int
    path: str
    headers: dict[str, str]
    socket: ServerConnection
    messages: list[dict[str, Any]] = field(default_factory=list)
    setup: dict[str, Any] = field(default_factory=dict)
    conversation: list[tuple[str, str]] = field(default_factory=list)
    turns: int = 0
    ready: bool = False
    speaking: bool = False
    leaving: bool = False
    quiet: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)
    answering: asyncio.Task[None] | None = None
    turn: Turn | None = None
    under_way: Turn | None = None
    unanswered: set[str] = field(default_factory=set)
    results: dict[str, Any] = field(default_factory=dict)
    result_came: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """Whether an answer is under way."""
        return self.answering is not None and not self.answering.done()
