"""What both of OpenAI's interfaces need to write a request: media as text, and the caller's own fields."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from typing import Any

from aiproxy_desktop.core.errors import UnsupportedError
from aiproxy_desktop.core.messages import MediaPart, Tool

_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}

# What OpenAI calls the formats of sound, by MIME type (the part behind the slash).
_AUDIO_FORMATS = {
    "mpeg": "mp3",
    "mpeg3": "mp3",
    "x-mpeg": "mp3",
    "x-wav": "wav",
    "wave": "wav",
    "vnd.wave": "wav",
    "x-flac": "flac",
    "x-aac": "aac",
    "mp4": "m4a",
    "x-m4a": "m4a",
    "x-aiff": "aiff",
    "l16": "pcm16",
    "pcm": "pcm16",
}

# A caller's own fields never replace what makes the request what it is.
_PROTECTED = frozenset({"model", "messages", "input", "contents", "stream"})


def base64_text(data: bytes) -> str:
    """Base64 without line breaks."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def data_url(part: MediaPart) -> str:
    """The bytes of a part as a data URL."""
    return f"data:{part.mime};base64,{base64_text(part.data)}"


def audio_format(mime: str) -> str:
    """OpenAI's word for a type of sound, as in `wav` for `audio/x-wav`."""
    kind = mime.partition(";")[0].strip().lower().rpartition("/")[2]
    return _AUDIO_FORMATS.get(kind, kind.removeprefix("x-"))


def file_name(part: MediaPart) -> str:
    """The name of a document; where it has none, one with the right ending."""
    ending = part.mime.partition(";")[0].rpartition("/")[2].rpartition("+")[2]
    return part.name or f"document.{ending.rpartition('.')[2] or 'bin'}"


def function_fields(tool: Tool) -> dict[str, Any]:
    """Name, description and parameters of a tool."""
    fields: dict[str, Any] = {"name": tool.name}
    if tool.description:
        fields["description"] = tool.description
    fields["parameters"] = _NO_PARAMETERS if tool.parameters is None else tool.parameters
    return fields


def unsupported(provider: str, label: str, model: str, part: MediaPart) -> UnsupportedError:
    """The refusal of a part that cannot be sent."""
    words = {"image": "images", "audio": "sound", "video": "films", "document": "documents"}
    return UnsupportedError(
        f"{label} takes no {words[part.kind]} of the type {part.mime} for {model}",
        "Leave it out, send it in another format, or pick another model.",
        part=part.kind,
        model=f"{provider}:{model}",
        provider=provider,
    )


def with_extra(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the caller's own fields: objects merged, tools added, everything else replaced."""
    for name, value in extra.items():
        if name in _PROTECTED:
            continue
        given = body.get(name)
        if name == "tools" and isinstance(given, list) and isinstance(value, list | tuple):
            body[name] = [*given, *value]
        else:
            body[name] = _merged(given, value)
    return body


def _merged(given: Any, value: Any) -> Any:
    if not isinstance(given, Mapping) or not isinstance(value, Mapping):
        return value
    return {**given, **{name: _merged(given.get(name), item) for name, item in value.items()}}


def opaque_value(data: str) -> Any:
    """What an opaque part holds; None where it is not JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
