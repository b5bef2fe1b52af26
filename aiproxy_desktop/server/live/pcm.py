"""The sound in a client's message: PCM alone, as the seed has it, in any of the forms it may come in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiproxy_desktop.server.errors import Refusal

# The seed's own words, for its clients.
NOT_PCM = "Audio requires PCM format - WebM conversion not yet implemented"
NO_AUDIO = "Invalid audio payload: expected base64 data"
BAD_AUDIO = "Invalid base64 audio payload"

_SHOWN = 60
_PCM_TYPES = frozenset({"audio/pcm", "audio/l16", "audio/x-pcm", "audio/raw"})
_PCM_FORMATS = frozenset({"pcm", "pcm16", "pcm_16", "pcm_s16le", "s16le", "s16", "linear16", "audio/pcm"})
_RATES = range(4_000, 384_001)
# How files begin that recorders make and that say nothing of what they are: WebM, Ogg, WAV, FLAC, MP3.
_FILES = (b"\x1aE\xdf\xa3", b"OggS", b"RIFF", b"fLaC", b"ID3\x03", b"ID3\x04")


@dataclass(frozen=True, slots=True)
class Sound:
    """PCM16 mono, any number of bytes; `rate` in samples a second, None where it was not said."""

    pcm: bytes = field(repr=False)
    rate: int | None = None


def sound_of_frame(frame: bytes) -> Sound:
    """What a binary frame holds.

    Raises:
        Refusal: it is a file.
    """
    if frame.startswith(_FILES):
        raise Refusal(400, NOT_PCM)
    return Sound(frame)


def sound_of_message(message: Mapping[str, Any]) -> Sound:
    """What a message of type `audio` holds.

    Raises:
        Refusal: it is none, or not PCM.
    """
    data = message.get("data")
    more = {**message, **data} if isinstance(data, dict) else message
    given = data if isinstance(data, str) else first_of(more, "base64", "b64", "data", "audio")
    kind = word_of(first_of(more, "mime_type", "mimeType", "mimetype"))
    form = word_of(first_of(more, "format", "codec"))
    if isinstance(given, str) and given.startswith("data:"):
        head, _, given = given.partition(",")
        kind = kind or head.removeprefix("data:").removesuffix(";base64")
    rate = _rate(kind, form, first_of(more, "sampleRate", "sample_rate", "rate"))
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


def first_of(fields: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that has a value; None where none has."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def word_of(value: Any) -> str:
    """The value where it is text, else an empty one."""
    return value if isinstance(value, str) else ""
