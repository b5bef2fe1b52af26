"""Dictionaries out: answers in the shape of OpenAI's chat completions, whole or in chunks.

What is over and above that shape: `provider`, `notes` (what was changed or left out, as this model does
not take it), `images` (the seed's), and in a message `reasoning_content`, `images`, `reasoning_details`
and, in a tool call, `extra_content`. The last two hold what a provider wants back. A message can be
sent back as it is; `reading/answers.py` reads it.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any

from aiproxy_desktop.core.assembler import MessageAssembler
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
from aiproxy_desktop.core.messages import (
    MediaPart,
    Message,
    OpaquePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)

# What an entry of `reasoning_details` is called, and where it stands: how much of each came before it.
OPAQUE = "reasoning.encrypted"
CURSORS = ("reasoning_content", "content", "images", "tool_calls")


def completion(
    identity: str, created: int, provider: str, model: str, answer: MessageAssembler
) -> dict[str, Any]:
    """A whole answer.

    Args:
        identity: its id.
        created: seconds since the epoch.
        provider: id of the provider that gave it.
        model: the provider's own name of the model.
        answer: all of it.

    Returns:
        id, object, created, model, provider, choices (one: message, finish_reason), usage (None where
        the provider counted nothing; any count in it may be None), images (None,
        `{"data": bytes, "mime_type": …}`, or a list of those where there are several), notes.
    """
    message = answer.message
    images = [image_entry(part) for part in message.parts if isinstance(part, MediaPart)]
    return {
        "id": identity,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "provider": provider,
        "choices": [{"index": 0, "message": message_entry(message), "finish_reason": answer.finish_reason}],
        "usage": usage_entry(answer.usage),
        "images": images[0] if len(images) == 1 else images or None,
        "notes": [note_entry(note) for note in answer.notes],
    }


def message_entry(message: Message) -> dict[str, Any]:
    """An assistant's message: JSON through and through, and fit to be sent back."""
    shape = _MessageShape()
    for part in message.parts:
        if isinstance(part, TextPart):
            shape.text(part.text)
        elif isinstance(part, ReasoningPart):
            shape.thought(part.text)
        elif isinstance(part, ToolCallPart):
            shape.call(part)
        elif isinstance(part, OpaquePart):
            shape.opaque(part)
        elif isinstance(part, MediaPart):
            shape.image(part)
    return shape.entry()


class ChunkShaper:
    """Events of one answer to its chunks. All chunks carry the same id."""

    def __init__(self, identity: str, created: int, provider: str, model: str) -> None:
        self._head = (identity, created)
        self._provider = provider
        self._model = model
        self._reasoning = self._content = self._images = 0
        self._places: dict[int, int] = {}
        self._ends = _CallEnds()
        self._usage: Usage | None = None

    def chunk(self, event: StreamEvent) -> dict[str, Any] | None:
        """The chunk for an event; a preview of an image and usage, which comes `last`, have none."""
        if isinstance(event, TextDelta):
            self.pass_over(len(event.text))
            return self._chunk({"content": event.text})
        if isinstance(event, ReasoningDelta):
            self._reasoning += len(event.text)
            self._ends.leave()
            return self._chunk({"reasoning_content": event.text})
        if isinstance(event, ToolCallDelta):
            return self._chunk({"tool_calls": [self._call(event)]})
        return self._rare(event)

    def pass_over(self, characters: int) -> None:
        """Take note of so much text whose chunks somebody else writes."""
        self._content += characters
        self._ends.leave()

    def last(self) -> dict[str, Any] | None:
        """The chunk after the end, as OpenAI has it: the usage and no choices; None where none was told."""
        usage = usage_entry(self._usage) if self._usage is not None else None
        return None if usage is None else self._chunk({}) | {"choices": [], "usage": usage}

    def _rare(self, event: StreamEvent) -> dict[str, Any] | None:
        if isinstance(event, Finished):
            return self._chunk({}, event.reason)
        if isinstance(event, UsageReported):
            self._usage = event.usage
            return None
        if isinstance(event, Noted):
            return self._chunk({}) | {"notes": [note_entry(event)]}
        if isinstance(event, OpaqueReceived):
            return self._chunk(self._opaque(OpaquePart(event.provider, event.data)))
        if isinstance(event, ImageReceived):
            return None if event.preview else self._chunk({"images": [self._image(event)]})
        if isinstance(event, Started):
            self._provider, self._model = event.provider, event.model
        return self._chunk({"role": "assistant", "content": ""})

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        identity, created = self._head
        return {
            "id": identity,
            "object": "chat.completion.chunk",
            "created": created,
            "model": self._model,
            "provider": self._provider,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }

    def _call(self, event: ToolCallDelta) -> dict[str, Any]:
        place = self._places.get(event.index)
        if place is not None:
            return {"index": place, "function": {"arguments": event.arguments}}
        place = self._places[event.index] = len(self._places)
        self._ends.enter()
        return {
            "index": place,
            "id": event.id,
            "type": "function",
            "function": {"name": event.name, "arguments": event.arguments},
        }

    def _opaque(self, part: OpaquePart) -> dict[str, Any]:
        if self._ends.takes(part.provider):
            last = len(self._places) - 1
            return {"tool_calls": [{"index": last, "extra_content": {part.provider: part.data}}]}
        cursors = (self._reasoning, self._content, self._images, len(self._places))
        return {"reasoning_details": [_opaque_entry(part, cursors)]}

    def _image(self, event: ImageReceived) -> dict[str, Any]:
        self._images += 1
        self._ends.leave()
        return _image_part(event.mime, event.data)


def usage_entry(usage: Usage | None) -> dict[str, Any] | None:
    """Tokens in OpenAI's words, None for each that the provider did not count; None where it counted none."""
    if usage is None or usage == Usage():
        return None
    given, answered = usage.input_tokens, usage.output_tokens
    return {
        "prompt_tokens": given,
        "completion_tokens": answered,
        "total_tokens": given + answered if given is not None and answered is not None else None,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def note_entry(note: Noted) -> dict[str, str]:
    """What became of a parameter."""
    return {"parameter": note.parameter, "sentence": note.sentence}


def image_entry(image: MediaPart) -> dict[str, Any]:
    """An image as the seed gives it."""
    return {"data": image.data, "mime_type": image.mime}


class _CallEnds:
    """Whether an opaque part can ride in the tool call before it: right behind it, one for each provider."""

    def __init__(self) -> None:
        self._behind_a_call = False
        self._taken: set[str] = set()

    def enter(self) -> None:
        """A tool call begins."""
        self._behind_a_call = True
        self._taken.clear()

    def leave(self) -> None:
        """Something else came."""
        self._behind_a_call = False

    def takes(self, provider: str) -> bool:
        """Whether it can, from now on it has."""
        if self._behind_a_call and provider not in self._taken:
            self._taken.add(provider)
            return True
        self._behind_a_call = False
        return False


class _MessageShape:
    """A message that grows part by part."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._images: list[dict[str, Any]] = []
        self._calls: list[dict[str, Any]] = []
        self._details: list[dict[str, Any]] = []
        self._ends = _CallEnds()

    def text(self, text: str) -> None:
        self._texts.append(text)
        self._ends.leave()

    def thought(self, text: str) -> None:
        self._thoughts.append(text)
        self._ends.leave()

    def image(self, image: MediaPart) -> None:
        self._images.append(_image_part(image.mime, image.data, image.detail))
        self._ends.leave()

    def call(self, call: ToolCallPart) -> None:
        function = {"name": call.name, "arguments": call.arguments}
        self._calls.append({"id": call.id, "type": "function", "function": function})
        self._ends.enter()

    def opaque(self, part: OpaquePart) -> None:
        if self._ends.takes(part.provider):
            self._calls[-1].setdefault("extra_content", {})[part.provider] = part.data
            return
        cursors = (
            sum(map(len, self._thoughts)),
            sum(map(len, self._texts)),
            len(self._images),
            len(self._calls),
        )
        self._details.append(_opaque_entry(part, cursors))

    def entry(self) -> dict[str, Any]:
        text = "".join(self._texts)
        entry: dict[str, Any] = {"role": "assistant", "content": None if self._calls and not text else text}
        beside: Mapping[str, Any] = {
            "tool_calls": self._calls,
            "reasoning_content": "".join(self._thoughts),
            "reasoning_details": self._details,
            "images": self._images,
        }
        return entry | {name: value for name, value in beside.items() if value}


def _opaque_entry(part: OpaquePart, cursors: tuple[int, ...]) -> dict[str, Any]:
    after = {name: count for name, count in zip(CURSORS, cursors, strict=True) if count}
    return {"type": OPAQUE, "provider": part.provider, "data": part.data, "after": after}


def _image_part(mime: str, data: bytes, detail: str = "") -> dict[str, Any]:
    image = {"url": f"data:{mime};base64,{b2a_base64(data, newline=False).decode()}"}
    return {"type": "image_url", "image_url": image | ({"detail": detail} if detail else {})}
