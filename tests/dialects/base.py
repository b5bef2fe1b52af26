"""What the parity matrix needs to know of a provider's dialect, in bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from tests.wire import Reply

KEY = "sk-test-0123456789abcdefghij"
USAGE = Usage(11, 7)

# One piece of what was sent, the same for every dialect: ("text", text), (kind of media, mime, bytes),
# ("call", id, name, arguments as a value) or ("result", id or name, text).
Piece: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Call:
    """A tool call as a model makes it; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Sent:
    """A request as the service reads it, in no dialect.

    `turns` holds the role ("user", "assistant", "tool") and the pieces of each turn, in order; `system` the
    system text wherever the dialect puts it. `tools` are (name, description, schema of the parameters).
    `tool_choice` is "auto", "none", "required" or the name of a tool. `json` is None, "object" or a schema.
    """

    system: str = ""
    turns: list[tuple[str, list[Piece]]] = field(default_factory=list)
    tools: list[tuple[str, str, Any]] = field(default_factory=list)
    tool_choice: str | None = None
    json: Any = None
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True)
class Dialect:
    """How one provider says each thing.

    `error_body` makes the body of a refusal from its status, message and the dialect's own code for
    it ("key", "model", "rate", "server", "context"). `usage` is what `finish` tells. `tool_calls` are the
    frames of an answer that calls tools, cut as the service cuts them, without its end; `image` those of one
    image (type, bytes); `read` turns the JSON body of a request into what the service understands of it.
    """

    name: str
    path: str
    key_header: str | None
    build: Callable[[HttpClient, str, str | None], Provider]
    decoder: Callable[[Fail], AnswerDecoder]
    text: Callable[[str], bytes]
    reasoning: Callable[[str], bytes]
    finish: Callable[[str], bytes]
    error_body: Callable[[int, str, str], Any]
    error_frame: Callable[[str], bytes]
    blocked: tuple[bytes, ...]
    models: Any
    usage: Usage = USAGE
    tool_calls: Callable[[Sequence[Call]], bytes] | None = None
    image: Callable[[str, bytes], bytes] | None = None
    read: Callable[[Any], Sent] | None = None

    def reply(self, *pieces: bytes, ending: Any = "end", delay: float = 0.0) -> Reply:
        """A streamed answer, cut as given."""
        make = Reply.lines if self.name == "ollama" else Reply.events
        return make(*pieces, ending=ending, delay=delay)

    def refusal(
        self, status: int, code: str, message: str = "", headers: dict[str, str] | None = None
    ) -> Reply:
        """A refusal before the stream."""
        return Reply.json(self.error_body(status, message, code), status, headers)


def sse(value: Any, name: str = "") -> bytes:
    """One server-sent event, with characters outside ASCII as they are."""
    event = f"event: {name}\n" if name else ""
    return f"{event}data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def line(value: Any) -> bytes:
    """One JSON line."""
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
