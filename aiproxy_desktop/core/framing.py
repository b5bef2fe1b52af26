"""Bytes to frames: server-sent events and JSON lines, however the network cut them.

Both decoders split on the line feed alone. The wider idea of a line that `str.splitlines` and
httpx have (U+2028, U+0085, vertical tab) breaks JSON, which may hold those characters as they are.
"""

from __future__ import annotations

import msgspec

from aiproxy_desktop.core.errors import ProtocolError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_FRAME_BYTES = 8 * 1024 * 1024


class ServerSentEvent(msgspec.Struct, frozen=True, gc=False):
    """One event: its data lines joined by line feeds, and its name (empty where none was given)."""

    data: bytes
    event: bytes = b""


class _LineSplitter:
    """Whole lines without their end, from chunks cut anywhere. Cost is flat in the length of a line."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._held = 0
        self._first = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes."""
        if b"\n" not in chunk:
            self._hold(chunk)
            return []
        if self._pieces:
            chunk = b"".join(self._pieces) + chunk
            self._pieces.clear()
            self._held = 0
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n")
        lines = chunk.split(b"\n")
        self._hold(lines.pop())
        return self._unmarked(lines)

    def close(self) -> list[bytes]:
        """What stands after the last line feed, if anything does."""
        rest = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        return self._unmarked([rest.removesuffix(b"\r")]) if rest else []

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._held += len(piece)
            check_frame_size(self._held, self._limit)

    def _unmarked(self, lines: list[bytes]) -> list[bytes]:
        if self._first and lines:
            self._first = False
            lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
        return lines


class SseDecoder:
    """Server-sent events (WHATWG HTML, section 9.2), fed with bytes as they come.

    `retry:`, `id:` and comment lines are read over. A lone carriage return does not end a line.
    """

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._lines = _LineSplitter(limit)
        self._limit = limit
        self._data: list[bytes] = []
        self._size = 0
        self._event = b""

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that this chunk completes.

        Raises:
            ProtocolError: an event is larger than the limit.
        """
        frames: list[ServerSentEvent] = []
        # Nearly every event is one line of data and a blank one: those are read here, the rest in `_take`.
        data: bytes | None = None
        for line in self._lines.feed(chunk):
            if data is not None:
                if not line:
                    frames.append(ServerSentEvent(data, self._event))
                    self._event = b""
                    data = None
                    continue
                self._add(data)
                data = None
            if line[:6] == b"data: " and len(line) < self._limit and not self._data:
                data = line[6:]
            else:
                self._take(line, frames)
        if data is not None:
            self._add(data)
        return frames

    def close(self) -> list[ServerSentEvent]:
        """What the end of the stream completes: many servers leave out the last blank line."""
        frames: list[ServerSentEvent] = []
        for line in self._lines.close():
            self._take(line, frames)
        self._take(b"", frames)
        return frames

    def _take(self, line: bytes, frames: list[ServerSentEvent]) -> None:
        if not line:
            if self._data:
                frames.append(ServerSentEvent(b"\n".join(self._data), self._event))
                self._data.clear()
                self._size = 0
            self._event = b""
            return
        field, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if field == b"data":
            self._add(value)
        elif field == b"event":
            self._event = value

    def _add(self, value: bytes) -> None:
        self._size += len(value) + 1  # the line feed that will join them
        check_frame_size(self._size, self._limit)
        self._data.append(value)


class JsonLinesDecoder:
    """One JSON value a line (NDJSON), fed with bytes as they come."""

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._lines = _LineSplitter(limit)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes, blank ones left out.

        Raises:
            ProtocolError: a line is larger than the limit.
        """
        return [line for line in self._lines.feed(chunk) if line and not line.isspace()]

    def close(self) -> list[bytes]:
        """The last line, where it had no line feed."""
        return [line for line in self._lines.close() if not line.isspace()]


def check_frame_size(size: int, limit: int) -> None:
    """Bound what a server can make us hold."""
    if size > limit:
        raise ProtocolError(
            "The answer holds a piece that is too large",
            f"One piece exceeds {limit // 1024:,} KiB, so reading stopped.",
        )
