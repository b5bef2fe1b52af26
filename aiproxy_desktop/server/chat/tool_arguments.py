"""The arguments of calls that come back in a conversation: what a model wrote may be no JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from aiproxy_desktop.core.wire_json import encode_json

# How the object that quotes them calls arguments that cannot be read.
UNREADABLE = "unreadable_arguments"


def readable_arguments(given: Any) -> Any:
    """Arguments as they came, or an object that quotes them where they are none.

    An answer that was cut ends in half an object, and models write worse. Programs send that back together
    with the tool's complaint, and OpenAI takes it; most others want an object.

    Args:
        given: a text, or whatever else stands in its place, which is the core's to refuse.
    """
    if not isinstance(given, str) or not given.strip():
        return given
    try:
        found = msgspec.json.decode(given)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        found = None
    return given if isinstance(found, dict) else encode_json({UNREADABLE: given}).decode()


def with_readable_calls(message: Any) -> Any:
    """A message of a chat completion, the arguments of its calls readable."""
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    if not isinstance(calls, list):
        return message
    return {**message, "tool_calls": [_readable(call) for call in calls]}


def _readable(call: Any) -> Any:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return call
    return {**call, "function": {**function, "arguments": readable_arguments(function.get("arguments"))}}
