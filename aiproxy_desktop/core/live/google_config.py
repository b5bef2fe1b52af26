"""What the seed's live session takes of Google's own types, as our options; the types are never needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.functions import AnyFunction, function_of
from aiproxy_desktop.core.live.values import LiveOptions, TalkMode


def live_options(
    model: str,
    config: Any,
    system_instruction: Any,
    tools: Sequence[Any],
    *,
    google_search: bool,
    code_execution: bool,
) -> tuple[LiveOptions, dict[str, AnyFunction]]:
    """Options for a session, and the plain functions among its tools by their names.

    Args:
        model: a Live model.
        config: Google's LiveConnectConfig, a mapping of its fields by either of their spellings, or None.
        system_instruction: text, Google's Content, or None; wins over that of the configuration.
        tools: Google's Tool values, mappings of their fields, or plain functions.
        google_search: let the model search.
        code_execution: let it run code.

    Raises:
        InvalidRequestError: one of them is none of these.
    """
    raw = _fields(config)
    own = _taken(raw, "tools", "tools") or ()
    configured = _taken(raw, "systemInstruction", "system_instruction")
    functions: dict[str, AnyFunction] = {}
    google: list[Any] = []
    for tool in (*own, *tools):
        if callable(tool) and not isinstance(tool, type):
            functions[function_of(tool).name] = tool
        else:
            google.append(_plain(tool))
    if google:
        raw["tools"] = google
    instruction = system_instruction or configured
    text = instruction if isinstance(instruction, str) else ""
    if instruction and not text:
        raw["systemInstruction"] = _content(_plain(instruction))
    options = LiveOptions(
        model,
        mode=_mode(raw),
        instructions=text,
        functions=tuple(function_of(function) for function in functions.values()),
        google_search=google_search,
        code_execution=code_execution,
        raw=raw,
    )
    return options, functions


def _fields(config: Any) -> dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, Mapping):
        return {name: value if name == "tools" else _plain(value) for name, value in config.items()}
    if not hasattr(config, "model_dump"):
        raise InvalidRequestError(
            "The live configuration cannot be read", "Give Google's LiveConnectConfig or a mapping."
        )
    tools = getattr(config, "tools", None)
    fields: dict[str, Any] = config.model_dump(
        by_alias=True, exclude_none=True, mode="json", exclude={"tools"}
    )
    return {**fields, **({"tools": tools} if tools else {})}


def _taken(fields: dict[str, Any], *names: str) -> Any:
    found = [fields.pop(name) for name in names if name in fields]
    return found[0] if found else None


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if hasattr(value, "model_dump"):
        return value.model_dump(by_alias=True, exclude_none=True, mode="json")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise InvalidRequestError(
        f"A {type(value).__name__} cannot be part of a live session",
        "Give Google's types, mappings, or plain functions as tools.",
    )


def _content(value: Any) -> Any:
    """A system instruction in any of the shapes that Google's types allow, as a content."""
    if isinstance(value, list):
        return {"parts": [{"text": one} if isinstance(one, str) else one for one in value]}
    if isinstance(value, dict) and "parts" not in value:
        return {"parts": [value]}
    return value


def _mode(raw: Mapping[str, Any]) -> TalkMode:
    """Hands-free, as the seed has it, unless the configuration turns the detection of speech off."""
    listening = raw.get("realtimeInputConfig") or raw.get("realtime_input_config") or {}
    detection = listening.get("automaticActivityDetection") or listening.get("automatic_activity_detection")
    return "push_to_talk" if isinstance(detection, Mapping) and detection.get("disabled") else "hands_free"
