"""What the OpenAPI document says of the seed's routes: as `/v1/chat/completions`, and its own fields."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.server.chat.document import CHAT
from aiproxy_desktop.server.clients import CLIENT_FIELDS
from aiproxy_desktop.server.documents import FLAG, TEXT, Schema, document, fields, listed, optional

_OBJECT: Schema = {"type": "object"}
_OPENAIS: Schema = CHAT["openapi_extra"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
_ANSWER: Schema = CHAT["responses"][200]["content"]["application/json"]["schema"]

_FORMAT = optional({"anyOf": [TEXT, _OBJECT]}) | {"description": "`text`, `json_object`, or OpenAI's."}
_SAFETY = fields(("category", "threshold"), category=TEXT, threshold=TEXT)
_OWN: dict[str, Schema] = {
    "response_format": _FORMAT,
    "system_instruction": optional(TEXT),
    "safety_settings": optional(listed(_SAFETY)) | {"description": "Gemini's."},
    "return_images": optional(FLAG),
    **{name: optional(TEXT) | {"description": "Of the client."} for name in CLIENT_FIELDS},
}
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
_MODEL = fields(("id", "name", "provider"), id=TEXT, name=TEXT, provider=TEXT, reference=TEXT)

ROOT = document(None, fields(("message", "endpoints"), message=TEXT, endpoints=_OBJECT))
HEALTH = document(None, fields(("status",), status=TEXT))
MODELS = document(None, fields(("object", "data"), object={"const": "list"}, data=listed(_MODEL))) | {
    "openapi_extra": {"parameters": [_PROVIDER]}
}
COMPLETION: dict[str, Any] = document(
    fields(("messages",), **(_OPENAIS | _OWN)),
    _ANSWER | {"properties": _ANSWER["properties"] | {"images": {"type": ["object", "array", "null"]}}},
    streams=True,
)
COMPLETION["openapi_extra"]["parameters"] = _LABELS
