"""What both codecs need to read and write messages: JSON from the wire, base64, whole samples."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    InterruptedStreamError,
    ProtocolError,
)
from aiproxy_desktop.core.failures import Refusal, failure
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.wire_json import decode_json

_SAMPLE_BYTES = 2

# WebSocket close codes as HTTP statuses: 1007 and 1008 refuse the request, 1009 its size; 1011 to 1013 are
# failures of the service's own; OpenAI closes with 3000 for a key that it does not take.
_CLOSE_CODES = {1007: 400, 1008: 400, 1009: 413, 1011: 500, 1012: 503, 1013: 503, 3000: 401}
_BROKE_OFF = frozenset({1000, 1001, 1005, 1006})

_URL_SAFE = str.maketrans("-_", "+/")
_decoder = msgspec.json.Decoder()


class WholeSamples:
    """Cuts PCM16 into whole samples: half of one waits for its other half."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = b""

    def of(self, pcm: bytes) -> bytes:
        """The samples that are whole with these bytes; may be none."""
        if self._half:
            pcm, self._half = self._half + pcm, b""
        if len(pcm) % _SAMPLE_BYTES:
            pcm, self._half = pcm[:-1], pcm[-1:]
        return pcm

    def clear(self) -> None:
        """What comes next belongs to something else."""
        self._half = b""


def message_of(frame: bytes | str, provider: str, label: str) -> Mapping[str, Any]:
    """The object that a message is, sent as text or as bytes.

    Raises:
        ProtocolError: it is none.
    """
    data = frame.encode("utf-8", "replace") if isinstance(frame, str) else frame
    try:
        value = decode_json(_decoder, data)
    except ProtocolError:
        value = None
    if isinstance(value, Mapping):
        return value
    raise ProtocolError(
        f"{label} said something that cannot be read", "Start the conversation again.", provider=provider
    )


def sound_of(text: Any, provider: str, label: str) -> bytes:
    """The bytes of base64, in either of its alphabets (JSON of protobuf may have both).

    Raises:
        ProtocolError: it is none.
    """
    try:
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:
            padded = text.translate(_URL_SAFE) + "=" * (-len(text) % 4)
            return binascii.a2b_base64(padded, strict_mode=True)
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise ProtocolError(
            f"{label} sent sound that cannot be read", "Start the conversation again.", provider=provider
        ) from None


def base64_of(pcm: bytes) -> bytes:
    """Base64 without line breaks."""
    return binascii.b2a_base64(pcm, newline=False)


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def rows_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; empty where it is none."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """The value where it is text, else an empty one."""
    return value if isinstance(value, str) else ""


def count_of(value: Any) -> int | None:
    """A count of tokens; None where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def close_error(code: int, reason: str, provider: str, label: str) -> AIProxyError:
    """What it means that a service closed the connection (RFC 6455, section 7.4).

    `reason` may be the service's words or, from OpenAI, codes with dots between them
    (`invalid_request_error.invalid_api_key`).
    """
    words = Redactor()(reason.strip())
    if code in _BROKE_OFF:
        return InterruptedStreamError(
            f"The conversation with {label} broke off", "Start it again.", provider=provider, detail=words
        )
    codes = tuple(reversed(words.lower().split("."))) if words and " " not in words else ()
    status = _CLOSE_CODES.get(code)
    said = words.lower()
    if status in {400, 500} and "quota" in said:
        status = 429
    elif status == 400 and "models/" in said and ("not found" in said or "not supported" in said):
        status = 404
    elif status == 400 and any(
        word in said for word in ("permission", "not authorized", "api key", "denied")
    ):
        return AuthenticationError(
            f"{label} does not let this key hold live conversations",
            "Check the key and its rights, or pick another model.",
            provider=provider,
            detail=words,
        )
    return failure(Refusal(words, codes), label=label, provider=provider, status=status or 500)
