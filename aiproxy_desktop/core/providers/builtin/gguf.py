"""The head of a GGUF file: what a model says about itself.

Layout after https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, names of keys after the same page:
magic, version, counts, then key-value pairs, little-endian. All of it is written by others: sizes are bounded
and numbers that no model has count as unknown.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

MAGIC = b"GGUF"

# Byte widths of the scalar types; 8 is a string, 9 an array.
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_INTEGERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 7: "B", 10: "Q", 11: "q"}
_STRING, _ARRAY = 8, 9

_TEMPLATE_KEYS = ("tokenizer.chat_template", "tokenizer.chat_template.tool_use")

# Behind the vocabulary, which takes a few megabytes in the largest models.
_BEHIND_WITHIN = 32 * 1024 * 1024

_MOST_PAIRS = 10_000
_MOST_BYTES = 8 * 1024 * 1024  # of the pairs before the vocabulary
_LONGEST_STRING = 1024 * 1024
_LONGEST_ARRAY = 100_000
_MOST_KEPT = 4096  # numbers of an array: one a layer at the most

_MOST_CONTEXT = 2**31

Value: TypeAlias = "str | int | tuple[int, ...]"


class NotGgufError(ValueError):
    """The file is not GGUF, or its head is damaged."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """What the head tells. `context_length` is what the model was trained for, in tokens.

    `pairs` are all pairs before the vocabulary that hold text, a whole number (true is 1), or a short row of
    whole numbers. Anything in them may be wrong, hostile or of another type than it should be.
    """

    architecture: str = ""
    context_length: int | None = None
    pairs: tuple[tuple[str, Value], ...] = ()

    def text(self, key: str) -> str:
        """The text behind a key; empty where there is none."""
        value = self._find(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, most: int) -> int | None:
        """A whole number from 0 to `most`; None where there is none, or another."""
        value = self._find(key)
        return value if isinstance(value, int) and 0 <= value <= most else None

    def numbers(self, key: str, most: int) -> tuple[int, ...]:
        """A row of such numbers, also where only one was given; empty where there are none."""
        value = self._find(key)
        row = (value,) if isinstance(value, int) else value if isinstance(value, tuple) else ()
        return row if all(0 <= one <= most for one in row) else ()

    def _find(self, key: str) -> Value | None:
        return next((value for name, value in self.pairs if name == key), None)


@dataclass(frozen=True, slots=True)
class GgufTail:
    """What may stand behind the vocabulary: the chat templates (Jinja), joined, and some numbers."""

    templates: str = ""
    file_type: int | None = None
    split_count: int | None = None


def read_head(file: BinaryIO) -> GgufHead:
    """Read as far as the vocabulary, which is large and of no interest.

    Raises:
        NotGgufError: it is not GGUF, or it is damaged.
        OSError: it cannot be read.
    """
    if file.read(4) != MAGIC:
        raise NotGgufError("no GGUF magic")
    reader = _Reader(file)
    version = reader.number("I")
    if version not in {2, 3}:
        raise NotGgufError(f"version {version}")
    reader.number("Q")  # of tensors
    pairs = reader.number("Q")
    if pairs > _MOST_PAIRS:
        raise NotGgufError(f"{pairs} pairs")
    known: dict[str, Value] = {}
    for _ in range(pairs):
        key = reader.string()
        if key.startswith("tokenizer."):
            break
        value = reader.value(reader.number("I"))
        if value is not None:
            known[key] = value
    architecture = known.get("general.architecture")
    context = known.get(f"{architecture}.context_length")
    return GgufHead(
        architecture if isinstance(architecture, str) else "",
        context if isinstance(context, int) and 0 < context < _MOST_CONTEXT else None,
        tuple(known.items()),
    )


def read_tail(file: BinaryIO) -> GgufTail:
    """Find what may stand behind the vocabulary.

    Found by its keys rather than by reading on: a vocabulary is hundreds of thousands of strings.

    Raises:
        OSError: it cannot be read.
    """
    file.seek(0)
    head = file.read(_BEHIND_WITHIN)
    return GgufTail(
        "\n".join(filter(None, (_string_at(head, key) for key in _TEMPLATE_KEYS))),
        _number_at(head, "general.file_type", 4),
        _number_at(head, "split.count", 2),
    )


def _behind(head: bytes, key: str, kind: int) -> int | None:
    """Where the value of a key begins, wherever it stands."""
    mark = struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", kind)
    place = head.find(mark)
    return None if place < 0 else place + len(mark)


def _string_at(head: bytes, key: str) -> str:
    start = _behind(head, key, _STRING)
    if start is None:
        return ""
    (length,) = struct.unpack("<Q", head[start : start + 8].ljust(8, b"\0"))
    return head[start + 8 : start + 8 + min(length, _LONGEST_STRING)].decode("utf-8", "replace")


def _number_at(head: bytes, key: str, kind: int) -> int | None:
    start, width = _behind(head, key, kind), _WIDTHS[kind]
    if start is None or start + width > len(head):
        return None
    number: int = struct.unpack_from("<" + _INTEGERS[kind], head, start)[0]
    return number


class _Reader:
    """Reads forward, at most `_MOST_BYTES`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MOST_BYTES

    def value(self, kind: int) -> Value | None:
        """A text, a whole number or a row of them; anything else is passed over."""
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            return self._array()
        if kind not in _WIDTHS:
            raise NotGgufError(f"type {kind}")
        if kind in _INTEGERS:
            return self.number(_INTEGERS[kind])
        self._exactly(_WIDTHS[kind])
        return None

    def string(self) -> str:
        length = self.number("Q")
        if length > _LONGEST_STRING:
            raise NotGgufError(f"a string of {length} bytes")
        return self._exactly(length).decode("utf-8", "replace")

    def number(self, layout: str) -> int:
        layout = "<" + layout
        number: int = struct.unpack(layout, self._exactly(struct.calcsize(layout)))[0]
        return number

    def _array(self) -> tuple[int, ...] | None:
        inner, count = self.number("I"), self.number("Q")
        if count > _LONGEST_ARRAY or (inner != _STRING and inner not in _WIDTHS):
            raise NotGgufError("an array that no head has")
        if inner == _STRING:
            for _ in range(count):
                self.string()
            return None
        data = self._exactly(count * _WIDTHS[inner])
        if inner not in _INTEGERS or count > _MOST_KEPT:
            return None
        return struct.unpack(f"<{count}{_INTEGERS[inner]}", data)

    def _exactly(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise NotGgufError("a head larger than any")
        data = self._file.read(size)
        if len(data) != size:
            raise NotGgufError("it ends early")
        return data
