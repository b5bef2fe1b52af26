"""The head of a GGUF file: what a model says about itself.

Layout after https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: magic, version, counts, then
key-value pairs, little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"GGUF"

# Byte widths of the scalar types; 8 is a string, 9 an array.
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_INTEGERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_STRING, _ARRAY = 8, 9

_TEMPLATE_KEYS = ("tokenizer.chat_template", "tokenizer.chat_template.tool_use")

# Behind the vocabulary, which takes a few megabytes in the largest models.
_TEMPLATES_WITHIN = 32 * 1024 * 1024

_MOST_PAIRS = 10_000
_LONGEST_STRING = 1024 * 1024
_LONGEST_ARRAY = 100_000


class NotGgufError(ValueError):
    """The file is not GGUF, or its head is damaged."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """What the head tells. `context_length` is what the model was trained for, in tokens."""

    architecture: str = ""
    context_length: int | None = None


def read_head(file: BinaryIO) -> GgufHead:
    """Read as far as the vocabulary, which is large and of no interest.

    Raises:
        NotGgufError: it is not GGUF, or it is damaged.
        OSError: it cannot be read.
    """
    if file.read(4) != MAGIC:
        raise NotGgufError("no GGUF magic")
    (version,) = _unpack(file, "<I")
    if version not in {2, 3}:
        raise NotGgufError(f"version {version}")
    _tensors, pairs = _unpack(file, "<QQ")
    if pairs > _MOST_PAIRS:
        raise NotGgufError(f"{pairs} pairs")
    known: dict[str, str | int] = {}
    for _ in range(pairs):
        key = _string(file)
        if key.startswith("tokenizer."):
            break
        value = _value(file, _unpack(file, "<I")[0])
        if value is not None:
            known[key] = value
    architecture = known.get("general.architecture")
    context = known.get(f"{architecture}.context_length")
    return GgufHead(
        architecture if isinstance(architecture, str) else "",
        context if isinstance(context, int) and context > 0 else None,
    )


def read_templates(file: BinaryIO) -> str:
    """The chat templates (Jinja), joined; empty where the head holds none.

    Found by their keys rather than by reading on: a vocabulary is hundreds of thousands of strings.

    Raises:
        OSError: it cannot be read.
    """
    file.seek(0)
    head = file.read(_TEMPLATES_WITHIN)
    return "\n".join(filter(None, (_string_at(head, key) for key in _TEMPLATE_KEYS)))


def _string_at(head: bytes, key: str) -> str:
    """The string behind a key, wherever it stands."""
    mark = struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", _STRING)
    place = head.find(mark)
    if place < 0:
        return ""
    start = place + len(mark)
    (length,) = struct.unpack("<Q", head[start : start + 8].ljust(8, b"\0"))
    return head[start + 8 : start + 8 + min(length, _LONGEST_STRING)].decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int) -> str | int | None:
    """A string or an integer; anything else is passed over."""
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        inner, count = _unpack(file, "<IQ")
        if inner == _ARRAY or count > _LONGEST_ARRAY:
            raise NotGgufError("an array that no head has")
        for _ in range(count):
            _value(file, inner)
        return None
    if kind not in _WIDTHS:
        raise NotGgufError(f"type {kind}")
    if kind in _INTEGERS:
        number: int = _unpack(file, _INTEGERS[kind])[0]
        return number
    _exactly(file, _WIDTHS[kind])
    return None


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > _LONGEST_STRING:
        raise NotGgufError(f"a string of {length} bytes")
    return _exactly(file, length).decode("utf-8", "replace")


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _exactly(file, struct.calcsize(layout)))


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise NotGgufError("it ends early")
    return data
