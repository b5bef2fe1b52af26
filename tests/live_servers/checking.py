"""What a client sends, judged by the types of the services' own clients."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError


def check_gemini(message: Mapping[str, Any]) -> str:
    """What google-genai would not have sent; empty where nothing is wrong.

    `LiveClientSetup` has no field for realtimeInputConfig, which that client puts there all the same: it is
    checked by itself.
    """
    from google.genai import types

    message = dict(message)
    if len(message) > 1:
        return f"one kind of message at a time: {sorted(message)}"
    setup = message.get("setup")
    try:
        if isinstance(setup, Mapping):
            setup = dict(setup)
            activity = setup.pop("realtimeInputConfig", None)
            if activity is not None:
                types.RealtimeInputConfig.model_validate(activity)
            message["setup"] = setup
        types.LiveClientMessage.model_validate(message)
    except ValidationError as error:
        return _first(error)
    if setup is not None and not str(setup.get("model", "")).startswith("models/"):
        return "setup.model: begins with models/"
    sent = message.get("realtimeInput") or message.get("realtime_input")
    if isinstance(sent, Mapping) and len(sent) != 1:
        return f"realtimeInput: exactly one field, not {sorted(sent)}"
    return ""


def check_openai(event: Mapping[str, Any]) -> str:
    """What openai-python's types do not know; empty where nothing is wrong."""
    try:
        found = _openai().validate_python(dict(event))
    except ValidationError as error:
        return _first(error)
    unknown = next(_unknown(found, str(event.get("type"))), "")
    return f"unknown field {unknown}" if unknown else ""


@cache
def _openai() -> TypeAdapter[Any]:
    from openai.types.realtime import RealtimeClientEvent

    return TypeAdapter(RealtimeClientEvent)


def check_gemini_server(frame: str | bytes) -> str:
    """What google-genai would not read of what a service says; empty where nothing is wrong."""
    from google.genai import types

    try:
        types.LiveServerMessage.model_validate(json.loads(frame))
    except ValidationError as error:
        return _first(error)
    except ValueError:
        return ""  # no JSON, on purpose
    return ""


def check_openai_server(frame: str | bytes) -> str:
    """The same for openai-python. The session is not looked into: it is what the client sent."""
    try:
        event = json.loads(frame)
        if str(event.get("type")).startswith("session."):
            return ""
        found = _openai_server().validate_python(event)
    except ValidationError as error:
        return _first(error)
    except ValueError:
        return ""  # no JSON, on purpose
    unknown = next(_unknown(found, str(event.get("type"))), "")
    return f"unknown field {unknown}" if unknown else ""


@cache
def _openai_server() -> TypeAdapter[Any]:
    from openai.types.realtime import RealtimeServerEvent

    return TypeAdapter(RealtimeServerEvent)


def _unknown(value: Any, path: str) -> Iterator[str]:
    """Fields that a type only lets through."""
    if isinstance(value, BaseModel):
        for name in value.model_extra or ():
            yield f"{path}.{name}"
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unknown(item, f"{path}[{number}]")


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    return f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}"
