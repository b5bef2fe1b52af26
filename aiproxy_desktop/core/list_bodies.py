"""The body of a list of models as JSON: a small one at once, a large one row by row on a thread.

A decoder written in C holds the interpreter until it has read everything, on whatever thread it runs. Row by
row the loop goes on beside it, and of a million rows only those are kept that can be shown.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.framing import BYTE_ORDER_MARK
from aiproxy_desktop.core.model_hygiene import MOST_MODELS
from aiproxy_desktop.core.slices import in_slices
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.wire_json import decode_json

# A million models in few words. What is larger is refused with a sentence.
MAX_LIST_BYTES = 64 * 1024 * 1024

# Decoded in 3 ms.
_SMALL = 512 * 1024
_PIECE = 128 * 1024

_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_scan = json.JSONDecoder().raw_decode
_space = re.compile(r"[ \t\n\r]*")


async def read_list(
    body: bytes, keys: Collection[str], read: Callable[[Any], Any] | None = None
) -> tuple[Any, int]:
    """What a body holds, and how many rows its list had; the list holds the first MOST_MODELS of them.

    Args:
        body: JSON, an array of rows or an object with one.
        keys: under which an object may have the rows.
        read: takes the place of each row, as soon as it is decoded; called on a thread, it may be.

    Raises:
        ProtocolError: it is not JSON.
    """
    if len(body) > _SMALL:
        return await on_thread(lambda: _read_large(body, keys, read), "model-list")
    payload = decode_json(_any_decoder, body)
    rows: list[Any] = []
    if isinstance(payload, dict):
        rows = next((payload[key] for key in keys if isinstance(payload.get(key), list)), rows)
    elif isinstance(payload, list):
        rows = payload
    total = len(rows)
    del rows[MOST_MODELS:]
    if read is not None:
        rows[:] = await in_slices(rows, read)
    return payload, total


def _read_large(
    body: bytes, keys: Collection[str], read: Callable[[Any], Any] | None = None
) -> tuple[Any, int]:
    try:
        return _payload(_Text(body.removeprefix(BYTE_ORDER_MARK)), keys, read or _as_it_is)
    except (ValueError, RecursionError):
        raise ProtocolError(
            "The answer holds something that cannot be read", "It is not the JSON this provider speaks."
        ) from None


def _as_it_is(row: Any) -> Any:
    return row


def _payload(text: _Text, keys: Collection[str], read: Callable[[Any], Any]) -> tuple[Any, int]:
    if text.next() == "[":
        return _rows(text, read)
    payload: dict[str, Any] = {}
    total = 0
    text.take("{")
    while text.next() != "}":
        key = text.value()
        text.take(":")
        if key in keys and text.next() == "[":
            payload[key], total = _rows(text, read)
        else:
            payload[key] = text.value()
        text.after_member("}")
    return payload, total


def _rows(text: _Text, read: Callable[[Any], Any]) -> tuple[list[Any], int]:
    """The first rows of an array, and how many there are."""
    rows: list[Any] = []
    total = 0
    text.take("[")
    while text.next() != "]":
        row = text.value()
        total += 1
        if total <= MOST_MODELS:
            rows.append(read(row))  # at once: thousands of decoded rows would be work for the collector
        text.after_member("]")
    text.take("]")
    return rows, total


class _Text:
    """A body, decoded piece by piece as it is read. Everything raises ValueError where it is no JSON."""

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)
        self._read = 0
        self._piece = _PIECE
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._at = 0

    def next(self) -> str:
        """The next character that is no space; it stays there."""
        while True:
            found = _space.match(self._text, self._at)
            self._at = self._at if found is None else found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise ValueError("it ends too soon")

    def take(self, wanted: str) -> None:
        """Step over a character that has to be there."""
        if self.next() != wanted:
            raise ValueError(f"no {wanted}")
        self._at += 1

    def after_member(self, end: str) -> None:
        """Step over a comma, or stand before the end."""
        if self.next() != end:
            self.take(",")

    def value(self) -> Any:
        """A whole value."""
        self.next()
        while True:
            try:
                value, at = _scan(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise
                continue
            # A number that ends where the piece does may go on in the next.
            if at == len(self._text) and self._more():
                continue
            self._at, self._piece = at, _PIECE
            return value

    def _more(self) -> bool:
        """Decode one more piece, each twice as long, so that a long value is not tried again and again."""
        if self._read >= len(self._body):
            return False
        piece = self._body[self._read : self._read + self._piece]
        self._read += len(piece)
        self._piece *= 2
        self._text = self._text[self._at :] + self._decode(piece, self._read >= len(self._body))
        self._at = 0
        return True
