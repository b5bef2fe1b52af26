"""Answers piece by piece, as server-sent events.

What is ready at the same moment goes out in one piece: one call through the server's layers for many tokens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from starlette.responses import Response

from aiproxy_desktop.core.wire_json import encode_json
from aiproxy_desktop.server.asgi import Receive, Scope, Send
from aiproxy_desktop.server.errors import FORESEEN, Refusal, refusal

# Bytes that wait for a client that reads slowly; after that the provider is read no further. Other streams
# have their turn then, too, where a provider sends all at once.
_MOST_WAITING = 64 * 1024

_log = logging.getLogger(__name__)


def named_event(kind: str, fields: Mapping[str, Any]) -> bytes:
    """An event with its `type` in its data, too, as OpenAI's newer routes have it; bytes become base64."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), encode_json({"type": kind, **fields}))


def error_event(no: Refusal) -> bytes:
    """A failure in the middle of a stream, as OpenAI's clients know it."""
    return b"data: " + no.encoded + b"\n\n"


class EventStream(Response):
    """A response whose body is written while `frames` yields; a client that leaves ends it.

    Nothing is sent before the first event is there: what goes wrong until then is raised, and can still be
    answered with a status of its own. Later it becomes the last event.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        frames: AsyncIterator[bytes],
        failed: Callable[[Refusal], bytes] = error_event,
        on_end: Callable[[BaseException | None], None] | None = None,
    ) -> None:
        """Describe it.

        Args:
            frames: whole events, `data: …` and a blank line each. Closed at the end, whatever ends it.
            failed: what a failure becomes once the answer has begun.
            on_end: told once, with what ended it too early, or None.
        """
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._frames, self._failed, self._on_end = frames, failed, on_end

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Write it.

        Raises:
            AIProxyError: the frames failed before the first one; as does whatever else they raised then.
        """
        try:
            problem = await self._write(send)
        except BaseException as error:
            self._ended(error)
            raise
        self._ended(problem)

    async def _write(self, send: Send) -> BaseException | None:
        pump = _Pump(self._frames)
        reading = asyncio.ensure_future(pump.read())
        begun = False
        try:
            while (part := await pump.next()) is not None:
                if not begun:
                    begun = True
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": part, "more_body": True})
            problem = pump.problem
            if problem is not None and not begun:
                raise problem
            if not begun:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            last = b"" if problem is None else self._failed(_as_refusal(problem))
            await send({"type": "http.response.body", "body": last})
            return problem
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _ended(self, error: BaseException | None) -> None:
        if self._on_end is not None:
            self._on_end(error)


def _as_refusal(problem: Exception) -> Refusal:
    if not isinstance(problem, FORESEEN):
        _log.error("a stream of the local API failed", exc_info=problem)
    return refusal(problem)


class _Pump:
    """Reads frames as they come, ahead of whoever sends them by no more than a bound."""

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self._frames = frames
        self._parts: list[bytes] = []
        self._size = 0
        self._there, self._room = asyncio.Event(), asyncio.Event()
        self._done = False
        self.problem: Exception | None = None

    async def read(self) -> None:
        try:
            async for frame in self._frames:
                if not self._parts:
                    self._there.set()
                self._parts.append(frame)
                self._size += len(frame)
                if self._size > _MOST_WAITING:
                    self._room.clear()
                    await self._room.wait()
        except Exception as error:  # noqa: BLE001 - whoever sends says what becomes of it
            self.problem = error
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
