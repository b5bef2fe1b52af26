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

_BACKGROUND = words("auto", "opaque", "transparent")

_COMMON: dict[str, Schema] = {
    "model": TEXT,
    "prompt": TEXT,
    "n": WHOLE,
    "size": TEXT,
    "quality": TEXT,
    "background": _BACKGROUND,
    "output_format": words("png", "jpeg", "webp"),
    "output_compression": WHOLE,
    "partial_images": WHOLE,
    "response_format": words("b64_json", "url"),
    "stream": FLAG,
    "user": TEXT,
    "aspect_ratio": TEXT,
    "image_size": TEXT,
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
    fields(("prompt",), **_COMMON, moderation=words("auto", "low"), style=TEXT), _ANSWER, streams=True
)
EDITS: dict[str, Any] = document(
    fields(
        ("prompt",),
        **_COMMON,
        input_fidelity=words("low", "high"),
        image={"anyOf": [_SOURCE, listed(_SOURCE)]},
        images=listed(_SOURCE),
        mask=_SOURCE,
    ),
    _ANSWER,
    streams=True,
    form=fields(
        ("prompt", "image"), **_COMMON, input_fidelity=words("low", "high"), image=listed(_FILE), mask=_FILE
    ),
)
