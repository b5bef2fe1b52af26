"""Anthropic's messages in bytes: a row of the parity matrix."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.anthropic.decoding import MessagesDecoder
from aiproxy_desktop.core.providers.anthropic.provider import AnthropicProvider
from tests.dialects.base import Call, Dialect, Piece, Sent, sse


def event(kind: str, **fields: Any) -> bytes:
    """One event of the stream, under its name."""
    return sse({"type": kind, **fields}, kind)


def start(usage: Mapping[str, Any] | None = None) -> bytes:
    """The first event of a message, and the ping that often follows it."""
    message: dict[str, Any] = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage or {"input_tokens": 11, "output_tokens": 1},
    }
    return event("message_start", message=message) + event("ping")


def block(index: int, content: Mapping[str, Any], *deltas: Mapping[str, Any]) -> bytes:
    """One block of the message, whole."""
    return b"".join(
        (
            event("content_block_start", index=index, content_block=content),
            *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
            event("content_block_stop", index=index),
        )
    )


def stop(reason: str, usage: Mapping[str, Any] | None = None, **more: Any) -> bytes:
    """The last two events of a message."""
    delta = {"stop_reason": reason, "stop_sequence": None, **more}
    counted = usage or {"input_tokens": 11, "output_tokens": 7}
    return event("message_delta", delta=delta, usage=counted) + event("message_stop")


def _delta(kind: str, **fields: Any) -> bytes:
    return event("content_block_delta", index=0, delta={"type": kind, **fields})


def _error(_status: int, message: str, code: str) -> Any:
    kinds = {
        "key": ("authentication_error", "invalid x-api-key"),
        "model": ("not_found_error", "model: m"),
        "rate": ("rate_limit_error", "This request would exceed your organization's rate limit."),
        "server": ("api_error", "Internal server error"),
        "context": ("invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum"),
    }
    kind, words = kinds[code]
    error = {"type": kind, "message": f"{words} {message}".strip()}
    return {"type": "error", "error": error, "request_id": "req_01"}


def _tool_calls(calls: Sequence[Call]) -> bytes:
    """As the service cuts them: an empty object, an empty piece, then the text in pieces."""
    frames = [block(0, {"type": "text", "text": ""})] if calls else []
    for index, call in enumerate(calls, 1):
        half = len(call.arguments) // 2
        pieces = ("", call.arguments[:half], call.arguments[half:])
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        frames.append(
            block(index, {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}, *deltas)
        )
    return b"".join(frames)


def _read(body: Any) -> Sent:
    """What the service understands of a request."""
    turns: list[tuple[str, list[Piece]]] = []
    for message in body["messages"]:
        pieces = [_piece(one) for one in _blocks(message["content"])]
        results = [piece for piece in pieces if piece[0] == "result"]
        rest = [piece for piece in pieces if piece[0] != "result"]
        if results:
            turns.append(("tool", results))
        if rest:
            turns.append((message["role"], rest))
    choice = body.get("tool_choice")
    names = {"auto": "auto", "none": "none", "any": "required"}
    wanted = body.get("output_config", {}).get("format")
    system = body.get("system", "")
    told = "one JSON object" in system
    return Sent(
        system,
        turns,
        [(tool["name"], tool.get("description", ""), tool["input_schema"]) for tool in body.get("tools", ())],
        None if choice is None else choice.get("name") or names[choice["type"]],
        wanted["schema"] if wanted is not None else "object" if told else None,
        body.get("temperature"),
        body["max_tokens"],
    )


def _blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _piece(one: dict[str, Any]) -> Piece:
    kind = one["type"]
    if kind == "text":
        return ("text", one["text"])
    if kind == "tool_use":
        return ("call", one["id"], one["name"], one["input"])
    if kind == "tool_result":
        return ("result", one["tool_use_id"], one.get("content", ""))
    if kind in {"image", "document"}:
        source = one["source"]
        if source["type"] == "text":
            return (kind, source["media_type"], source["data"].encode())
        return (kind, source["media_type"], b64decode(source["data"]))
    return (kind, json.dumps(one))


_FEATURES = {
    "batch": {"supported": True},
    "citations": {"supported": True},
    "code_execution": {"supported": True},
    "context_management": {"supported": True},
    "effort": {
        "supported": True,
        **{level: {"supported": True} for level in ("low", "medium", "high", "xhigh", "max")},
    },
    "image_input": {"supported": True},
    "pdf_input": {"supported": True},
    "server_tools": {
        "supported": True,
        "web_search": {"supported": True},
        "code_execution": {"supported": True},
    },
    "structured_outputs": {"supported": True},
    "thinking": {
        "supported": True,
        "types": {
            "adaptive": {"supported": True},
            "enabled": {"supported": False},
            "disabled": {"supported": False},
            "between_tools": {"supported": False},
        },
    },
}

ANTHROPIC = Dialect(
    name="anthropic",
    path="/v1/messages",
    key_header="x-api-key",
    build=lambda http, url, key: AnthropicProvider(
        http, StaticCredentials({"anthropic": key} if key is not None else {}), url
    ),
    decoder=MessagesDecoder,
    text=lambda text: _delta("text_delta", text=text),
    reasoning=lambda text: _delta("thinking_delta", thinking=text),
    finish=lambda reason: stop(
        {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}[reason]
    ),
    error_body=_error,
    error_frame=lambda message: event("error", error={"type": "overloaded_error", "message": message}),
    blocked=(
        stop("refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": "It may harm."}),
    ),
    models={
        "data": [
            {
                "type": "model",
                "id": "claude-opus-5-5",
                "display_name": "Claude Opus 5.5",
                "created_at": "2026-09-22T00:00:00Z",
                "lifecycle": "active",
                "max_input_tokens": 1_000_000,
                "max_tokens": 128_000,
                "capabilities": _FEATURES,
            },
            {
                "type": "model",
                "id": "claude-3-opus-20240229",
                "display_name": "Claude Opus 3",
                "created_at": "2024-02-29T00:00:00Z",
                "lifecycle": "retired",
            },
        ],
        "has_more": False,
        "first_id": "claude-opus-5-5",
        "last_id": "claude-3-opus-20240229",
    },
    tool_calls=_tool_calls,
    read=_read,
)
