"""What the OpenAPI document says of the seed's routes. The core reads the parts of a message more exactly."""

from __future__ import annotations

from typing import Any

_TEXT_OR_NULL = {"type": ["string", "null"]}
_ERROR = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {
        "detail": {"type": "string"},
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": _TEXT_OR_NULL,
                "code": _TEXT_OR_NULL,
            },
        },
    },
}
_REASONS = {
    400: "The request is wrong; the sentence says where.",
    401: "The token is missing or wrong.",
    403: "That origin is not allowed.",
    404: "There is no such model, or it is not offered.",
    413: "The request is too large.",
    415: "The body is not application/json.",
    421: "The server does not answer under that name.",
    429: "Too much at once, here or at the provider.",
    500: "Something in the server went wrong.",
    502: "The provider failed.",
    503: "The provider is not set up, or the server is full.",
    504: "The provider took too long.",
}
_EVERYWHERE = (403, 421, 429, 500, 503)


def _document(
    description: str, schema: dict[str, Any], *statuses: int, stream: bool = False
) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if stream:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    error = {"application/json": {"schema": _ERROR}}
    refusals = {
        status: {"description": _REASONS[status], "content": error}
        for status in sorted({*_EVERYWHERE, *statuses})
    }
    return {"responses": {200: {"description": description, "content": content}, **refusals}}


_MESSAGE = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"type": "string"},
        "content": {"type": ["string", "array", "null"], "items": {"type": "object"}},
        "tool_calls": {"type": ["array", "null"], "items": {"type": "object"}},
        "tool_call_id": _TEXT_OR_NULL,
    },
}
_BODY = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "model": {"type": ["string", "null"], "description": "A name, an alias or `provider:model`."},
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "temperature": {"type": ["number", "null"], "minimum": 0},
        "max_tokens": {"type": ["integer", "null"], "minimum": 1},
        "stream": {"type": ["boolean", "null"]},
        "response_format": {"type": ["string", "object", "null"]},
        "system_instruction": _TEXT_OR_NULL,
        "safety_settings": {"type": ["array", "null"], "items": {"type": "object"}},
        "return_images": {"type": ["boolean", "null"]},
        "tools": {"type": ["array", "null"], "items": {"type": "object"}},
        "app": _TEXT_OR_NULL,
        "client_id": {**_TEXT_OR_NULL, "description": "By default the address that is asked from."},
        "device": _TEXT_OR_NULL,
        "user_id": _TEXT_OR_NULL,
        "session_id": _TEXT_OR_NULL,
        "request_id": _TEXT_OR_NULL,
    },
}
_ANSWER = {
    "type": "object",
    "required": ["id", "object", "created", "model", "choices"],
    "properties": {
        "id": {"type": "string"},
        "object": {"const": "chat.completion"},
        "created": {"type": "integer"},
        "model": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": ["object", "null"]},
        "images": {"type": ["object", "array", "null"]},
    },
}
_LABELS = [
    {"name": f"X-{name}", "in": "header", "required": False, "schema": {"type": "string"}}
    for name in ("App", "Client-Id", "Device", "User-Id", "Session-Id", "Request-Id")
]

ROOT = _document(
    "What this is, and where what is.",
    {
        "type": "object",
        "required": ["message", "endpoints"],
        "properties": {
            "message": {"type": "string"},
            "endpoints": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
)
HEALTH = _document(
    "It answers.",
    {"type": "object", "required": ["status"], "properties": {"status": {"const": "healthy"}}},
)
MODELS = _document(
    "The models that are offered, as far as they are known.",
    {
        "type": "object",
        "required": ["object", "data"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": {"type": "object", "required": ["id", "name", "provider"]}},
        },
    },
    *(400, 401, 502, 504),
) | {
    "openapi_extra": {
        "parameters": [
            {
                "name": "provider",
                "in": "query",
                "required": False,
                "description": "The id of a provider; its models only.",
                "schema": {"type": "string"},
            },
        ]
    }
}
COMPLETION = _document(
    "The answer; with `stream` its pieces as server-sent events, as `/v1/chat/completions` sends them.",
    _ANSWER,
    *(400, 401, 404, 413, 415, 502, 504),
    stream=True,
) | {
    "openapi_extra": {
        "parameters": _LABELS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}},
    }
}
