"""What the OpenAPI document says of `/v1/responses` (see openai-python 3.57.0, `response_create_params`)."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.server.documents import (
    ANYTHING,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    document,
    fields,
    listed,
    optional,
    words,
)

_ITEM = fields(type=TEXT, role=words("user", "assistant", "system", "developer"), content=ANYTHING)
_TOOL = fields(("type",), type=TEXT, name=TEXT, description=TEXT, parameters=fields(), strict=optional(FLAG))
_FORMAT = fields(("type",), type=words("text", "json_object", "json_schema"), name=TEXT, schema=fields())
_CHOICE = fields(("type",), type=words("function", "allowed_tools"), name=TEXT)
_USAGE = fields(
    input_tokens=optional(WHOLE),
    input_tokens_details=fields(cached_tokens=WHOLE),
    output_tokens=optional(WHOLE),
    output_tokens_details=fields(reasoning_tokens=WHOLE),
    total_tokens=optional(WHOLE),
)

RESPONSES: dict[str, Any] = document(
    fields(
        ("input",),
        model=optional(TEXT),
        input={"anyOf": [{"type": "string", "minLength": 1}, {**listed(_ITEM), "minItems": 1}]},
        instructions=optional(TEXT),
        stream=optional(FLAG),
        temperature=optional(NUMBER),
        top_p=optional(NUMBER),
        max_output_tokens=optional({"type": "integer", "minimum": 1}),
        text=optional(fields(format=optional(_FORMAT))),
        reasoning=optional(fields(effort=optional(TEXT), summary=optional(TEXT))),
        tools=optional(listed(_TOOL)),
        tool_choice=optional({"anyOf": [words("auto", "none", "required"), _CHOICE]}),
        parallel_tool_calls=optional(FLAG),
        metadata=optional(fields()),
        store={"enum": [False, None]},
        user=optional(TEXT),
    ),
    fields(
        ("id", "object", "created_at", "status", "model", "output"),
        id=TEXT,
        object=words("response"),
        created_at=WHOLE,
        status=words("completed", "incomplete"),
        error={"type": "null"},
        incomplete_details=optional(fields(reason=TEXT)),
        model=TEXT,
        provider=TEXT,
        output=listed(fields(("id", "type"), id=TEXT, type=TEXT)),
        usage=optional(_USAGE),
        notes=listed(fields(parameter=TEXT, sentence=TEXT)),
    ),
    streams=True,
)
