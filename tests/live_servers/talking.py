"""A codec driven by hand against a live service: what it sends goes out, what comes is decoded and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.codec import Frames, LiveCodec, LiveService
from aiproxy_desktop.core.live.events import (
    AudioDelta,
    OutputTranscript,
    ServiceFailed,
    SessionReady,
    TurnDone,
    WireEvent,
)
from aiproxy_desktop.core.live.values import LiveOptions
from tests.live_servers.checking import check_gemini_server, check_openai_server
from tests.waiting import until

T = TypeVar("T")


@dataclass(eq=False)
class Talk:
    """One connection. `events` are all that came; `error` is what its end meant."""

    codec: LiveCodec
    socket: ClientConnection
    check: Callable[[str | bytes], str]
    events: list[WireEvent] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    error: AIProxyError | None = None

    async def send(self, frames: Frames | None) -> None:
        """Messages, in order."""
        assert frames is not None
        with suppress(ConnectionClosed):  # `error` tells of it
            for frame in frames:
                await self.socket.send(frame, text=True)

    async def say(self, pcm: bytes, chunk: int = 640) -> None:
        """Sound in pieces, as a microphone gives it."""
        for start in range(0, len(pcm), chunk):
            await self.send(self.codec.audio(pcm[start : start + chunk]))

    async def press(self, pcm: bytes) -> None:
        """A whole turn, push to talk."""
        await self.send(self.codec.begin_turn())
        await self.say(pcm)
        await self.send(self.codec.end_turn())

    def all(self, kind: type[T]) -> list[T]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    async def turns(self, count: int) -> None:
        """Wait until so many turns of the model are over."""
        await until(lambda: len(self.all(TurnDone)) >= count)

    async def come(self, kind: type[Any], count: int = 1) -> None:
        """Wait for events of a kind."""
        await until(lambda: len(self.all(kind)) >= count)

    @property
    def sound(self) -> bytes:
        """All of it."""
        return b"".join(event.data for event in self.all(AudioDelta))

    @property
    def words(self) -> str:
        """What the model said."""
        return "".join(event.text for event in self.all(OutputTranscript))

    async def listen(self) -> None:
        """Decode what comes until it ends; what `decode` raises ends it, too."""
        try:
            async for frame in self.socket:
                self.wrong += [wrong for wrong in [self.check(frame)] if wrong]
                self.events += self.codec.decode(frame)
                await self.send(self.codec.due())
        except ConnectionClosed:
            pass  # what it means is read below
        except AIProxyError as error:
            self.error = error
            return
        self.error = self.codec.closed(self.socket.close_code or 1006, self.socket.close_reason or "")


@asynccontextmanager
async def talk(
    service: LiveService, options: LiveOptions, handle: str | None = None, *, history: bool = False
) -> AsyncIterator[Talk]:
    """A connection that is set up; what the official client would not have read fails the test."""
    address = await service.address(options)
    codec = service.codec()
    check = check_gemini_server if "/ws/" in address.url else check_openai_server
    async with connect(
        address.url, additional_headers=dict(address.headers), max_size=None, proxy=None, compression=None
    ) as socket:
        one = Talk(codec, socket, check)
        listening = asyncio.get_running_loop().create_task(one.listen(), name="talk")
        try:
            await one.send(codec.setup(options, handle, history=history))
            await until(
                lambda: (
                    any(isinstance(e, SessionReady | ServiceFailed) for e in one.events) or listening.done()
                )
            )
            yield one
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
    assert not one.wrong
