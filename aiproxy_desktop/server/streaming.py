"""Answers piece by piece, as server-sent events.

What is ready at the same moment goes out in one piece: one call through the server's layers for many tokens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Bytes that wait for a client that reads slowly; after that the provider is read no further.
_MOST_WAITING = 256 * 1024


class EventStream(Response):
    """A response whose body is written while `frames` yields; a client that leaves ends it."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        """Describe it.

        Args:
            frames: whole events, `data: …` and a blank line each. Closed at the end, whatever ends it.
        """
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._frames = frames

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Write it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        pump = _Pump(self._frames)
        reading = asyncio.ensure_future(pump.read())
        try:
            while (part := await pump.next()) is not None:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await reading
            await send({"type": "http.response.body", "body": b""})
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class _Pump:
    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self._frames = frames
        self._parts: list[bytes] = []
        self._size = 0
        self._there, self._room = asyncio.Event(), asyncio.Event()
        self._done = False

    async def read(self) -> None:
        try:
            async for frame in self._frames:
                self._parts.append(frame)
                self._size += len(frame)
                self._there.set()
                if self._size > _MOST_WAITING:
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._done = True
            self._there.set()
            close: Any = getattr(self._frames, "aclose", None)
            if close is not None:
                await close()

    async def next(self) -> bytes | None:
        while not self._parts:
            if self._done:
                return None
            self._there.clear()
            await self._there.wait()
        part = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        self._room.set()
        return part
