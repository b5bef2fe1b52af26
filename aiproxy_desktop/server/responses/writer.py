"""Events of the core as a response of `/v1/responses`: the events of a stream, and all of it at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from aiproxy_desktop.core.events import (
    Finished,
    ImageReceived,
    Noted,
    OpaqueReceived,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import OpaquePart
from aiproxy_desktop.core.shaping import note_entry
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.responses.frames import Frames, Growing
from aiproxy_desktop.server.responses.items import Status, image_item

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ResponseWriter:
    """One response as it comes to be. Feed it events; what it returns is to be sent, where one streams."""

    def __init__(self, echo: Mapping[str, Any], provider: str, model: str, *, streams: bool) -> None:
        """Begin.

        Args:
            echo: fields of the request that every response repeats.
            provider: id of whoever is asked; who answers may be another.
            model: its own name of the model.
            streams: whether events are wanted; else `feed` returns nothing.
        """
        self._base = os.urandom(14).hex()
        self._head: dict[str, Any] = {
            "id": f"resp_{self._base}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "in_progress",
            "error": None,
            "incomplete_details": None,
            "model": model,
            "provider": provider,
            "output": [],
            "usage": None,
            **echo,
        }
        self._frames = Frames(heard=streams)
        self._created = False
        self._output: list[dict[str, Any] | None] = []
        self._open: Growing | None = None
        self._text: Growing | None = None  # the same, where it is a message: for the way that is taken most
        self._calls: dict[int, Growing] = {}
        self._image: tuple[int, str, int] | None = None
        self._notes: list[dict[str, str]] = []
        self.usage: Usage | None = None
        self.pictures = False  # whether there are megabytes in it

    @property
    def response(self) -> dict[str, Any]:
        """As far as it has come; after `Finished` it is whole. Images in it are bytes."""
        output = [item for item in self._output if item is not None]
        return self._head | {"output": output, "usage": usage_entry(self.usage), "notes": self._notes}

    def feed(self, event: StreamEvent) -> bytes:
        """The server-sent events that an event becomes; none for some."""
        if type(event) is TextDelta:
            if self._text is None:
                return self._more("message", event.text)
            return self._frames.piece(self._text, event.text)
        return _TAKERS[type(event)](self, event)

    def failed(self, no: Refusal) -> bytes:
        """The last events of a response that broke off.

        OpenAI's client knows a failed response; the error after it makes that client raise.
        """
        frames = self._settle("incomplete")
        self._head |= {
            "status": "failed",
            "error": {"code": no.code or "server_error", "message": no.sentence},
        }
        fields = {"code": no.code, "message": no.sentence, "param": no.param, **no.body}
        ended = self._frames.event("response.failed", response=self.response)
        return frames + ended + self._frames.event("error", **fields)

    def _started(self, event: Started) -> bytes:
        """Who answers may change until the first visible piece; the response is created once."""
        self._head |= {"provider": event.provider, "model": event.model}
        if self._created:
            return b""
        self._created = True
        response = self.response
        created = self._frames.event("response.created", response=response)
        return created + self._frames.event("response.in_progress", response=response)

    def _noted(self, event: Noted) -> bytes:
        self._notes.append(note_entry(event))
        return b""

    def _counted(self, event: UsageReported) -> bytes:
        self.usage = event.usage
        return b""

    def _thought(self, event: ReasoningDelta) -> bytes:
        if self._open is None or self._open.kind != "reasoning":
            return self._more("reasoning", event.text)
        return self._frames.piece(self._open, event.text)

    def _more(self, kind: Literal["message", "reasoning"], text: str) -> bytes:
        """The first piece of a new item."""
        begun, frames = self._begin(kind)
        return frames + self._frames.part("added", begun) + self._frames.piece(begun, text)

    def _begin(self, kind: Literal["message", "reasoning"]) -> tuple[Growing, bytes]:
        frames = self._close("completed")
        begun = self._open = Growing(kind, *self._place("msg" if kind == "message" else "rs"))
        self._text = begun if kind == "message" else None
        return begun, frames + self._frames.item("added", begun.place, begun.item("in_progress"))

    def _called(self, event: ToolCallDelta) -> bytes:
        call, frames = self._calls.get(event.index), b""
        if call is None:
            frames = self._close("completed")
            call = Growing("call", *self._place("fc"), call_id=event.id, name=event.name)
            self._calls[event.index] = call
            frames += self._frames.item("added", call.place, call.item("in_progress"))
        return frames + (self._frames.piece(call, event.arguments) if event.arguments else b"")

    def _opaque(self, event: OpaqueReceived) -> bytes:
        """With the thoughts before it; behind anything else as thoughts that nobody can read."""
        thought, frames = self._open, b""
        if thought is None or thought.kind != "reasoning":
            thought, frames = self._begin("reasoning")
        thought.secret = OpaquePart(event.provider, event.data)
        return frames + self._close("completed")

    def _pictured(self, event: ImageReceived) -> bytes:
        self.pictures = True
        frames = b""
        if self._image is None:
            frames = self._close("completed")
            self._image = (*self._place("ig"), 0)
            place, identity, _ = self._image
            frames += self._frames.item("added", place, image_item(identity, None, "", "in_progress"))
            for step in ("in_progress", "generating"):
                frames += self._frames.image(step, place, identity)
        place, identity, steps = self._image
        if event.preview:
            self._image = (place, identity, steps + 1)
            piece = {"partial_image_b64": event.data, "partial_image_index": steps}
            return frames + self._frames.image("partial_image", place, identity, **piece)
        self._image = None
        frames += self._frames.image("completed", place, identity)
        return frames + self._done(place, image_item(identity, event.data, event.mime, "completed"))

    def _finished(self, event: Finished) -> bytes:
        reason = _INCOMPLETE.get(event.reason)
        status: Status = "completed" if reason is None else "incomplete"
        frames = self._settle(status)
        self._head |= {"status": status, "completed_at": int(time.time()) if reason is None else None}
        if reason is not None:
            self._head["incomplete_details"] = {"reason": reason}
        return frames + self._frames.event(f"response.{status}", response=self.response)

    def _settle(self, status: Status) -> bytes:
        """Close all that is open."""
        frames = self._close(status)
        for call in self._calls.values():
            frames += self._frames.text_done(call) + self._done(call.place, call.item(status))
        self._calls = {}
        if self._image is not None:
            (place, identity, _), self._image = self._image, None
            frames += self._done(place, image_item(identity, None, "", "failed"))
        return frames

    def _close(self, status: Status) -> bytes:
        """Close the message or the thoughts that grow. Calls stay open: their pieces may come mixed."""
        whole, self._open, self._text = self._open, None, None
        if whole is None:
            return b""
        frames = b""
        if whole.pieces:
            frames = self._frames.text_done(whole) + self._frames.part("done", whole)
        return frames + self._done(whole.place, whole.item(status))

    def _place(self, prefix: str) -> tuple[int, str]:
        """Where the next item belongs, and its id."""
        self._output.append(None)
        place = len(self._output) - 1
        return place, f"{prefix}_{self._base}{place:04x}"

    def _done(self, place: int, item: dict[str, Any]) -> bytes:
        self._output[place] = item
        return self._frames.item("done", place, item)


def usage_entry(usage: Usage | None) -> dict[str, Any] | None:
    """Tokens in the words of this interface, None for each that nobody counted; None where none were.

    Details that nobody counted are left out: clients that check types (LiteLLM) take no null there.
    """
    if usage is None or usage == Usage():
        return None
    given, made = usage.input_tokens, usage.output_tokens
    return {
        "input_tokens": given,
        "input_tokens_details": _known(cached_tokens=usage.cached_tokens),
        "output_tokens": made,
        "output_tokens_details": _known(reasoning_tokens=usage.reasoning_tokens),
        "total_tokens": None if given is None or made is None else given + made,
    }


def _known(**details: int | None) -> dict[str, int]:
    return {name: count for name, count in details.items() if count is not None}


_TAKERS: dict[type, Callable[[ResponseWriter, Any], bytes]] = {
    Started: ResponseWriter._started,
    Noted: ResponseWriter._noted,
    UsageReported: ResponseWriter._counted,
    ReasoningDelta: ResponseWriter._thought,
    ToolCallDelta: ResponseWriter._called,
    OpaqueReceived: ResponseWriter._opaque,
    ImageReceived: ResponseWriter._pictured,
    Finished: ResponseWriter._finished,
}
