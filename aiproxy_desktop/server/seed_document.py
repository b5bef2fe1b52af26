"""What the OpenAPI document says of the seed's routes. The core reads the parts of a message more exactly."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.server.clients import CLIENT_FIELDS
from aiproxy_desktop.server.documents import (
    ANYTHING,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    document,
    fields,
    listed,
    optional,
)

_OBJECT: Schema = {"type": "object"}
_MESSAGE = fields(
    ("role",),
    role=TEXT,
    content=optional({"anyOf": [TEXT, listed(_OBJECT)]}),
    tool_calls=optional(listed(_OBJECT)),
    tool_call_id=optional(TEXT),
)
_BODY = fields(
    ("messages",),
    model=optional(TEXT) | {"description": "A name, an alias or `provider:model`."},
    messages=listed(_MESSAGE) | {"minItems": 1},
    temperature=optional(NUMBER | {"minimum": 0}),
    max_tokens=optional(WHOLE | {"minimum": 1}),
    stream=optional(FLAG),
    response_format=optional({"anyOf": [TEXT, _OBJECT]}),
    system_instruction=optional(TEXT),
    safety_settings=optional(listed(_OBJECT)),
    return_images=optional(FLAG),
    tools=optional(listed(_OBJECT)),
    **{
        name: optional(TEXT) | {"description": "Of the client; for the log and telemetry."}
        for name in CLIENT_FIELDS
    },
)
_ANSWER = fields(
    ("id", "object", "created", "model", "choices"),
    id=TEXT,
    object=TEXT,
    created=WHOLE,
    model=TEXT,
    choices=listed(
        fields(("index", "message", "finish_reason"), index=WHOLE, message=_OBJECT, finish_reason=ANYTHING)
    ),
    usage=optional(_OBJECT),
    images=optional({"anyOf": [_OBJECT, listed(_OBJECT)]}),
)
_LABELS = [
    {"name": f"X-{name.replace('_', '-').title()}", "in": "header", "required": False, "schema": TEXT}
    for name in CLIENT_FIELDS
]
_PROVIDER = {
    "name": "provider",
    "in": "query",
    "required": False,
    "description": "The id of a provider; its models only.",
    "schema": TEXT,
}

ROOT = document(None, fields(("message", "endpoints"), message=TEXT, endpoints=_OBJECT))
HEALTH = document(None, fields(("status",), status=TEXT))
MODELS = document(
    None, fields(("object", "data"), object=TEXT, data=listed(fields(("id", "name", "provider"))))
) | {"openapi_extra": {"parameters": [_PROVIDER]}}
COMPLETION: dict[str, Any] = document(_BODY, _ANSWER, streams=True)
COMPLETION["openapi_extra"]["parameters"] = _LABELS
