"""Ollama's /api/chat: a request as its JSON body, and the lines of the answer as events."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.events import (
    FinishReason,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import JsonLinesDecoder
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaPart,
    Message,
    NativeTool,
    Part,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.text_documents import document_text
from aiproxy_desktop.core.wire_json import decode_json, sound_json, sound_text

# What stands in `options` instead of beside it (`api.Options` and `api.Runner` of Ollama's source).
OPTION_NAMES = frozenset(
    {
        *("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "use_mlock", "num_thread", "numa"),
        *("low_vram", "num_keep", "num_predict", "seed", "temperature", "top_k", "top_p", "min_p"),
        *("typical_p", "tfs_z", "repeat_last_n", "repeat_penalty", "presence_penalty"),
        *("frequency_penalty", "penalize_newline", "mirostat", "mirostat_tau", "mirostat_eta", "stop"),
    }
)
RESERVED_NAMES = frozenset({"model", "messages", "stream"})


def chat_body(request: CompletionRequest, context: int, think: bool | str | None) -> dict[str, Any]:
    """The JSON body. `context` is in tokens; `think` None leaves it to the model.

    Raises:
        InvalidRequestError: the arguments of a tool call in the conversation are not a JSON object.
    """
    options: dict[str, Any] = {"num_ctx": context}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if request.max_tokens is not None:
        options["num_predict"] = request.max_tokens
    body: dict[str, Any] = {
        "model": request.model,
        "messages": _messages(request.messages),
        "stream": True,
        "options": options,
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.response_format is not None:
        body["format"] = request.response_format.schema or "json"
    if think is not None:
        body["think"] = think
    return _with_extra(body, request.extra)


def _messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    written: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "tool":
            results = (part for part in message.parts if isinstance(part, ToolResultPart))
            written.extend(_result(part, names) for part in results)
        else:
            written.append(_turn(message))
    return written


def _turn(message: Message) -> dict[str, Any]:
    texts: list[str] = []
    images: list[str] = []
    calls: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            calls.append(_call(part))
        elif (text := _text_of(part)) is not None:
            texts.append(text)
        elif isinstance(part, MediaPart):
            # Sounds as well: the server tells them from images by their first bytes.
            images.append(b64encode(part.data).decode())
    turn: dict[str, Any] = {"role": message.role, "content": "\n\n".join(filter(None, texts))}
    if images:
        turn["images"] = images
    if calls:
        turn["tool_calls"] = calls
    return turn


def _text_of(part: Part) -> str | None:
    if isinstance(part, TextPart):
        return part.text
    return document_text(part) if isinstance(part, MediaPart) else None


def _call(part: ToolCallPart) -> dict[str, Any]:
    function = {"name": part.name, "arguments": arguments_object(part)}
    return {"id": part.id, "function": function} if part.id else {"function": function}


def _result(part: ToolResultPart, names: Mapping[str, str]) -> dict[str, Any]:
    result = {"role": "tool", "content": part.content}
    # Older servers read the name, newer ones the id as well.
    if name := part.name or names.get(part.call_id, ""):
        result["tool_name"] = name
    if part.call_id:
        result["tool_call_id"] = part.call_id
    return result


def arguments_object(part: ToolCallPart) -> msgspec.Raw:
    """The arguments of a call as they are, to stand in the body as a JSON object.

    Raises:
        InvalidRequestError: they are not a JSON object.
    """
    text = sound_json(sound_text(part.arguments.strip() or "{}").encode())
    try:
        _object_decoder.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestError(
            f"The arguments of the tool call “{part.name[:60]}” are not a JSON object",
            "Send the call as the model made it, or leave it out.",
        ) from None
    return msgspec.Raw(text)


def _tool(tool: Tool | NativeTool) -> Mapping[str, Any]:
    if isinstance(tool, NativeTool):
        return tool.spec
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters or {"type": "object", "properties": {}},
    }
    return {"type": "function", "function": function}


def _with_extra(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The body with fields of Ollama's own, options among them wherever they were put."""
    for name, value in extra.items():
        if name == "stop" and isinstance(value, str):
            body = _merged(body, {"options": {"stop": [value]}})
        elif name in OPTION_NAMES:
            body = _merged(body, {"options": {name: value}})
        elif name not in RESERVED_NAMES:
            body = _merged(body, {name: value})
    return body


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = _merged(below, value)  # noqa: PLW2901  # the same field, made whole
        merged[name] = value
    return merged


class _Function(msgspec.Struct, gc=False):
    name: str = ""
    arguments: msgspec.Raw = msgspec.Raw(b"{}")


class _Call(msgspec.Struct, gc=False):
    function: _Function
    id: str | None = None


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_Call] | None = None


class _Line(msgspec.Struct, gc=False):
    message: _Message | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: Any = None


_line_decoder = msgspec.json.Decoder(_Line)
_text_decoder = msgspec.json.Decoder(str)
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_FINISH_REASONS: dict[str, FinishReason] = {"length": "length"}


class OllamaChatDecoder(AnswerDecoder):
    """Lines of /api/chat to events. `done` ends the answer; tool calls come whole."""

    def __init__(self, fail: Fail) -> None:
        super().__init__(JsonLinesDecoder(), fail)
        self._calls = 0

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one line."""
        line = decode_json(_line_decoder, data)
        if line.error:
            raise self._fail(read_refusal(data) or Refusal())
        message = line.message
        if message is not None:
            if message.thinking:
                events.append(ReasoningDelta(message.thinking))
            if message.content:
                events.append(TextDelta(message.content))
            if message.tool_calls:
                self._take_calls(message.tool_calls, events)
        if line.done:
            if line.prompt_eval_count is not None or line.eval_count is not None:
                self.usage = Usage(line.prompt_eval_count, line.eval_count)
            usual: FinishReason = "tool_calls" if self._calls else "stop"
            self.finish = _FINISH_REASONS.get(line.done_reason or "", usual)
            self.complete = True

    def _take_calls(self, calls: Sequence[_Call], events: list[StreamEvent]) -> None:
        for call in calls:
            identity = call.id or f"call_{os.urandom(12).hex()}"
            arguments = _arguments_text(call.function.arguments)
            events.append(ToolCallDelta(self._calls, identity, call.function.name, arguments))
            self._calls += 1


def _arguments_text(raw: msgspec.Raw) -> str:
    """Byte by byte what the server sent, which is an object; or the text that an odd server put there."""
    data = bytes(raw)
    if data[:1] == b'"':
        return decode_json(_text_decoder, data) or "{}"
    return "{}" if data == b"null" else data.decode("utf-8", "replace")
