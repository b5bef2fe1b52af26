"""OpenAI's Responses interface: reading the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from aiproxy_desktop.core.answer import MOST_WORDS, AnswerDecoder, Fail
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import (
    ImageReceived,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from aiproxy_desktop.core.failures import Refusal
from aiproxy_desktop.core.framing import SseDecoder
from aiproxy_desktop.core.providers.openai.chat_answer import IMAGE_FRAME_BYTES, count_in, image_bytes
from aiproxy_desktop.core.wire_json import decode_json

# Codes of errors that are refusals of the content (openai-python, `responses/response_error.py`).
_BLOCKED = frozenset(
    {"invalid_prompt", "bio_policy", "misalignment_policy_violation", "image_content_policy_violation"}
)

# Fields of a reasoning item that are sent back.
_KEPT = ("type", "id", "summary", "encrypted_content")

_Events: TypeAlias = list[StreamEvent]


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    delta: Any = None
    output_index: int = 0
    summary_index: int = 0
    item: Any = None
    response: Any = None
    arguments: Any = None
    refusal: Any = None
    partial_image_b64: Any = None
    output_format: Any = None
    error: Any = None
    code: Any = None
    message: Any = None


_event_decoder = msgspec.json.Decoder(_Event)
_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class ResponsesDecoder(AnswerDecoder):
    """Events of a response to ours. Kinds that are not known are read over."""

    def __init__(self, fail: Fail, provider: str = "openai") -> None:
        super().__init__(SseDecoder(IMAGE_FRAME_BYTES), fail)
        self._provider = provider
        # By `output_index`: what came of an item in pieces, the numbers of its tool calls, its refusal.
        self._said: set[int] = set()
        self._calls: dict[int, int] = {}
        self._refused: dict[int, str] = {}
        self._image_error: AIProxyError | None = None
        self._answered = False
        self._readers: dict[str, Callable[[_Event, _Events], None]] = {
            "response.output_text.delta": self._text,
            "response.refusal.delta": self._refusal,
            "response.refusal.done": self._refusal,
            "response.reasoning_summary_text.delta": self._reasoning,
            "response.reasoning_text.delta": self._reasoning,
            "response.reasoning_summary_part.added": self._next_summary,
            "response.function_call_arguments.delta": self._arguments,
            "response.function_call_arguments.done": self._all_arguments,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.image_generation_call.partial_image": self._preview,
            "response.completed": self._completed,
            "response.incomplete": self._completed,
            "response.failed": self._failed,
            "response.cancelled": self._failed,
            "error": self._failed,
        }

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one event."""
        if not data or data.isspace() or data[:6] == b"[DONE]":
            return
        event = decode_json(_event_decoder, data)
        reader = self._readers.get(event.type)
        if reader is not None:
            reader(event, events)
        elif event.error and not event.type:
            self._failed(event, events)

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read a response that came as one JSON value."""
        response = decode_json(_any_decoder, body)
        if isinstance(response, Mapping):
            self._finish(response, events)

    def _text(self, event: _Event, events: _Events) -> None:
        if event.delta and isinstance(event.delta, str):
            self._said.add(event.output_index)
            self._answered = True
            events.append(TextDelta(event.delta))

    def _refusal(self, event: _Event, _events: _Events) -> None:
        """A piece of the model's refusal, or at its end all of it."""
        if event.refusal and isinstance(event.refusal, str):
            self._refused[event.output_index] = event.refusal
        elif event.delta and isinstance(event.delta, str):
            words = self._refused.get(event.output_index, "") + event.delta
            self._refused[event.output_index] = words[:MOST_WORDS]

    def _reasoning(self, event: _Event, events: _Events) -> None:
        if event.delta and isinstance(event.delta, str):
            self._said.add(event.output_index)
            events.append(ReasoningDelta(event.delta))

    def _next_summary(self, event: _Event, events: _Events) -> None:
        """Each part of a summary is a paragraph of its own."""
        if event.summary_index > 0 and event.output_index in self._said:
            events.append(ReasoningDelta("\n\n"))

    def _item_added(self, event: _Event, events: _Events) -> None:
        item = event.item
        if isinstance(item, Mapping) and item.get("type") == "function_call":
            self._call(event.output_index, item, events)

    def _arguments(self, event: _Event, events: _Events) -> None:
        number = self._calls.get(event.output_index)
        if number is not None and event.delta and isinstance(event.delta, str):
            self._said.add(event.output_index)
            events.append(ToolCallDelta(number, arguments=event.delta))

    def _all_arguments(self, event: _Event, events: _Events) -> None:
        """Those of a call that did not come in pieces."""
        number = self._calls.get(event.output_index)
        if number is not None and event.output_index not in self._said and isinstance(event.arguments, str):
            self._said.add(event.output_index)
            events.append(ToolCallDelta(number, arguments=event.arguments))

    def _item_done(self, event: _Event, events: _Events) -> None:
        if isinstance(event.item, Mapping):
            self._item(event.output_index, event.item, events)

    def _item(self, place: int, item: Mapping[str, Any], events: _Events) -> None:
        """A whole item: what of it did not come in pieces, and what must come back with the next turn."""
        kind = item.get("type")
        if kind == "reasoning":
            self._thought(place, item, events)
        elif kind == "function_call":
            self._call(place, item, events)
        elif kind == "image_generation_call":
            self._image(item, events)
        elif kind == "message":
            self._message(place, item.get("content"), events)

    def _message(self, place: int, content: Any, events: _Events) -> None:
        refusal = "".join(_texts(content, "refusal"))
        if refusal:
            self._refused[place] = refusal
        for text in _texts(content) if place not in self._said else ():
            self._answered = True
            events.append(TextDelta(text))

    def _thought(self, place: int, item: Mapping[str, Any], events: _Events) -> None:
        if place not in self._said:
            text = "\n\n".join(_texts(item.get("summary")) or _texts(item.get("content")))
            if text:
                events.append(ReasoningDelta(text))
        # Without its content it could only be sent back to where it is stored, and nothing is.
        if item.get("encrypted_content"):
            kept = {name: item[name] for name in _KEPT if name in item}
            events.append(OpaqueReceived(self._provider, json.dumps(kept, ensure_ascii=False)))

    def _call(self, place: int, item: Mapping[str, Any], events: _Events) -> None:
        arguments = item.get("arguments")
        arguments = arguments if isinstance(arguments, str) else ""
        if place not in self._calls:
            self._calls[place] = len(self._calls)
            names = [str(item.get(name) or "") for name in ("call_id", "name")]
            call_id = names[0] or str(item.get("id") or f"call_{place}")
            events.append(ToolCallDelta(self._calls[place], call_id, names[1], arguments))
        elif place not in self._said and arguments:
            events.append(ToolCallDelta(self._calls[place], arguments=arguments))
        else:
            return
        if arguments:
            self._said.add(place)

    def _image(self, item: Mapping[str, Any], events: _Events) -> None:
        data = item.get("result")
        if isinstance(data, str) and data:
            self._answered = True
            events.append(ImageReceived(_mime(item.get("output_format")), image_bytes(data)))
        elif isinstance(item.get("error"), Mapping):
            self._image_error = self._error(item["error"])

    def _preview(self, event: _Event, events: _Events) -> None:
        if isinstance(event.partial_image_b64, str) and event.partial_image_b64:
            data = image_bytes(event.partial_image_b64)
            events.append(ImageReceived(_mime(event.output_format), data, preview=True))

    def _completed(self, event: _Event, _events: _Events) -> None:
        response = event.response if isinstance(event.response, Mapping) else {}
        self._end(response)

    def _finish(self, response: Mapping[str, Any], events: _Events) -> None:
        output = response.get("output")
        for place, item in enumerate(output if isinstance(output, list) else ()):
            if isinstance(item, Mapping):
                self._item(place, item, events)
        if response.get("status") in {"failed", "cancelled"}:
            raise self._error(response.get("error"))
        if output or response.get("status"):
            self._end(response)

    def _end(self, response: Mapping[str, Any]) -> None:
        self.usage = _usage(response.get("usage"))
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, Mapping) else None
        if self._refused:
            raise self.declined(" ".join(self._refused.values()))
        if reason == "content_filter":
            raise self.blocked("content filter")
        if self._image_error is not None and not self._answered:
            raise self._image_error
        if reason in {"max_output_tokens", "max_messages"}:
            self.finish = "length"
        else:
            self.finish = "tool_calls" if self._calls else "stop"
        self.complete = True

    def _failed(self, event: _Event, _events: _Events) -> None:
        """`error` says it in the event or in an object of it, `response.failed` in its response."""
        response = event.response if isinstance(event.response, Mapping) else {}
        error = response.get("error") or event.error
        raise self._error(error or {"message": event.message, "code": event.code})

    def _error(self, error: Any) -> AIProxyError:
        if not isinstance(error, Mapping):
            return self._fail(Refusal(error if isinstance(error, str) else ""))
        codes = [str(error[name]).lower() for name in ("code", "type") if error.get(name)]
        message = error.get("message")
        if not _BLOCKED.isdisjoint(codes):
            return self.blocked(codes[0].replace("_", " "))
        return self._fail(Refusal(message if isinstance(message, str) else "", tuple(codes)))


def _texts(parts: Any, name: str = "text") -> list[str]:
    """The texts (or refusals) of a list of content or summary parts."""
    found = [
        part.get(name) for part in (parts if isinstance(parts, list) else ()) if isinstance(part, Mapping)
    ]
    return [text for text in found if text and isinstance(text, str)]


def _mime(output_format: Any) -> str:
    names = {"svg": "image/svg+xml", "jpg": "image/jpeg"}
    kind = output_format if isinstance(output_format, str) and output_format else "png"
    return names.get(kind, f"image/{kind}")


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    return Usage(
        count_in(value, "input_tokens"),
        count_in(value, "output_tokens"),
        count_in(value.get("input_tokens_details"), "cached_tokens"),
        count_in(value.get("output_tokens_details"), "reasoning_tokens"),
    )
