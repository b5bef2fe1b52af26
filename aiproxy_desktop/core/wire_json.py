"""JSON on the wire: typed and fast where it is sound, forgiving where a server is not."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from aiproxy_desktop.core.errors import ProtocolError

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode_json(value: Any) -> bytes:
    """Compact JSON. Lone surrogates, which UTF-8 has no bytes for, become U+FFFD."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_sound(value))


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
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_sound(key): _sound(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(item) for item in value]
    return value
