"""What was said, for telemetry that was asked to hold it. Media is named, never copied.

Source: the JSON schemas of gen_ai.input.messages and gen_ai.output.messages,
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-events/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aiproxy_desktop.core.messages import (
    HostedMediaPart,
    MediaLink,
    MediaPart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.telemetry_facts import AttributeValue, whole_text

_MODALITIES = {"document": "file"}


def said(messages: Sequence[Message]) -> dict[str, AttributeValue]:
    """The conversation, and apart from it what the system said."""
    turns = [
        {"role": message.role, "parts": _parts(message)} for message in messages if message.role != "system"
    ]
    system = [part for message in messages if message.role == "system" for part in _parts(message)]
    facts: dict[str, AttributeValue] = {"gen_ai.input.messages": _text(turns)}
    if system:
        facts["gen_ai.system_instructions"] = _text(system)
    return facts


def answered(message: Message, reason: str | None) -> dict[str, AttributeValue]:
    """The answer, as far as it came."""
    if not message.parts:
        return {}
    turn = {"role": message.role, "parts": _parts(message), "finish_reason": reason or "error"}
    return {"gen_ai.output.messages": _text([turn])}


def _parts(message: Message) -> list[dict[str, Any]]:
    return [shown for part in message.parts if (shown := _part(part)) is not None]


def _part(part: Part) -> dict[str, Any] | None:
    match part:
        case TextPart(text):
            return {"type": "text", "content": text}
        case ReasoningPart(text):
            return {"type": "reasoning", "content": text}
        case ToolCallPart(id=identity, name=name, arguments=arguments):
            return {"type": "tool_call", "id": identity, "name": name, "arguments": arguments}
        case ToolResultPart(call_id=identity, content=content):
            return {"type": "tool_call_response", "id": identity, "response": content}
        case (
            MediaPart(kind=kind, mime=mime)
            | MediaLink(kind=kind, mime=mime)
            | HostedMediaPart(kind=kind, mime=mime)
        ):
            return {"type": "blob", "modality": _MODALITIES.get(kind, kind), "mime_type": mime}
        case _:
            return None


def _text(value: Any) -> str:
    return whole_text(json.dumps(value, ensure_ascii=False))
