"""JSON documents of any size, one member or list item at a time: memory is bounded by the largest item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Protocol

from aiproxy_desktop.services.exchange.errors import damaged

# Bytes of one item: a conversation of this size is longer than any person reads.
ITEM_LIMIT = 256 * 1024 * 1024

_CHUNK = 256 * 1024
_DEPTH = 400
_OUTSIDE = re.compile(rb'["{}\[\]]')
_SPACE = re.compile(rb"[^ \t\r\n]")
_SCALAR_END = re.compile(rb"[,\]} \t\r\n]")
_OPENING, _CLOSING = b"{[", b"}]"


class Readable(Protocol):
    """A binary stream."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def members(source: Readable, item_limit: int = ITEM_LIMIT) -> Iterator[tuple[str, bytes]]:
    """What is in the outermost array or object of a JSON document, as undecoded JSON texts.

    Yields:
        ("", item) for each item of an array; for an object (key, value), or (key, item) for each item of a
        value that is an array.

    Raises:
        UnreadableExportError: it is cut off, not JSON, nested too deeply, or one item is too large.
    """
    scanner = _Scanner(source, item_limit)
    first = scanner.peek()
    if first == b"[":
        yield from (("", item) for item in scanner.items())
    elif first == b"{":
        yield from scanner.fields()
    else:
        raise damaged("it is not JSON")
    if scanner.peek() != b"":
        raise damaged("something follows its end")


def decode(text: bytes) -> Any:
    """One item. Lone surrogates stay what they are.

    Raises:
        UnreadableExportError: it is not JSON, or holds numbers that are none.
    """
    try:
        return json.loads(text.decode("utf-8", "surrogatepass"), parse_constant=_no_number)
    except (ValueError, RecursionError):  # a number of thousands of digits is a ValueError too
        raise damaged("part of it is not JSON") from None


def encode(value: Any) -> bytes:
    """One item, in UTF-8, without spaces; lone surrogates as escapes."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _no_number(name: str) -> float:
    raise ValueError(name)


class _Scanner:
    """The buffer begins where the present token or item begins."""

    def __init__(self, source: Readable, item_limit: int) -> None:
        self._source = source
        self._limit = item_limit
        self._buffer = bytearray()
        self._begun = False

    def peek(self) -> bytes:
        """The next byte that is no space; empty at the end of the file."""
        while True:
            match = _SPACE.search(self._buffer)
            at = len(self._buffer) if match is None else match.start()
            found = match is not None
            del match  # it holds on to the buffer
            del self._buffer[:at]
            if found:
                return bytes(self._buffer[:1])
            if not self._more():
                return b""

    def items(self) -> Iterator[bytes]:
        """The items of the array that begins here."""
        self._take(b"[")
        if self.peek() == b"]":
            self._take(b"]")
            return
        while True:
            yield self.value()
            if self._take(b",]") == b"]":
                return

    def fields(self) -> Iterator[tuple[str, bytes]]:
        """The members of the object that begins here."""
        self._take(b"{")
        if self.peek() == b"}":
            self._take(b"}")
            return
        while True:
            if self.peek() != b'"':
                raise damaged("part of it is not JSON")
            key = str(decode(self.value()))
            self._take(b":")
            if self.peek() == b"[":
                yield from ((key, item) for item in self.items())
            else:
                yield key, self.value()
            if self._take(b",}") == b"}":
                return

    def value(self) -> bytes:
        """The whole value that begins here."""
        first = self.peek()
        if first == b'"':
            end = self._string_end(1)
        elif first and first in _OPENING:
            end = self._container_end()
        else:
            end = self._scalar_end()
        found = bytes(self._buffer[:end])
        del self._buffer[:end]
        return found

    def _take(self, expected: bytes) -> bytes:
        found = self.peek()
        if not found or found not in expected:
            raise damaged("part of it is not JSON" if found else "it ends too early")
        del self._buffer[:1]
        return found

    def _container_end(self) -> int:
        depth, at = 0, 0
        while True:
            match = _OUTSIDE.search(self._buffer, at)
            if match is None:
                at = len(self._buffer)
                self._must_have_more()
                continue
            token, at = match.group(), match.end()
            del match
            if token == b'"':
                at = self._string_end(at)
            elif token in _OPENING:
                depth += 1
                if depth > _DEPTH:
                    raise damaged("it is nested too deeply")
            else:
                depth -= 1
                if depth == 0:
                    return at

    def _string_end(self, at: int) -> int:
        start = at
        while True:
            quote = self._buffer.find(b'"', at)
            if quote < 0:
                at = len(self._buffer)
                self._must_have_more()
                continue
            slashes = quote
            while slashes > start and self._buffer[slashes - 1] == 0x5C:
                slashes -= 1
            at = quote + 1
            if (quote - slashes) % 2 == 0:
                return at

    def _scalar_end(self) -> int:
        while True:
            match = _SCALAR_END.search(self._buffer)
            if match is not None:
                return match.start()
            if len(self._buffer) > _CHUNK:
                raise damaged("part of it is not JSON")
            self._must_have_more()

    def _must_have_more(self) -> None:
        if len(self._buffer) > self._limit:
            raise damaged("one part of it is larger than 256 MB")
        if not self._more():
            raise damaged("it ends too early")

    def _more(self) -> bool:
        chunk = self._source.read(_CHUNK)
        if not self._begun:
            self._begun = True
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
        self._buffer += chunk
        return bool(chunk)
