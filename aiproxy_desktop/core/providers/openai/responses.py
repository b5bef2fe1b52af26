"""OpenAI's Responses interface: writing the request. Nothing is stored there; all that was said is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaPart,
    Message,
    OpaquePart,
    ResponseFormat,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from aiproxy_desktop.core.model_rules import openai_model
from aiproxy_desktop.core.providers.openai.dialect import ChatDialect
from aiproxy_desktop.core.providers.openai.parts import (
    audio_format,
    base64_text,
    data_url,
    file_name,
    function_fields,
    opaque_value,
    unsupported,
    with_extra,
)
from aiproxy_desktop.core.text_documents import document_text

# The least that `max_output_tokens` may be (OpenAI's reference of the interface).
LEAST_OUTPUT_TOKENS = 16

# Fields of chat completions that live elsewhere here.
_PLACES: dict[str, tuple[str, ...]] = {
    "max_tokens": ("max_output_tokens",),
    "max_completion_tokens": ("max_output_tokens",),
    "reasoning_effort": ("reasoning", "effort"),
    "verbosity": ("text", "verbosity"),
}


class ResponsesWriter:
    """Writes requests. `provider` is the id under which its own reasoning items are known."""

    def __init__(self, provider: str, label: str, dialect: ChatDialect) -> None:
        self._provider = provider
        self._label = label
        self._dialect = dialect

    def body(self, request: CompletionRequest, refused: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The JSON body; `refused` are fields of it that this model is known not to take.

        Raises:
            UnsupportedError: a part that the interface has no way to take.
        """
        system, turns = _leading_system(request.messages)
        body: dict[str, Any] = {"model": request.model}
        if system:
            body["instructions"] = system
        body["input"] = list(self._input(request.model, turns))
        body |= {"stream": True, "store": False}
        if request.max_tokens is not None:
            body["max_output_tokens"] = request.max_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        body |= _tools(request)
        if request.response_format is not None:
            body["text"] = {"format": _format(request.response_format)}
        body |= _reasoning(request, refused)
        return with_extra(body, _placed(request.extra))

    def _input(self, model: str, turns: tuple[Message, ...]) -> Iterator[dict[str, Any]]:
        # An image that a model made goes along with the next question: no answer sent back can hold it.
        made: list[dict[str, Any]] = []
        for turn in turns:
            if turn.role == "tool":
                for part in turn.parts:
                    if isinstance(part, ToolResultPart):
                        yield {
                            "type": "function_call_output",
                            "call_id": part.call_id,
                            "output": part.content,
                        }
            elif turn.role == "assistant":
                yield from self._assistant(turn)
                made += [_image(part) for part in turn.parts if isinstance(part, MediaPart)]
            else:
                content = [*made, *self._content(model, turn)]
                made = []
                role = "developer" if turn.role == "system" else "user"
                yield {"type": "message", "role": role, "content": content}

    def _assistant(self, turn: Message) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        for part in turn.parts:
            if isinstance(part, TextPart) and part.text:
                text = {"type": "output_text", "text": part.text}
                if items and items[-1]["type"] == "message":
                    items[-1]["content"].append(text)
                else:
                    items.append({"type": "message", "role": "assistant", "content": [text]})
            elif isinstance(part, ToolCallPart):
                call = {"call_id": part.id, "name": part.name, "arguments": part.arguments}
                items.append({"type": "function_call", **call})
            elif isinstance(part, OpaquePart) and part.provider == self._provider:
                item = opaque_value(part.data)
                if isinstance(item, dict) and item.get("type") == "reasoning":
                    items.append(item)
        # Reasoning that nothing came of (an answer broken off) would be refused.
        while items and items[-1]["type"] == "reasoning":
            items.pop()
        return items

    def _content(self, model: str, turn: Message) -> Iterator[dict[str, Any]]:
        for part in turn.parts:
            if isinstance(part, TextPart):
                if part.text:
                    yield {"type": "input_text", "text": part.text}
            elif isinstance(part, HostedMediaPart):
                yield _hosted(part)
            elif isinstance(part, MediaPart):
                written = self._media(part)
                if written is None:
                    raise unsupported(self._provider, self._label, model, part)
                yield written

    def _media(self, part: MediaPart) -> dict[str, Any] | None:
        text = document_text(part)
        if text is not None:
            return {"type": "input_text", "text": text}
        if part.kind == "image":
            return _image(part)
        if part.kind == "document":
            written = {"type": "input_file", "filename": file_name(part), "file_data": data_url(part)}
            return written | _detail(part)
        kind, taken = audio_format(part.mime), self._dialect.audio_formats
        if part.kind == "audio" and (not taken or kind in taken):
            return {"type": "input_audio", "input_audio": {"data": base64_text(part.data), "format": kind}}
        return None


def _leading_system(messages: tuple[Message, ...]) -> tuple[str, tuple[Message, ...]]:
    """The system text before the first turn, and what follows: a later one keeps its place."""
    first = next((place for place, message in enumerate(messages) if message.role != "system"), len(messages))
    return "\n\n".join(message.text for message in messages[:first]), messages[first:]


def _image(part: MediaPart) -> dict[str, Any]:
    return {"type": "input_image", "detail": part.detail or "auto", "image_url": data_url(part)}


def _hosted(part: HostedMediaPart) -> dict[str, Any]:
    if part.kind == "image":
        return {"type": "input_image", "detail": part.detail or "auto", "file_id": part.uri}
    return {"type": "input_file", "file_id": part.uri} | _detail(part)


def _detail(part: MediaPart | HostedMediaPart) -> dict[str, Any]:
    """For a document, which knows no `original`."""
    return {"detail": part.detail} if part.detail in {"auto", "low", "high"} else {}


def _tools(request: CompletionRequest) -> dict[str, Any]:
    tools = [_tool(tool) if isinstance(tool, Tool) else tool.spec for tool in request.tools]
    named = any(tool.get("type") == "image_generation" for tool in tools)
    if request.images and not named:
        tools.append({"type": "image_generation"})
    fields: dict[str, Any] = {"tools": tools} if tools else {}
    if request.tool_choice is not None:
        fields["tool_choice"] = _choice(request.tool_choice)
    return fields


def _tool(tool: Tool) -> Mapping[str, Any]:
    # Strict is the default here, and refuses most schemas that were not written for it.
    return {"type": "function", **function_fields(tool), "strict": bool(tool.strict)}


def _choice(choice: ToolChoice) -> Any:
    return {"type": "function", "name": choice.name} if choice.name else choice.mode


def _format(wanted: ResponseFormat) -> dict[str, Any]:
    if wanted.kind == "json_object":
        return {"type": "json_object"}
    schema: dict[str, Any] = {"type": "json_schema", "name": wanted.name, "schema": wanted.schema or {}}
    return schema if wanted.strict is None else {**schema, "strict": wanted.strict}


def _reasoning(request: CompletionRequest, refused: frozenset[str]) -> dict[str, Any]:
    """The effort, a summary to read, and the thoughts themselves, encrypted, to send back next time."""
    facts = openai_model(request.model)
    reasoning: dict[str, Any] = {}
    if request.effort is not None:
        reasoning["effort"] = request.effort
    if facts.summaries and request.effort != "none" and "reasoning.summary" not in refused:
        reasoning["summary"] = "auto"
    fields: dict[str, Any] = {"reasoning": reasoning} if reasoning else {}
    if facts.reasons and "include" not in refused:
        fields["include"] = ["reasoning.encrypted_content"]
    return fields


def _placed(extra: Mapping[str, Any]) -> dict[str, Any]:
    """A caller's own fields, those of chat completions where this interface has them."""
    placed: dict[str, Any] = {}
    for name, value in extra.items():
        *outer, last = _PLACES.get(name, (name,))
        fields: dict[str, Any] = {last: value}
        for key in reversed(outer):
            fields = {key: fields}
        with_extra(placed, fields)
    return placed
