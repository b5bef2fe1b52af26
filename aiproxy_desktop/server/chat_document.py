"""What the OpenAPI document says of `/v1/chat/completions` and `/v1/models`.

The fields are those of openai-python 3.57.0 (`chat/completion_create_params`, `chat_completion`, `model`);
the core reads messages, tools and formats more exactly than is said here.
"""

from __future__ import annotations

from typing import Any

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
    words,
)

_PART = fields(("type",), type=TEXT, text=TEXT, image_url=ANYTHING, input_audio=ANYTHING, file=ANYTHING)
_FUNCTION = fields(
    ("name",), name=TEXT, description=TEXT, parameters={"type": "object"}, strict=optional(FLAG)
)
_CALL = fields(
    ("id", "type", "function"),
    id=TEXT,
    type={"const": "function"},
    function=fields(("name", "arguments"), name=TEXT, arguments=TEXT),
)
_MESSAGE = fields(
    ("role",),
    role=words("system", "developer", "user", "assistant", "tool", "function"),
    content={"anyOf": [TEXT, listed(_PART), {"type": "null"}]},
    name=TEXT,
    tool_calls=listed(_CALL),
    tool_call_id=TEXT,
)
_NOTES = listed(fields(("parameter", "sentence"), parameter=TEXT, sentence=TEXT))

_BODY = fields(
    ("messages",),
    model=optional(TEXT),
    messages=listed(_MESSAGE) | {"minItems": 1},
    stream=optional(FLAG),
    stream_options=optional(fields(include_usage=FLAG)),
    temperature=optional(NUMBER | {"minimum": 0}),
    max_tokens=optional(WHOLE | {"minimum": 1}),
    max_completion_tokens=optional(WHOLE | {"minimum": 1}),
    tools=optional(listed(fields(("type", "function"), type={"const": "function"}, function=_FUNCTION))),
    tool_choice=optional({"anyOf": [words("auto", "none", "required"), {"type": "object"}]}),
    response_format=optional(fields(("type",), type=words("text", "json_object", "json_schema"))),
    reasoning_effort=optional(words("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    modalities=optional(listed(words("text", "image"))),
    n=optional({"const": 1}),
    stop=optional({"anyOf": [TEXT, listed(TEXT)]}),
    seed=optional(WHOLE),
    top_p=optional(NUMBER),
    frequency_penalty=optional(NUMBER),
    presence_penalty=optional(NUMBER),
    parallel_tool_calls=optional(FLAG),
    user=optional(TEXT),
)
_USAGE = fields(
    ("prompt_tokens", "completion_tokens", "total_tokens"),
    prompt_tokens=optional(WHOLE),
    completion_tokens=optional(WHOLE),
    total_tokens=optional(WHOLE),
    prompt_tokens_details=fields(cached_tokens=optional(WHOLE)),
    completion_tokens_details=fields(reasoning_tokens=optional(WHOLE)),
)
_ANSWERED = fields(
    ("role", "content"),
    role={"const": "assistant"},
    content=optional(TEXT),
    tool_calls=listed(_CALL),
    reasoning_content=TEXT,
    images=listed(ANYTHING),
)
_CHOICE = fields(
    ("index", "message", "finish_reason"),
    index=WHOLE,
    message=_ANSWERED,
    finish_reason=words("stop", "length", "content_filter", "tool_calls"),
)
_ANSWER = fields(
    ("id", "object", "created", "model", "choices", "usage"),
    id=TEXT,
    object={"const": "chat.completion"},
    created=WHOLE,
    model=TEXT,
    provider=TEXT,
    choices=listed(_CHOICE),
    usage=optional(_USAGE),
    notes=_NOTES,
)
_MODEL: Schema = fields(
    ("id", "object", "created", "owned_by"),
    id=TEXT,
    object={"const": "model"},
    created=WHOLE,
    owned_by=TEXT,
)

CHAT: dict[str, Any] = document(_BODY, _ANSWER, streams=True)
MODELS: dict[str, Any] = document(
    None, fields(("object", "data"), object={"const": "list"}, data=listed(_MODEL))
)
MODEL: dict[str, Any] = document(None, _MODEL)
