"""What a client of a live session says, from its frames. The forms are those of `gemini_ws`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

from aiproxy_desktop.server.errors import Refusal

# The seed's own words, for its clients.
NOT_PCM = "Audio requires PCM format - WebM conversion not yet implemented"
NO_AUDIO = "Invalid audio payload: expected base64 data"
BAD_AUDIO = "Invalid base64 audio payload"

_MOST_TEXT = 200_000
_SHOWN = 60
_PCM_TYPES = frozenset({"audio/pcm", "audio/l16", "audio/x-pcm", "audio/raw"})
_PCM_FORMATS = frozenset({"pcm", "pcm16", "pcm_16", "pcm_s16le", "s16le", "s16", "linear16", "audio/pcm"})
_RATES = range(4_000, 384_001)
# How files begin that recorders make and that say nothing of what they are: WebM, Ogg, WAV, FLAC, MP3.
_FILES = (b"\x1aE\xdf\xa3", b"OggS", b"RIFF", b"fLaC", b"ID3\x03", b"ID3\x04")


@dataclass(frozen=True, slots=True)
class Config:
    """How the session shall be: all that was said of it."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """A whole turn in writing."""

    text: str


@dataclass(frozen=True, slots=True)
class Sound:
    """PCM16 mono, any number of bytes; `rate` in samples a second, None where it was not said."""

    pcm: bytes = field(repr=False)
    rate: int | None = None


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
        if frame.startswith(_FILES):
            raise Refusal(400, NOT_PCM)
        return Sound(frame)
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
            return _sound(message)
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


def _sound(message: Mapping[str, Any]) -> Sound:
    data = message.get("data")
    more = {**message, **data} if isinstance(data, dict) else message
    given = data if isinstance(data, str) else _first(more, "base64", "b64", "data", "audio")
    kind = _word(_first(more, "mime_type", "mimeType", "mimetype"))
    form = _word(_first(more, "format", "codec"))
    if isinstance(given, str) and given.startswith("data:"):
        head, _, given = given.partition(",")
        kind = kind or head.removeprefix("data:").removesuffix(";base64")
    rate = _rate(kind, form, _first(more, "sampleRate", "sample_rate", "rate"))
    if not isinstance(given, str) or not given:
        raise Refusal(400, NO_AUDIO, param="data")
    try:
        pcm = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, BAD_AUDIO, param="data") from None
    if pcm.startswith(_FILES):
        raise Refusal(400, NOT_PCM, param="data")
    return Sound(pcm, rate)


def _rate(kind: str, form: str, said: Any) -> int | None:
    """Samples a second, as the type says it, else as a field does; None where neither does.

    Raises:
        Refusal: it is no PCM, not mono, or no rate.
    """
    name, _, parameters = kind.lower().replace(" ", "").partition(";")
    if (name and name not in _PCM_TYPES) or (form and form.lower() not in _PCM_FORMATS):
        raise Refusal(400, NOT_PCM, param="mime_type")
    channels = re.search(r"(?:^|;)channels=(\d+)", parameters)
    if channels is not None and channels[1] != "1":
        raise Refusal(400, "The sound has more than one channel. Send it mono.", param="mime_type")
    found = re.search(r"(?:^|;)rate=([^;]*)", parameters)
    wanted: Any = found[1] if found is not None else said
    if wanted is None:
        return None
    return sample_rate(wanted)


def sample_rate(value: Any) -> int:
    """Samples a second, as a client names them.

    Raises:
        Refusal: no sound has such a rate.
    """
    try:
        rate = int(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0
    except (ValueError, OverflowError):
        rate = 0
    if rate not in _RATES:
        raise Refusal(
            400, f"“{str(value)[:_SHOWN]}” is no sample rate. Name one such as 16000.", param="rate"
        )
    return rate


def _tool_result(given: Mapping[str, Any]) -> ToolResult:
    call_id = _word(_first(given, "id", "call_id", "tool_call_id"))
    result = _first(given, "result", "response", "output")
    if result is None and "result" not in given:
        raise Refusal(400, "The message has no “result”. Send what came of the call.", param="result")
    return ToolResult(call_id, result if isinstance(result, dict) else {"result": result})


def _first(fields: Mapping[str, Any], *names: str) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _milliseconds(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise Refusal(400, "“heard_ms” has to be a number of milliseconds.", param="heard_ms")
    return int(value)
