"""JSON on the wire: typed and fast where it is sound, forgiving where a server is not."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

from aiproxy_desktop.core.errors import ProtocolError

T = TypeVar("T")


def _plain(value: Any) -> str:
    """Texts of a kind of their own, such as a limit that is not known, are texts on the wire."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")


_encoder = msgspec.json.Encoder(enc_hook=_plain)

# Escapes in JSON: a pair of halves of a character, one half alone, and any other.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def encode_json(value: Any) -> bytes:
    """Compact JSON. Lone surrogates, which UTF-8 has no bytes for, become U+FFFD."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_sound(value))


def sound_text(text: str) -> str:
    """The text with U+FFFD in place of lone surrogates."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def sound_json(data: bytes) -> bytes:
    """JSON with U+FFFD for each half of a character, escaped or not; all else stays byte by byte the same."""
    text = data.decode("utf-8", "replace").encode()
    return _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)


def decode_json(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """A value of the decoder's type.

    Raises:
        ProtocolError: the bytes are not JSON, or not of that shape.
    """
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_forgiving(decoder, data)


def _decode_forgiving(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """Once more, for text that a server cut in the middle of a character (half a UTF-8 sequence or pair)."""
    try:
        return decoder.decode(sound_json(data))
    except (msgspec.DecodeError, RecursionError):
        pass
    try:  # NaN, say
        value = json.loads(data.decode("utf-8", "replace"))
        return msgspec.convert(_sound(value), decoder.type)
    except (ValueError, RecursionError):  # msgspec.ValidationError is a ValueError
        pass
    raise ProtocolError(
        "The answer holds something that cannot be read", "It is not the JSON this provider speaks."
    )


def _sound(value: Any) -> Any:
    """The same value with every text encodable."""
    if isinstance(value, str):
        return sound_text(value)
    if isinstance(value, dict):
        return {_sound(key): _sound(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(item) for item in value]
    return value
