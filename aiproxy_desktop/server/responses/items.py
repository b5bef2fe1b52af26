"""Items of `/v1/responses`: an answer's parts as they are written, and read when they are sent back.

The shapes are those of openai-python 3.57.0 (`responses/response_output_item`). What a provider wants back of
its thoughts travels in a reasoning item as `encrypted_content`, behind what it belongs to.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from aiproxy_desktop.core.messages import OpaquePart
from aiproxy_desktop.core.wire_json import encode_json

Status: TypeAlias = Literal["in_progress", "completed", "incomplete", "failed"]

_SEAL = "aiproxy."
# Whose own `encrypted_content` comes without the seal, from a conversation that began elsewhere.
_OPENAI = "openai"

_sealed = msgspec.json.Decoder(tuple[str, str])


def message_item(identity: str, text: str | None, status: Status) -> dict[str, Any]:
    """What the model said; None before anything is there."""
    content = [] if text is None else [text_part(text)]
    return {
        "id": identity,
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": content,
    }


def text_part(text: str) -> dict[str, Any]:
    """Text within a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def reasoning_item(
    identity: str, text: str | None, secret: OpaquePart | None, status: Status
) -> dict[str, Any]:
    """What the model thought, as far as it may be read, and what goes back of it unread."""
    return {
        "id": identity,
        "type": "reasoning",
        "status": status,
        "summary": [] if text is None else [summary_part(text)],
        "encrypted_content": None if secret is None else sealed(secret),
    }


def summary_part(text: str) -> dict[str, Any]:
    """Text within a reasoning item."""
    return {"type": "summary_text", "text": text}


def call_item(identity: str, call_id: str, name: str, arguments: str, status: Status) -> dict[str, Any]:
    """A function that the model wants called."""
    return {
        "id": identity,
        "type": "function_call",
        "status": status,
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
    }


def image_item(identity: str, data: bytes | None, mime: str, status: Status) -> dict[str, Any]:
    """An image that the model made; JSON has it in base64."""
    kind = {} if data is None else {"output_format": mime.partition("/")[2]}
    return {"id": identity, "type": "image_generation_call", "status": status, "result": data, **kind}


def sealed(secret: OpaquePart) -> str:
    """An opaque part as `encrypted_content`."""
    return _SEAL + urlsafe_b64encode(encode_json((secret.provider, secret.data))).decode()


def unsealed(item: Mapping[str, Any]) -> OpaquePart | None:
    """The opaque part of a reasoning item; None where it has none, or one that cannot be read."""
    content = item.get("encrypted_content")
    if not isinstance(content, str) or not content:
        return None
    if not content.startswith(_SEAL):
        return OpaquePart(_OPENAI, encode_json(item).decode())
    try:
        provider, data = _sealed.decode(urlsafe_b64decode(content[len(_SEAL) :]))
    except (NoBase64, ValueError, msgspec.DecodeError):
        return None
    return OpaquePart(provider, data)
