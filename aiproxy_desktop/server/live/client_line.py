"""A client's WebSocket: what it sends waits within bounds, what it is sent goes out in order."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from starlette.websockets import WebSocket, WebSocketDisconnect

from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.goodbyes import NONE_NAMED, reason_of

# Bytes that wait to be taken: four minutes of sound. Nobody can be seen to leave who is not read from, so
# whoever has sent so much waits only where it is being taken fast; who goes on otherwise is refused.
_MOST_IN = 8 << 20
_ROOM_SECONDS, _ROOM = 0.3, 1 << 20
# What a frame takes in memory besides its bytes.
_EACH_FRAME = 128

# Bytes that wait to go out; whoever brings more waits.
_MOST_OUT = 4 << 20


class ClientLine:
    """A connection that was accepted, for a block. It listens all the time, so that `over` is soon known.

    Attributes:
        left: the client is no longer there.
        over: it left, or is to be refused.
        refusal: why.
        code: with which it left, of RFC 6455.
    """

    def __init__(self, websocket: WebSocket) -> None:
        self.left, self.over = asyncio.Event(), asyncio.Event()
        self.refusal: Refusal | None = None
        self.code = NONE_NAMED
        self._socket = websocket
        self._in: deque[str | bytes] = deque()
        self._out: deque[tuple[str, bool]] = deque()
        self._in_size = self._out_size = 0
        self._came, self._taken = asyncio.Event(), asyncio.Event()
        self._given, self._gone = asyncio.Event(), asyncio.Event()
        self._writing = False
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._tasks = (
            loop.create_task(self._listen(), name="live client, listening"),
            loop.create_task(self._write(), name="live client, writing"),
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def waiting(self) -> bool:
        """Whether a frame can be had now."""
        return bool(self._in)

    async def receive(self) -> str | bytes:
        """The next frame; waits for ever where the client has left."""
        while not self._in:
            self._came.clear()
            await self._came.wait()
        frame = self._in.popleft()
        self._in_size -= len(frame) + _EACH_FRAME
        self._taken.set()
        return frame

    async def send(self, frame: str, *, sound: bool = False) -> None:
        """Hand a frame over, waiting while too much waits already.

        Args:
            frame: of text.
            sound: whether `drop_sound` takes it away again.
        """
        while self._out_size > _MOST_OUT and not self.left.is_set():
            self._gone.clear()
            await self._gone.wait()
        self._out.append((frame, sound))
        self._out_size += len(frame)
        self._given.set()

    def drop_sound(self) -> None:
        """What was to be heard and has not gone out is wanted no more."""
        self._out = deque(one for one in self._out if not one[1])
        self._out_size = sum(len(frame) for frame, _ in self._out)
        self._gone.set()

    async def drain(self, seconds: float) -> None:
        """Wait until everything has gone out, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                while (self._out or self._writing) and not self.left.is_set():
                    self._gone.clear()
                    await self._gone.wait()
        except TimeoutError:
            return

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye; harmless where the client has left.

        Args:
            code: of RFC 6455.
            reason: a sentence; what a close frame cannot hold of it is left away.
        """
        if self.left.is_set():
            return
        try:
            await self._socket.close(code, reason_of(reason))
        except (WebSocketDisconnect, RuntimeError):  # it left at this moment
            self._leave(NONE_NAMED)

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] != "websocket.receive":
                self._leave(int(message.get("code") or NONE_NAMED))
                return
            if self.refusal is not None:
                continue  # what is still on its way, until it has read that
            frame = message.get("text")
            frame = message.get("bytes") or b"" if frame is None else frame
            self._in.append(frame)
            self._in_size += len(frame) + _EACH_FRAME
            self._came.set()
            if self._in_size > _MOST_IN and not await self._room():
                self.refusal = Refusal(429, "Too much was sent at once. Send no more than is answered.")
                self.over.set()

    async def _room(self) -> bool:
        """Whether there is some, soon."""
        try:
            async with asyncio.timeout(_ROOM_SECONDS):
                while self._in_size > _MOST_IN - _ROOM:
                    self._taken.clear()
                    await self._taken.wait()
        except TimeoutError:
            return False
        return True

    async def _write(self) -> None:
        while True:
            while not self._out:
                self._given.clear()
                await self._given.wait()
            frame, _ = self._out.popleft()
            self._out_size -= len(frame)
            self._writing = True
            try:
                await self._socket.send_text(frame)
            except (WebSocketDisconnect, RuntimeError):
                self._leave(NONE_NAMED)
                return
            finally:
                self._writing = False
                self._gone.set()

    def _leave(self, code: int) -> None:
        if not self.left.is_set():
            self.code = code
            self.left.set()
            self.over.set()
            self._gone.set()
