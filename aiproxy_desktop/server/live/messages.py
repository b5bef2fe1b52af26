"""What a client of a live session says, from its frames. The forms are those of `routes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec

from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.live.pcm import Sound, first_of, sound_of_frame, sound_of_message, word_of

_MOST_TEXT = 200_000
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Config:
    """How the session shall be: all that was said of it."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """A whole turn in writing."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: the person begins to speak or has spoken (push to talk), or mutes the microphone."""

    kind: Literal["activity_start", "activity_end", "audio_end"]


@dataclass(frozen=True, slots=True)
class Cut:
    """No more of an answer: so many milliseconds of it were heard, None where the client does not know."""

    heard_ms: int | None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call; `call_id` is empty where the oldest is meant."""

    call_id: str
    result: Mapping[str, Any]


ClientMessage: TypeAlias = Config | Words | Sound | Mark | Cut | ToolResult


def read_frame(frame: str | bytes) -> ClientMessage:
    """What a frame means.

    Args:
        frame: text is JSON, which the door has found to be no deeper than it may; bytes are sound.

    Raises:
        Refusal: it is nothing of this; it says what is wrong.
    """
    if isinstance(frame, bytes):
        return sound_of_frame(frame)
    try:
        message = msgspec.json.decode(frame)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal(400, "The message is not JSON that can be read.") from None
    if not isinstance(message, dict):
        raise Refusal(400, 'A message has to be a JSON object with a “type”, such as {"type": "text"}.')
    return _message(message)


def _message(message: dict[str, Any]) -> ClientMessage:
    match message.get("type"):
        case "config":
            return Config(_fields(message))
        case "text" | "message":
            return Words(_text(message))
        case "audio":
            return sound_of_message(message)
        case "activity_start" | "activity_end" | "audio_end" as kind:
            return Mark(kind)
        case "interrupt":
            return Cut(_milliseconds(_fields(message).get("heard_ms")))
        case "tool_result":
            return _tool_result(_fields(message))
        case kind:
            shown = f"“{str(kind)[:_SHOWN]}”" if kind is not None else "nothing"
            raise Refusal(
                400,
                f"The type of the message is {shown}. It has to be config, message, text, audio,"
                " activity_start, activity_end, audio_end, interrupt or tool_result.",
                param="type",
            )


def _fields(message: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in `data`, and beside it."""
    beside = {name: value for name, value in message.items() if name not in {"type", "data"}}
    data = message.get("data")
    return {**beside, **data} if isinstance(data, dict) else beside


def _text(message: Mapping[str, Any]) -> str:
    data = message.get("data")
    text = data.get("text") if isinstance(data, dict) else data if data is not None else message.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refusal(
            400, 'There is no text in the message: {"type": "text", "text": "Hello"}.', param="text"
        )
    if len(text) > _MOST_TEXT:
        raise Refusal(400, f"The text is longer than {_MOST_TEXT:,} characters. Send less.", param="text")
    return text


def _tool_result(given: Mapping[str, Any]) -> ToolResult:
    call_id = word_of(first_of(given, "id", "call_id", "tool_call_id"))
    result = first_of(given, "result", "response", "output")
    if result is None and "result" not in given:
        raise Refusal(400, "The message has no “result”. Send what came of the call.", param="result")
    return ToolResult(call_id, result if isinstance(result, dict) else {"result": result})


def _milliseconds(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise Refusal(400, "“heard_ms” has to be a number of milliseconds.", param="heard_ms")
    return int(value)
