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

_PART: Schema = {
    "anyOf": [
        fields(("type", "text"), type={"const": "text"}, text=TEXT),
        fields(
            ("type", "image_url"),
            type={"const": "image_url"},
            image_url=fields(("url",), url=TEXT, detail=words("auto", "low", "high")),
        ),
        fields(
            ("type", "input_audio"),
            type={"const": "input_audio"},
            input_audio=fields(("data", "format"), data=TEXT, format=words("wav", "mp3")),
        ),
        *(  # ai-proxy-core has the first of these; Gemini takes both
            fields(("type", name), type={"const": name}, **{name: fields(("url",), url=TEXT)})
            for name in ("audio_url", "video_url")
        ),
        fields(("type", "file"), type={"const": "file"}, file=fields(file_data=TEXT, filename=TEXT)),
    ]
}
_FUNCTION = fields(
    ("name",), name=TEXT, description=TEXT, parameters={"type": "object"}, strict=optional(FLAG)
)
_CALL = fields(
    ("id", "type", "function"),
    id=TEXT,
    type={"const": "function"},
    function=fields(("name", "arguments"), name=TEXT, arguments=TEXT),
)
_CONTENT: Schema = {"anyOf": [TEXT, listed(_PART) | {"minItems": 1}]}
_MESSAGE: Schema = {
    "anyOf": [
        fields(("role", "content"), role=words("system", "developer"), content=TEXT, name=TEXT),
        fields(("role", "content"), role={"const": "user"}, content=_CONTENT, name=TEXT),
        fields(
            ("role",),
            role={"const": "assistant"},
            content={"anyOf": [TEXT, listed(_PART), {"type": "null"}]},
            tool_calls=listed(_CALL),
        ),
        fields(
            ("role", "content", "tool_call_id"),
            role={"const": "tool"},
            content=_CONTENT,
            tool_call_id=TEXT,
        ),
    ]
}
_NOTES = listed(fields(("parameter", "sentence"), parameter=TEXT, sentence=TEXT))

# What this server leaves to the provider, as it does with every field that is not named here.
_THEIRS: Schema = {"description": "Goes to the provider as it is."}

_BODY = fields(
    ("messages",),
    model=optional(TEXT) | {"description": "A reference (`provider:model`), a bare name or an alias."},
    messages=listed(_MESSAGE) | {"minItems": 1},
    stream=optional(FLAG),
    stream_options=optional(fields(include_usage=FLAG)) | {"description": "Only where `stream` is true."},
    temperature=optional(NUMBER | {"minimum": 0, "maximum": 2}),
    max_tokens=optional(WHOLE | {"minimum": 1, "maximum": 1_000_000}),
    max_completion_tokens=optional(WHOLE | {"minimum": 1, "maximum": 1_000_000}),
    tools=optional(listed(fields(("type", "function"), type={"const": "function"}, function=_FUNCTION))),
    tool_choice=optional({"anyOf": [words("auto", "none", "required"), {"type": "object"}]}),
    response_format=optional(
        {
            "anyOf": [
                fields(("type",), type=words("text", "json_object")),
                fields(
                    ("type", "json_schema"),
                    type={"const": "json_schema"},
                    json_schema=fields(("name", "schema"), name=TEXT, schema={"type": "object"}, strict=FLAG),
                ),
            ]
        }
    ),
    reasoning_effort=optional(words("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    modalities=optional(listed(words("text", "image"))),
    n=optional({"const": 1}),
    **dict.fromkeys(
        (
            *("stop", "seed", "top_p", "frequency_penalty", "presence_penalty", "logit_bias", "user"),
            *("parallel_tool_calls", "metadata", "service_tier", "verbosity"),
        ),
        _THEIRS,
    ),
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
