"""Chat completions: writing the request."""

from __future__ import annotations

from collections.abc import Iterator
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
    ToolChoice,
    ToolResultPart,
)
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

_TOOL_ID_ALPHABET = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class ChatWriter:
    """Writes requests for one server. `provider` is the id under which its opaque parts are known."""

    def __init__(self, provider: str, label: str, dialect: ChatDialect) -> None:
        self._provider = provider
        self._label = label
        self._dialect = dialect

    def body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body.

        Raises:
            UnsupportedError: a part that this server has no way to take.
        """
        dialect = self._dialect
        body: dict[str, Any] = {
            "model": request.model,
            "messages": list(self._messages(request)),
            "stream": True,
        }
        if dialect.usage_option:
            body["stream_options"] = {"include_usage": True}
        if request.max_tokens is not None:
            body[dialect.limit_field] = request.max_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.tools:
            body["tools"] = [_tool(tool) if isinstance(tool, Tool) else tool.spec for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = self._choice(request.tool_choice)
        if request.response_format is not None:
            body["response_format"] = _format(request.response_format)
        if request.effort is not None:
            body |= self._effort(request.effort)
        if request.images and dialect.images_out:
            body["modalities"] = ["image", "text"]
        return with_extra(body, request.extra)

    def _messages(self, request: CompletionRequest) -> Iterator[dict[str, Any]]:
        # No assistant turn can hold an image: those that a model made go along with the next question.
        made: list[dict[str, Any]] = []
        for message in request.messages:
            if message.role == "tool":
                yield from self._results(message)
            elif message.role == "assistant":
                yield self._assistant(message)
                made += self._made(message)
            elif message.role == "user":
                content = [*made, *(self._part(request.model, part) for part in _said(message))]
                made = []
                yield {"role": "user", "content": _content(content), **_speaker(message)}
            else:
                said = _content([_text(part) for part in _texts(message)])
                yield {"role": "system", "content": said, **_speaker(message)}

    def _results(self, message: Message) -> Iterator[dict[str, Any]]:
        for part in message.parts:
            if isinstance(part, ToolResultPart):
                yield {"role": "tool", "tool_call_id": self._tool_id(part.call_id), "content": part.content}

    def _assistant(self, message: Message) -> dict[str, Any]:
        texts = [_text(part) for part in _texts(message)]
        calls = [
            {
                "id": self._tool_id(call.id),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
        written: dict[str, Any] = {
            "role": "assistant",
            "content": _content(texts) if texts or not calls else None,
            **_speaker(message),
        }
        if calls:
            written["tool_calls"] = calls
        return written | self._reasoning(message)

    def _reasoning(self, message: Message) -> dict[str, Any]:
        """What this server wants back of its model's thoughts."""
        field = self._dialect.returned_reasoning
        for part in message.parts if field else ():
            if isinstance(part, OpaquePart) and part.provider == self._provider:
                own = opaque_value(part.data)
                if field == "reasoning_content":
                    return {field: message.reasoning}
                if isinstance(own, list):
                    return {field: own}
        return {}

    def _made(self, message: Message) -> Iterator[dict[str, Any]]:
        for part in message.parts if self._dialect.images else ():
            if isinstance(part, MediaPart) and part.kind == "image":
                yield _image(part)

    def _part(self, model: str, part: TextPart | MediaPart | HostedMediaPart) -> dict[str, Any]:
        if isinstance(part, TextPart):
            return _text(part)
        if isinstance(part, HostedMediaPart):
            return {"type": "file", "file": {"file_id": part.uri}}
        written = self._media(part)
        if written is None:
            raise unsupported(self._provider, self._label, model, part)
        return written

    def _media(self, part: MediaPart) -> dict[str, Any] | None:
        text = document_text(part)
        if text is not None:
            return {"type": "text", "text": text}
        if part.kind == "audio":
            return self._audio(part)
        if part.kind == "image" and self._dialect.images:
            return _image(part)
        if part.kind == "video" and self._dialect.video:
            return {"type": "video_url", "video_url": {"url": data_url(part)}}
        if part.kind == "document" and self._dialect.documents == "file":
            return {"type": "file", "file": {"filename": file_name(part), "file_data": data_url(part)}}
        if part.kind == "document" and self._dialect.documents == "document_url":
            written = {"type": "document_url", "document_url": data_url(part)}
            return {**written, "document_name": part.name} if part.name else written
        return None

    def _audio(self, part: MediaPart) -> dict[str, Any] | None:
        kind, taken = audio_format(part.mime), self._dialect.audio_formats
        if not self._dialect.audio or (taken and kind not in taken):
            return None
        data = base64_text(part.data)
        return {
            "type": "input_audio",
            "input_audio": data if self._dialect.audio == "text" else {"data": data, "format": kind},
        }

    def _choice(self, choice: ToolChoice) -> Any:
        if choice.name:
            return {"type": "function", "function": {"name": choice.name}}
        return self._dialect.required_choice if choice.mode == "required" else choice.mode

    def _effort(self, effort: str) -> dict[str, Any]:
        style, thinks = self._dialect.effort, effort != "none"
        if style == "reasoning":
            return {"reasoning": {"effort": effort}}
        if style == "thinking" and not thinks:
            return {"thinking": {"type": "disabled"}}
        if style == "thinking":
            return {"thinking": {"type": "enabled"}, "reasoning_effort": effort}
        if style == "template":
            switch = {"chat_template_kwargs": {"enable_thinking": thinks}}
            return {**switch, "reasoning_effort": effort} if thinks else switch
        return {"reasoning_effort": effort} if style else {}

    def _tool_id(self, call_id: str) -> str:
        """The id as the server takes it; always the same for the same id."""
        length = self._dialect.tool_id_length
        if not length or (len(call_id) == length and _TOOL_ID_ALPHABET.issuperset(call_id)):
            return call_id
        from hashlib import blake2b

        return blake2b(call_id.encode("utf-8", "replace")).hexdigest()[:length]


def _said(message: Message) -> Iterator[TextPart | MediaPart | HostedMediaPart]:
    for part in message.parts:
        if isinstance(part, MediaPart | HostedMediaPart) or (isinstance(part, TextPart) and part.text):
            yield part


def _texts(message: Message) -> Iterator[TextPart]:
    return (part for part in message.parts if isinstance(part, TextPart) and part.text)


def _text(part: TextPart) -> dict[str, Any]:
    return {"type": "text", "text": part.text}


def _speaker(message: Message) -> dict[str, Any]:
    return {"name": message.name} if message.name else {}


def _image(part: MediaPart) -> dict[str, Any]:
    detail = {"detail": part.detail} if part.detail else {}
    return {"type": "image_url", "image_url": {"url": data_url(part), **detail}}


def _content(parts: list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """One text alone stays plain: the form that every server knows."""
    if not parts:
        return ""
    if len(parts) == 1 and parts[0]["type"] == "text":
        text = parts[0]["text"]
        assert isinstance(text, str)
        return text
    return parts


def _tool(tool: Tool) -> dict[str, Any]:
    function = function_fields(tool)
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _format(wanted: ResponseFormat) -> dict[str, Any]:
    if wanted.kind == "json_object":
        return {"type": "json_object"}
    schema: dict[str, Any] = {"name": wanted.name, "schema": wanted.schema or {}}
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}
