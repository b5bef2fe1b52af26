"""The server-sent events of `/v1/responses`, numbered (openai-python 3.57.0, `response_stream_event`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.core.messages import OpaquePart
from aiproxy_desktop.core.wire_json import encode_json
from aiproxy_desktop.server.responses.items import (
    Status,
    call_item,
    message_item,
    reasoning_item,
    summary_part,
    text_part,
)
from aiproxy_desktop.server.streaming import named_event

Kind: TypeAlias = Literal["message", "reasoning", "call"]

# The event of a piece, and where in its item the piece belongs.
_PIECES: dict[str, tuple[str, dict[str, Any]]] = {
    "message": ("response.output_text.delta", {"content_index": 0, "logprobs": []}),
    "reasoning": ("response.reasoning_summary_text.delta", {"summary_index": 0}),
    "call": ("response.function_call_arguments.delta", {}),
}


@dataclass(slots=True)
class Growing:
    """An item that is not whole yet.

    Attributes:
        kind: what it is.
        place: among the items of the response, from 0.
        id: its own.
        head: what each of its pieces begins with on the wire.
        call_id: of a call.
        name: of the function called.
        pieces: its text, or a call's arguments, so far.
        secret: what the provider wants back of a thought.
    """

    kind: Kind
    place: int
    id: str
    head: bytes = field(default=b"", init=False, repr=False)
    call_id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    secret: OpaquePart | None = None

    def __post_init__(self) -> None:
        kind, where = _PIECES[self.kind]
        fields = {"type": kind, "item_id": self.id, "output_index": self.place, **where}
        self.head = b'event: %b\ndata: %b,"delta":' % (kind.encode(), encode_json(fields)[:-1])

    @property
    def text(self) -> str:
        """All pieces."""
        return "".join(self.pieces)

    def item(self, status: Status) -> dict[str, Any]:
        """The item as it is now; one in progress has none of its text yet."""
        text = None if status == "in_progress" else self.text
        if self.kind == "message":
            return message_item(self.id, text, status)
        if self.kind == "reasoning":
            return reasoning_item(self.id, text or None, self.secret, status)
        arguments = "" if text is None else text or "{}"
        return call_item(self.id, self.call_id, self.name, arguments, status)


class Frames:
    """Writes events. Where nobody listens, all of them are empty and nothing is counted."""

    def __init__(self, *, heard: bool) -> None:
        self._heard = heard
        self._number = 0

    def event(self, kind: str, /, **fields: Any) -> bytes:
        """One event; bytes in it become base64."""
        if not self._heard:
            return b""
        self._number += 1
        return named_event(kind, {"sequence_number": self._number - 1, **fields})

    def piece(self, growing: Growing, text: str) -> bytes:
        """One more piece of an item, which takes it in: the event that most of a stream is made of."""
        growing.pieces.append(text)
        if not self._heard:
            return b""
        self._number += 1
        return b'%b%b,"sequence_number":%d}\n\n' % (growing.head, encode_json(text), self._number - 1)

    def item(self, step: Literal["added", "done"], place: int, item: Mapping[str, Any]) -> bytes:
        """An item begins, or is whole."""
        return self.event(f"response.output_item.{step}", output_index=place, item=item)

    def part(self, step: Literal["added", "done"], growing: Growing) -> bytes:
        """The one part of a message or of a thought begins, or is whole."""
        where = {"item_id": growing.id, "output_index": growing.place}
        if growing.kind == "message":
            part = text_part(growing.text)
            return self.event(f"response.content_part.{step}", **where, content_index=0, part=part)
        part = summary_part(growing.text)
        return self.event(f"response.reasoning_summary_part.{step}", **where, summary_index=0, part=part)

    def text_done(self, growing: Growing) -> bytes:
        """All pieces of an item are there."""
        where = {"item_id": growing.id, "output_index": growing.place}
        if growing.kind == "message":
            return self.event(
                "response.output_text.done", **where, content_index=0, text=growing.text, logprobs=[]
            )
        if growing.kind == "reasoning":
            return self.event(
                "response.reasoning_summary_text.done", **where, summary_index=0, text=growing.text
            )
        arguments = growing.text or "{}"
        kind = "response.function_call_arguments.done"
        return self.event(kind, **where, name=growing.name, arguments=arguments)

    def image(self, step: str, place: int, identity: str, **fields: Any) -> bytes:
        """How far an image is."""
        kind = f"response.image_generation_call.{step}"
        return self.event(kind, item_id=identity, output_index=place, **fields)
