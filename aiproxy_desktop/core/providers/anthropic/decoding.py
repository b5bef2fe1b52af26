"""Anthropic's messages to events: the stream, and the one JSON value of a server that does not stream."""

from __future__ import annotations

from typing import Any

import msgspec

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.events import (
    FinishReason,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import SseDecoder
from aiproxy_desktop.core.providers.anthropic.thoughts import redacted, signed
from aiproxy_desktop.core.wire_json import decode_json

# A turn that the service paused is as whole as it gets: the rest would be another answer.
_FINISH_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}
_NOTHING = msgspec.Raw(b"")
_NO_INPUT = ("", "{}", "null")


class _Thoughts(msgspec.Struct, gc=False):
    thinking_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    output_tokens_details: _Thoughts | None = None


class _StopDetails(msgspec.Struct, gc=False):
    category: str | None = None
    explanation: str | None = None


class _Delta(msgspec.Struct, gc=False):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    stop_reason: str | None = None
    stop_details: _StopDetails | None = None


class _Block(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = _NOTHING


class _Message(msgspec.Struct, gc=False):
    type: str = ""
    content: list[_Block] | None = None
    stop_reason: str | None = None
    stop_details: _StopDetails | None = None
    usage: _Usage | None = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    index: int = 0
    delta: _Delta | None = None
    content_block: _Block | None = None
    message: _Message | None = None
    usage: _Usage | None = None


_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_event_decoder = msgspec.json.Decoder(_Event)
_message_decoder = msgspec.json.Decoder(_Message)


class MessagesDecoder(AnswerDecoder):
    """One message. A stop reason makes it whole; `message_stop` says that nothing follows.

    `model` is the name that was asked for: a thought is signed for the model that had it. Blocks of the
    service's own tools (web search and the like) and citations are read over.
    """

    def __init__(self, fail: Fail, model: str = "") -> None:
        super().__init__(SseDecoder(), fail)
        self._model = model
        self._answered = False
        # Numbers of blocks on the wire that are tool calls, to their numbers among the tool calls.
        self._calls: dict[int, int] = {}
        # By the same numbers: arguments that came with the start of a call, until pieces of them come.
        self._whole_inputs: dict[int, str] = {}
        self._counted = _Usage()

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one event."""
        if not data or data.isspace():
            return
        event = decode_json(_event_decoder, data)
        if event.type == "content_block_delta":
            if event.delta is not None:
                self._take_delta(event.index, event.delta, events)
        elif event.type == "content_block_start":
            if event.content_block is not None:
                self._take_block(event.index, event.content_block, events)
        elif event.type == "error":
            raise self._fail(read_refusal(data) or Refusal())
        elif event.type == "content_block_stop":
            self._give_input(event.index, events)
        else:
            self._take_frame(event, events)

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read a message that came as one JSON value.

        Raises:
            ProtocolError: it is not a message.
        """
        message = decode_json(_message_decoder, body)
        if message.content is None or message.type not in {"message", ""}:
            raise ProtocolError("The answer is not a message", "It is JSON of another kind.")
        self._count(message.usage)
        for index, block in enumerate(message.content):
            self._take_block(index, block, events)
            self._give_input(index, events)
        self._finish(message.stop_reason or "end_turn", message.stop_details)

    def _take_delta(self, index: int, delta: _Delta, events: list[StreamEvent]) -> None:
        if delta.text:
            self._answered = True
            events.append(TextDelta(delta.text))
        elif delta.thinking:
            events.append(ReasoningDelta(delta.thinking))
        elif delta.partial_json:
            call = self._calls.get(index)
            if call is not None:
                self._whole_inputs.pop(index, None)
                events.append(ToolCallDelta(call, arguments=delta.partial_json))
        elif delta.signature:
            events.append(OpaqueReceived("anthropic", signed(delta.signature, self._model)))

    def _take_block(self, index: int, block: _Block, events: list[StreamEvent]) -> None:
        """The start of a block; some servers put all of it here."""
        if block.type == "text":
            self._answered = True
            if block.text:
                events.append(TextDelta(block.text))
        elif block.type == "thinking":
            if block.thinking:
                events.append(ReasoningDelta(block.thinking))
            if block.signature:
                events.append(OpaqueReceived("anthropic", signed(block.signature, self._model)))
        elif block.type == "tool_use":
            self._answered = True
            call = self._calls[index] = len(self._calls)
            events.append(ToolCallDelta(call, block.id or "", block.name or ""))
            # The service gives an empty object here and the arguments in pieces after it.
            self._whole_inputs[index] = bytes(block.input).decode()
        elif block.type == "redacted_thinking" and block.data:
            events.append(OpaqueReceived("anthropic", redacted(block.data, self._model)))

    def _give_input(self, index: int, events: list[StreamEvent]) -> None:
        """The arguments of a call that ends, where they came with its start and not in pieces."""
        arguments = self._whole_inputs.pop(index, "")
        if arguments not in _NO_INPUT:
            events.append(ToolCallDelta(self._calls[index], arguments=arguments))

    def _take_frame(self, event: _Event, events: list[StreamEvent]) -> None:
        if event.type in {"message_delta", "message_stop"}:
            for index in tuple(self._whole_inputs):
                self._give_input(index, events)
        if event.type == "message_delta":
            self._count(event.usage)
            if event.delta is not None and event.delta.stop_reason:
                self._finish(event.delta.stop_reason, event.delta.stop_details)
        elif event.type == "message_start":
            if event.message is not None:
                self._count(event.message.usage)
        elif event.type == "message_stop":
            self.complete = True
            if self.finish is None and self._answered:
                self.finish = "stop"

    def _finish(self, reason: str, details: _StopDetails | None) -> None:
        if reason == "refusal":
            named = details.category or details.explanation if details is not None else None
            raise self.blocked(named or "refusal")
        self.finish = _FINISH_REASONS.get(reason, "stop")

    def _count(self, usage: _Usage | None) -> None:
        """Later counts replace earlier ones; those that are not said again stand."""
        if usage is None:
            return
        for name in _Usage.__struct_fields__:
            value = getattr(usage, name)
            if value is not None:
                setattr(self._counted, name, value)
        self.usage = _usage(self._counted)


def _usage(counted: _Usage) -> Usage:
    """The service counts what it read from the cache, and wrote to it, apart from the other input."""
    given = (counted.input_tokens, counted.cache_creation_input_tokens, counted.cache_read_input_tokens)
    known = [count for count in given if count is not None]
    details = counted.output_tokens_details
    return Usage(
        sum(known) if known else None,
        counted.output_tokens,
        counted.cache_read_input_tokens,
        details.thinking_tokens if details is not None else None,
    )
