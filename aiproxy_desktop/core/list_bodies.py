"""The body of a list of models as JSON: a small one at once, a large one row by row on a thread.

A decoder written in C holds the interpreter until it has read everything, on whatever thread it runs. Row by
row the loop goes on beside it, and of a million rows only those are kept that can be shown.
"""

from __future__ import annotations

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
    text = body.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
    try:
        return _payload(text, keys, read or _as_it_is)
    except (ValueError, IndexError, RecursionError):
        raise ProtocolError(
            "The answer holds something that cannot be read", "It is not the JSON this provider speaks."
        ) from None


def _as_it_is(row: Any) -> Any:
    return row


def _payload(text: str, keys: Collection[str], read: Callable[[Any], Any]) -> tuple[Any, int]:
    at = _after_space(text, 0)
    if text[at] == "[":
        rows, total, _ = _rows(text, at, read)
        return rows, total
    if text[at] != "{":
        raise ValueError(at)
    payload: dict[str, Any] = {}
    total = 0
    at = _after_space(text, at + 1)
    while text[at] != "}":
        key, at = _scan(text, at)
        at = _after_space(text, at)
        if text[at] != ":":
            raise ValueError(at)
        at = _after_space(text, at + 1)
        if key in keys and text[at] == "[":
            payload[key], total, at = _rows(text, at, read)
        else:
            payload[key], at = _scan(text, at)
        at = _next(text, at, "}")
    return payload, total


def _rows(text: str, at: int, read: Callable[[Any], Any]) -> tuple[list[Any], int, int]:
    """The first rows of an array, how many there are, and the place after it."""
    rows: list[Any] = []
    total = 0
    at = _after_space(text, at + 1)
    while text[at] != "]":
        row, at = _scan(text, at)
        total += 1
        if total <= MOST_MODELS:
            rows.append(read(row))  # at once: thousands of decoded rows would be work for the collector
        at = _next(text, at, "]")
    return rows, total, at + 1


def _next(text: str, at: int, end: str) -> int:
    """The place of the next member, or of the end."""
    at = _after_space(text, at)
    if text[at] == end:
        return at
    if text[at] != ",":
        raise ValueError(at)
    return _after_space(text, at + 1)


def _after_space(text: str, at: int) -> int:
    if text[at] not in " \t\n\r":
        return at
    found = _space.match(text, at)
    return at if found is None else found.end()
