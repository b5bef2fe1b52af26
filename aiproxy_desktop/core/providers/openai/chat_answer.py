"""Chat completions: reading the answer, from OpenAI and from every server that resembles it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from aiproxy_desktop.core.answer import MOST_WORDS, AnswerDecoder, Fail
from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.events import (
    FinishReason,
    ImageReceived,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    Usage,
)
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import MAX_FRAME_BYTES, SseDecoder
from aiproxy_desktop.core.providers.openai.calls import ToolCalls
from aiproxy_desktop.core.providers.openai.dialect import ReturnedReasoning
from aiproxy_desktop.core.wire_json import decode_json

# An image travels in one piece: ten megabytes of it are thirteen in base64.
IMAGE_FRAME_BYTES = 4 * MAX_FRAME_BYTES

_FINISH_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


class _Delta(msgspec.Struct, gc=False):
    # Any, since a few servers send lists of parts where the rest send text.
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None
    images: Any = None
    reasoning_details: Any = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None
    object: Any = None
    message: Any = None


_chunk_decoder = msgspec.json.Decoder(_Chunk)


class ChatCompletionDecoder(AnswerDecoder):
    """Chunks of a chat completion to events.

    The answer is whole once a finish reason or `[DONE]` came; a server may leave out either.
    """

    def __init__(
        self,
        fail: Fail,
        provider: str = "openai",
        returned_reasoning: ReturnedReasoning = "",
        frame_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        super().__init__(SseDecoder(frame_bytes), fail)
        self._provider = provider
        self._returned = returned_reasoning
        self._answered = False
        self._thought = False
        self._details: list[Any] = []
        self._refused = ""
        self._calls = ToolCalls()

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one chunk."""
        if data[:6] == b"[DONE]":
            self.complete = True
            if self.finish is None and self._answered:
                self._finish("stop", events)
            return
        if not data or data.isspace():
            return
        chunk = decode_json(_chunk_decoder, data)
        if chunk.choices:
            choice = chunk.choices[0]
            if chunk.error:  # routers end a broken answer with both; the reason tells less than the error
                choice.finish_reason = None
            self._take_choice(choice, events)
        if chunk.error or (chunk.object == "error" and not chunk.choices):
            raise self._fail(read_refusal(data) or Refusal())
        if chunk.usage:
            self.usage = _usage(chunk.usage) or self.usage

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read a completion from a server that does not stream."""
        self.decode_frame(body, events)
        if self.finish is None and self._answered:
            self._finish("stop", events)

    def _take_choice(self, choice: _Choice, events: list[StreamEvent]) -> None:
        self._answered = True
        delta = choice.delta or choice.message
        if delta is not None:
            thought = delta.reasoning_content or delta.reasoning
            if thought:
                self._thought = True
                _add(thought, ReasoningDelta, events)
            content = delta.content
            if type(content) is str:
                if content:
                    events.append(TextDelta(content))
            elif content:
                _add(content, TextDelta, events)
            if delta.refusal and isinstance(delta.refusal, str):
                self._refused = (self._refused + delta.refusal)[:MOST_WORDS]
            if delta.tool_calls or delta.function_call or delta.images or delta.reasoning_details:
                self._take_rest(delta, events)
        if choice.finish_reason:
            self._finish(choice.finish_reason, events)

    def _take_rest(self, delta: _Delta, events: list[StreamEvent]) -> None:
        if self._returned == "reasoning_details" and isinstance(delta.reasoning_details, list):
            self._details += delta.reasoning_details
        for image in delta.images if isinstance(delta.images, list) else ():
            _add_image(image, events)
        if delta.tool_calls or delta.function_call:
            if self._thought and not self._calls and self._returned == "reasoning_content":
                events.append(OpaqueReceived(self._provider, "{}"))
            self._calls.take(delta.tool_calls, events)
            self._calls.take_legacy(delta.function_call, events)

    def _finish(self, reason: str, events: list[StreamEvent]) -> None:
        if reason == "content_filter":
            raise self.blocked("content filter")
        if reason == "error":
            raise self._fail(Refusal())
        self._calls.close(events)
        if self._refused:  # at the end, since it comes in pieces
            raise self.declined(self._refused)
        if self._details:
            details = json.dumps(_joined(self._details), ensure_ascii=False)
            events.append(OpaqueReceived(self._provider, details))
            self._details = []
        finish = _FINISH_REASONS.get(reason, "stop")
        self.finish = "tool_calls" if finish == "stop" and self._calls else finish


def _add(value: Any, kind: type[TextDelta] | type[ReasoningDelta], events: list[StreamEvent]) -> None:
    """Text, or a list of parts (`text`, `thinking` holding parts of its own, `image_url`) as events."""
    if isinstance(value, str):
        events.append(kind(value))
    elif isinstance(value, list):
        for part in value:
            if not isinstance(part, Mapping):
                continue
            if part.get("type") == "thinking":
                _add(part.get("thinking"), ReasoningDelta, events)
            elif part.get("type") == "image_url":
                _add_image(part, events)
            elif part.get("text"):
                _add(part["text"], kind, events)


def _add_image(image: Any, events: list[StreamEvent]) -> None:
    """An image as OpenRouter sends it, `{"image_url": {"url": a data URL}}`. A link is told as text."""
    place = image.get("image_url") if isinstance(image, Mapping) else None
    url = place.get("url") if isinstance(place, Mapping) else place
    if not isinstance(url, str) or not url:
        return
    if not url.startswith("data:"):
        events.append(TextDelta(f"\n{url}\n"))
        return
    head, _, text = url[5:].partition(",")
    events.append(ImageReceived(head.partition(";")[0] or "image/png", image_bytes(text)))


def image_bytes(text: str) -> bytes:
    """The bytes of an image in base64.

    Raises:
        ProtocolError: it is not base64.
    """
    import binascii

    try:
        return binascii.a2b_base64(text, strict_mode=False)
    except ValueError:
        raise ProtocolError(
            "The answer holds an image that cannot be read", "It is not the base64 it should be."
        ) from None


def _joined(details: list[Any]) -> list[dict[str, Any]]:
    """Pieces of OpenRouter's reasoning details as whole ones: those of one index and type belong together."""
    whole: list[dict[str, Any]] = []
    for piece in details:
        if not isinstance(piece, Mapping):
            continue
        last = whole[-1] if whole else {}
        if piece.get("index") is None or any(last.get(key) != piece.get(key) for key in ("index", "type")):
            whole.append(dict(piece))
            continue
        for name, value in piece.items():
            if name in ("text", "summary", "data") and isinstance(last.get(name), str):
                last[name] += value if isinstance(value, str) else ""
            elif value is not None:
                last[name] = value
    return whole


def _usage(value: Any) -> Usage | None:
    """Counts; DeepSeek tells those of its cache in a field of its own."""
    if not isinstance(value, Mapping):
        return None
    cached = count_in(value.get("prompt_tokens_details"), "cached_tokens")
    return Usage(
        count_in(value, "prompt_tokens"),
        count_in(value, "completion_tokens"),
        count_in(value, "prompt_cache_hit_tokens") if cached is None else cached,
        count_in(value.get("completion_tokens_details"), "reasoning_tokens"),
    )


def count_in(value: Any, name: str) -> int | None:
    """A count of tokens in an object that may be none."""
    count = value.get(name) if isinstance(value, Mapping) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None
