"""OpenAI's chat completions in bytes: a row of the parity matrix."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.openai.provider import ChatCompletionDecoder, OpenAICompatibleProvider
from tests.dialects.base import Call, Dialect, Piece, Sent, sse

AUDIO_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def _openai_delta(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return sse({**head, "choices": [choice], "usage": None})


def _openai_finish(reason: str) -> bytes:
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return _openai_delta({}, reason) + sse({**head, "choices": [], "usage": usage}) + b"data: [DONE]\n\n"


def _openai_calls(calls: Sequence[Call]) -> bytes:
    """As the service does it: id, name and nothing first, then the arguments a few letters at a time."""
    frames = [_openai_delta({"role": "assistant", "content": None})]
    for index, call in enumerate(calls):
        function = {"name": call.name, "arguments": ""}
        head = {"index": index, "id": call.id, "type": "function", "function": function}
        frames.append(_openai_delta({"tool_calls": [head]}))
        for start in range(0, len(call.arguments), 5):
            piece = {"index": index, "function": {"arguments": call.arguments[start : start + 5]}}
            frames.append(_openai_delta({"tool_calls": [piece]}))
    return b"".join(frames)


def _openai_image(mime: str, data: bytes) -> bytes:
    """OpenRouter's way; OpenAI's own chat completions make no images."""
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return _openai_delta({"images": [{"type": "image_url", "image_url": {"url": url}, "index": 0}]})


def _openai_error(_status: int, message: str, code: str) -> Any:
    codes = {
        "key": "invalid_api_key",
        "model": "model_not_found",
        "rate": "rate_limit_exceeded",
        "server": "server_error",
        "context": "context_length_exceeded",
    }
    return {"error": {"message": message, "type": "some_error", "param": None, "code": codes[code]}}


def read_data_url(kind: str, url: str) -> Piece:
    """A data URL as a piece."""
    mime, _, data = url.removeprefix("data:").partition(";base64,")
    return (kind, mime, base64.b64decode(data, validate=True))


def _read_part(part: dict[str, Any]) -> Piece:
    kind = part["type"]
    if kind == "text":
        return ("text", part["text"])
    if kind == "image_url":
        return read_data_url("image", part["image_url"]["url"])
    if kind == "video_url":
        return read_data_url("video", part["video_url"]["url"])
    if kind == "file":
        return read_data_url("document", part["file"]["file_data"])
    assert kind == "input_audio", kind
    sound = part["input_audio"]
    return ("audio", AUDIO_TYPES[sound["format"]], base64.b64decode(sound["data"], validate=True))


def _read_turn(message: dict[str, Any]) -> list[Piece]:
    content = message.get("content")
    if message["role"] == "tool":
        return [("result", message["tool_call_id"], content)]
    if isinstance(content, str):
        pieces: list[Piece] = [("text", content)]
    else:
        pieces = [_read_part(part) for part in content or ()]
    for call in message.get("tool_calls", ()):
        function = call["function"]
        pieces.append(("call", call["id"], function["name"], json.loads(function["arguments"])))
    return pieces


def _read(body: Any) -> Sent:
    turns: list[tuple[str, list[Piece]]] = []
    system: list[str] = []
    for message in body["messages"]:
        if message["role"] == "system":
            system += [piece[1] for piece in _read_turn(message)]
        elif message["role"] == "tool" and turns and turns[-1][0] == "tool":
            turns[-1][1].extend(_read_turn(message))
        else:
            turns.append((message["role"], _read_turn(message)))
    functions = [tool["function"] for tool in body.get("tools", ())]
    choice, form = body.get("tool_choice"), body.get("response_format")
    return Sent(
        system="\n\n".join(system),
        turns=turns,
        tools=[(one["name"], one.get("description", ""), one["parameters"]) for one in functions],
        tool_choice=choice["function"]["name"] if isinstance(choice, dict) else choice,
        json=read_format(form and form.get("json_schema", form)),
        temperature=body.get("temperature"),
        max_tokens=body.get("max_tokens", body.get("max_completion_tokens")),
    )


def read_format(form: Any) -> Any:
    """A format of an answer: None, "object" or the schema."""
    if not form:
        return None
    return form["schema"] if "schema" in form else {"json_object": "object"}[form["type"]]


OPENAI = Dialect(
    name="openai",
    path="/v1/chat/completions",
    key_header="authorization",
    build=lambda http, url, key: OpenAICompatibleProvider(
        "openai", "OpenAI", f"{url}/v1", http, StaticCredentials({"openai": key} if key is not None else {})
    ),
    decoder=ChatCompletionDecoder,
    text=lambda text: _openai_delta({"content": text}),
    reasoning=lambda text: _openai_delta({"reasoning_content": text}),
    finish=_openai_finish,
    error_body=_openai_error,
    error_frame=lambda message: sse({"error": {"message": message, "type": "server_error", "code": None}}),
    blocked=(_openai_delta({"content": ""}, "content_filter"),),
    models={"object": "list", "data": [{"id": "gpt-5.4"}, {"id": "text-embedding-3-small"}]},
    tool_calls=_openai_calls,
    image=_openai_image,
    read=_read,
)
