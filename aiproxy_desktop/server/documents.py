"""How routes describe themselves in the OpenAPI document. What is checked is checked by the routes alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from starlette.responses import Response

Schema: TypeAlias = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {}

# One event of a stream, as readers of OpenAPI take it apart.
_EVENT: Schema = {"type": "object", "properties": {"event": TEXT, "data": TEXT}, "required": ["data"]}

_ERROR: Schema = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": TEXT,
                "type": TEXT,
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        },
        "detail": TEXT,
    },
}


def fields(required: Sequence[str] = (), /, **properties: Schema) -> Schema:
    """An object with these properties; it may have others."""
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def listed(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def optional(schema: Schema) -> Schema:
    """The same or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def words(*known: str) -> Schema:
    """One of a few words."""
    return {"type": "string", "enum": list(known)}


def document(
    body: Schema | None, answer: Schema, *, streams: bool = False, form: Schema | None = None
) -> dict[str, Any]:
    """What a route is declared with: `@router.post(path, **document(…))`.

    Args:
        body: the JSON that it takes; None takes none.
        answer: the JSON of its answers.
        streams: whether it answers with server-sent events where it is asked to.
        form: the form that it takes as well.
    """
    answers = _json(answer)
    if streams:
        answers["text/event-stream"] = {"schema": _EVENT}
    refused = {"description": "A failure in one sentence.", "content": _json(_ERROR)}
    described: dict[str, Any] = {
        "response_class": Response,
        "responses": {
            200: {"description": "The answer.", "content": answers},
            "4XX": refused,
            "5XX": refused,
        },
    }
    if body is not None:
        content = _json(body)
        if form is not None:
            content["multipart/form-data"] = {"schema": form}
        described["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return described


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
