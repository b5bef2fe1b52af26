"""JSON from clients: looked at before it is made into values, and never all of it at once.

A few bytes of JSON can stand for much more memory, and nested deeply enough for a stack. Both are found by
passes over the bytes that run at the speed of memory, whatever was sent.

What counts or reads tens of megabytes in one call of C lets no other thread of Python run meanwhile, the
window's neither. So a large body is looked at in windows and read piece by piece, on a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.wire_json import sound_json
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.gate.bodies import Whole
from aiproxy_desktop.server.rules import Limits

# Bytes that take about a millisecond at most, and are looked at or read in one go.
_WINDOW = 128 * 1024
# A body of up to so many is read where it came: a thread costs more than it spares.
_AT_ONCE = 512 * 1024
# A body of up to so many is mended where a text in it was cut in the middle of a character, as programs do
# that count in UTF-16.
_MENDED = 2 * 1024 * 1024
# In so many levels of nesting long pieces are looked for; a picture in a conversation stands in the seventh.
_LEVELS = 8

_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")

_Piece: TypeAlias = Whole | msgspec.Raw
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])


class JsonReader:
    """Reads large bodies one after the other: many threads of Python are no faster, and all others wait."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def read(self, body: Whole, limits: Limits) -> tuple[dict[str, Any], int]:
        """The object that a body is, and how many values it holds at most.

        Raises:
            Refusal: it is none, nests too deeply, or holds too many values.
        """
        if len(body) <= _AT_ONCE:
            value, count = _read(body, limits)
        else:
            async with self._turn:
                value, count = await on_thread(lambda: _read(body, limits), "read-json")
        if not isinstance(value, dict):
            raise Refusal(400, "The body has to be a JSON object.")
        return value, count


def check_json(body: Whole, limits: Limits) -> int:
    """Look at JSON before it is read. What is no JSON at all is for the reader to find.

    Returns:
        how many values it holds at most.

    Raises:
        Refusal: it nests too deeply, or holds too many values.
    """
    brackets = commas = 0
    for window in _windows(body):
        brackets += window.count(b"[") + window.count(b"{")
        commas += window.count(b",")
    most = min(brackets + commas, limits.values)
    if brackets <= limits.depth and commas <= limits.values:
        return most
    nested = _brackets(body, limits)
    for _ in range(limits.depth):
        if not nested:
            return most
        nested = nested.replace(b"[]", b"")
    if b"[]" in nested or nested.count(b"[") > limits.depth:
        raise Refusal(400, f"The JSON nests deeper than {limits.depth} levels.")
    return most


def _read(body: Whole, limits: Limits) -> tuple[Any, int]:
    count = check_json(body, limits)
    try:
        return _decoded(body), count
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Of a body in pieces it would say where in its piece.
        where = f": {error}" if len(body) <= _WINDOW else ""
    sound = sound_json(bytes(body)) if len(body) <= _MENDED else body
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decoded(sound), count
    raise Refusal(400, f"The body is not JSON that can be read{where}.")


def _decoded(piece: _Piece, level: int = 0) -> Any:
    """A value, of which nothing longer than a window is read in one go but a text that is."""
    if len(piece) > _WINDOW and level < _LEVELS:
        first = bytes(memoryview(piece)[:1])
        if first == b"{":
            return {name: _decoded(value, level + 1) for name, value in _fields.decode(piece).items()}
        if first == b"[":
            return [_decoded(value, level + 1) for value in _items.decode(piece)]
    return msgspec.json.decode(piece)


def _brackets(body: Whole, limits: Limits) -> bytes:
    """The brackets that stand in no text, all of them square; pairs within one window are left out.

    Raises:
        Refusal: there are too many values.
    """
    found: list[bytes] = []
    values = quotes = within = 0
    for window in _windows(body):
        if b"\\" in window:
            window = window.replace(b"\\\\", b"").replace(b'\\"', b"")  # noqa: PLW2901 - the same, without
        texts = window.split(b'"')
        outside = b"".join(texts[within::2])
        quotes += len(texts) - 1
        within = quotes % 2
        values += outside.count(b",") + outside.count(b"[") + outside.count(b"{")
        if values > limits.values or quotes > 2 * limits.values:
            raise _too_much()
        found.append(outside.translate(_SQUARE, _NO_BRACKETS))
    return b"".join(found)


def _windows(body: Whole) -> Iterator[Whole]:
    """All of it in turn; none ends between a backslash and what it belongs to."""
    start = 0
    while start < len(body):
        window = body[start : start + _WINDOW]
        if (len(window) - len(window.rstrip(b"\\"))) % 2:
            window += body[start + len(window) : start + len(window) + 1]
        yield window
        start += len(window)


def _too_much() -> Refusal:
    return Refusal(413, "The JSON holds too many values.")
