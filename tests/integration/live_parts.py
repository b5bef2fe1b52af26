"""What tests of live sessions share: a session with either service, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.events import (
    AudioDelta,
    LiveEvent,
    OutputTranscript,
    Reconnected,
    SessionEnded,
    TurnDone,
)
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.services import GeminiLiveService, OpenAIRealtimeService
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.core.live.values import LiveOptions
from tests.live_servers import GeminiLive, LiveServer, OpenAIRealtime
from tests.waiting import until

KEY = "live-key-0123456789-0123456789"  # of no shape that is known: it is never told all the same
MODELS = {"gemini": "gemini-3.8-live", "openai": "gpt-realtime-2.1"}

# As patient as the real one in what it does, but not in how long it waits.
QUICK = LivePolicy(first_wait=0.01, longest_wait=0.1, switch_margin=0.1)

T = TypeVar("T")


def server_of(kind: str, **behaviour: Any) -> LiveServer:
    """A loopback service, `gemini` or `openai`."""
    return GeminiLive(**behaviour) if kind == "gemini" else OpenAIRealtime(**behaviour)


def service_of(kind: str, url: str) -> LiveService:
    """An account there."""
    keys = StaticCredentials({kind: KEY})
    if kind == "gemini":
        return GeminiLiveService(keys, url)
    return OpenAIRealtimeService(keys, f"{url}/v1")


@dataclass
class Talk:
    """A session under way, and every event that came of it."""

    server: LiveServer
    session: LiveSession
    events: list[LiveEvent] = field(default_factory=list)

    def of(self, kind: type[T]) -> list[T]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def answers(self) -> int:
        """How many turns of the model are over."""
        return len(self.of(TurnDone))

    @property
    def words(self) -> str:
        """What the model said."""
        return "".join(event.text for event in self.of(OutputTranscript))

    @property
    def sound(self) -> bytes:
        """What was to be heard, without what a restart made void."""
        heard = bytearray()
        since = 0
        for event in self.events:
            if isinstance(event, AudioDelta):
                heard += event.data
            elif isinstance(event, TurnDone):
                since = len(heard)
            elif isinstance(event, Reconnected) and event.restarted:
                del heard[since:]
        return bytes(heard)

    async def speak(self, sound: bytes = b"\x10\x20" * 4800) -> None:
        """A whole turn, pushed to talk."""
        await self.session.begin_turn()
        await self.session.send_audio(sound)
        await self.session.end_turn()

    async def answered(self, count: int) -> None:
        """Wait until so many turns of the model are over."""
        await until(lambda: self.answers >= count or self.of(SessionEnded), f"{count} answers")

    async def reconnected(self, count: int) -> None:
        """Wait until the connection was made anew so often."""
        await until(lambda: len(self.of(Reconnected)) >= count, f"{count} new connections")

    async def saw(self, look: Callable[[], object], what: str = "") -> None:
        """Wait until it is so."""
        await until(look, what)


@asynccontextmanager
async def talk(
    kind: str, policy: LivePolicy = QUICK, options: LiveOptions | None = None, **behaviour: Any
) -> AsyncIterator[Talk]:
    """A session with a service of its own. Nothing was sent that the official clients would not send."""
    async with server_of(kind, **behaviour) as server, talk_with(kind, server, policy, options) as one:
        yield one
    # That an answer ends while it is being cut off is nobody's mistake.
    assert [one for one in server.refusals if not one.startswith("Cancellation failed")] == []


@asynccontextmanager
async def talk_with(
    kind: str,
    server: LiveServer,
    policy: LivePolicy = QUICK,
    options: LiveOptions | None = None,
    *,
    url: str = "",
) -> AsyncIterator[Talk]:
    """A session with a service that runs; `url` where the way there is another than the service's own."""
    wanted = replace(options, model=MODELS[kind]) if options is not None else LiveOptions(MODELS[kind])
    session = LiveSession(service_of(kind, url or server.url), wanted, policy=policy)
    one = Talk(server, session)

    async def listen() -> None:
        async for event in session.events():
            one.events.append(event)

    listening = asyncio.create_task(listen())
    try:
        await session.start()
        yield one
    finally:
        await session.aclose()
        await listening
