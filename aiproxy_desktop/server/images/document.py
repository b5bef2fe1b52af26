"""What the OpenAPI document says of `/v1/images/…` (see openai-python 3.57.0, `image_generate_params`)."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.server.documents import (
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

_COMMON: dict[str, Schema] = {
    "model": optional(TEXT),
    "prompt": {"type": "string", "minLength": 1},
    **{
        name: optional(schema)
        for name, schema in {
            "n": {"type": "integer", "minimum": 1, "maximum": 10},
            "size": TEXT | {"examples": ["auto", "1024x1024", "1536x1024"]},
            "quality": TEXT | {"examples": ["auto", "low", "high"]},
            "background": words("auto", "opaque", "transparent"),
            "output_format": words("png", "jpeg", "webp"),
            "output_compression": {"type": "integer", "minimum": 0, "maximum": 100},
            "partial_images": {"type": "integer", "minimum": 0, "maximum": 3},
            "response_format": words("b64_json", "url"),
            "stream": FLAG,
            "user": TEXT,
            "aspect_ratio": TEXT | {"examples": ["16:9"]},
            "image_size": TEXT | {"examples": ["2K"]},
        }.items()
    },
}
_SOURCE: Schema = {"anyOf": [TEXT, fields(image_url=TEXT)]}
_FILE: Schema = {"type": "string", "format": "binary"}

_USAGE = fields(
    input_tokens=optional(WHOLE),
    output_tokens=optional(WHOLE),
    total_tokens=optional(WHOLE),
    input_tokens_details=fields(text_tokens=optional(WHOLE), image_tokens=optional(WHOLE)),
)
_ANSWER = fields(
    ("created", "data"),
    created=WHOLE,
    data=listed(fields(b64_json=TEXT, url=TEXT, revised_prompt=TEXT)),
    background=optional(TEXT),
    output_format=optional(TEXT),
    quality=optional(TEXT),
    size=optional(TEXT),
    usage=optional(_USAGE),
    model=TEXT,
    provider=TEXT,
    cost=optional(NUMBER),
    text=TEXT,
    notes=listed(fields(parameter=TEXT, sentence=TEXT)),
)

GENERATIONS: dict[str, Any] = document(
    fields(("prompt",), **_COMMON, moderation=optional(words("auto", "low")), style=optional(TEXT)),
    _ANSWER,
    streams=True,
)
EDITS: dict[str, Any] = document(
    fields(
        ("prompt",),
        **_COMMON,
        input_fidelity=optional(words("low", "high")),
        image={"anyOf": [_SOURCE, listed(_SOURCE)]},
        images=listed(_SOURCE),
        mask=optional(_SOURCE),
    ),
    _ANSWER,
    streams=True,
    form=fields(
        ("prompt", "image"),
        **_COMMON,
        input_fidelity=optional(words("low", "high")),
        image=listed(_FILE),
        mask=_FILE,
    ),
)
