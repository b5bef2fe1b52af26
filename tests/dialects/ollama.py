"""Ollama's /api/chat in bytes: a row of the parity matrix."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from aiproxy_desktop.core.providers.ollama.provider import OllamaChatDecoder, OllamaProvider
from tests.dialects.base import Call, Dialect, Piece, Sent, line


def _ollama_line(message: dict[str, Any], **more: Any) -> bytes:
    return line(
        {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False, **more}
    )


def _ollama_finish(reason: str) -> bytes:
    return _ollama_line(
        {"role": "assistant", "content": ""},
        done=True,
        done_reason="stop" if reason == "tool_calls" else reason,
        prompt_eval_count=11,
        eval_count=7,
    )


def _ollama_calls(calls: Sequence[Call]) -> bytes:
    """A line for each, with its arguments as they are."""
    lines = []
    for place, call in enumerate(calls):
        function = {"index": place, "name": call.name, "arguments": "@"}
        message = {"role": "assistant", "content": "", "tool_calls": [{"id": call.id, "function": function}]}
        lines.append(
            _ollama_line(message).replace(b'"arguments": "@"', b'"arguments": ' + call.arguments.encode())
        )
    return b"".join(lines)


def _ollama_read(body: Any) -> Sent:
    options = body["options"]
    system = [message["content"] for message in body["messages"] if message["role"] == "system"]
    form = body.get("format")
    return Sent(
        system="\n\n".join(system),
        turns=[
            (message["role"], _pieces(message)) for message in body["messages"] if message["role"] != "system"
        ],
        tools=[
            (tool["function"]["name"], tool["function"]["description"], tool["function"]["parameters"])
            for tool in body.get("tools", ())
        ],
        json="object" if form == "json" else form,
        temperature=options.get("temperature"),
        max_tokens=options.get("num_predict"),
    )


def _pieces(message: dict[str, Any]) -> list[Piece]:
    if message["role"] == "tool":
        return [("result", message.get("tool_call_id") or message["tool_name"], message["content"])]
    pieces: list[Piece] = [("text", message["content"])] if message["content"] else []
    pieces += [(*_kind(data), data) for data in map(b64decode, message.get("images", ()))]
    for call in message.get("tool_calls", ()):
        pieces.append(("call", call.get("id", ""), call["function"]["name"], call["function"]["arguments"]))
    return pieces


def _kind(data: bytes) -> tuple[str, str]:
    """What the server takes bytes for, as in `llm/media.go` of Ollama's source."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio", "audio/wav"
    if data[:3] == b"ID3" or (data[:1] == b"\xff" and data[1:2] >= b"\xe0"):
        return "audio", "audio/mpeg"
    return "image", "image/jpeg" if data[:3] == b"\xff\xd8\xff" else "image/png"


def _ollama_error(_status: int, message: str, code: str) -> Any:
    messages = {
        "model": "model 'm' not found",
        "context": "the input length exceeds the context length",
        "key": "unauthorized",
        "rate": "too many requests",
        "server": "llama runner process has terminated",
    }
    return {"error": f"{messages[code]} {message}".strip()}


OLLAMA = Dialect(
    name="ollama",
    path="/api/chat",
    key_header=None,
    build=lambda http, url, _key: OllamaProvider(http, url),
    decoder=OllamaChatDecoder,
    text=lambda text: _ollama_line({"role": "assistant", "content": text}),
    reasoning=lambda text: _ollama_line({"role": "assistant", "content": "", "thinking": text}),
    finish=_ollama_finish,
    error_body=_ollama_error,
    error_frame=lambda message: line({"error": message}),
    blocked=(),
    models={
        "models": [
            {
                "name": "llama3.2:latest",
                "model": "llama3.2:latest",
                "size": 5,
                "capabilities": ["completion"],
            },
            {
                "name": "nomic-embed-text:latest",
                "model": "nomic-embed-text:latest",
                "capabilities": ["embedding"],
            },
        ]
    },
    tool_calls=_ollama_calls,
    read=_ollama_read,
)
