"""What the engine needs of a live session, and the order in which it is told things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from aiproxy_desktop.audio.sound_file import SoundFormat
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.events import LiveEvent
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.core.live.values import LiveOptions
from aiproxy_desktop.services.voice.functions import AppFunction

# Bytes of sound that wait at most until a session is ready: five minutes at 24 kHz.
_MOST_WAITING = 300 * 24_000 * 2


class Session(Protocol):
    """A live session: `core.live.session.LiveSession`."""

    @property
    def input_rate(self) -> int:
        """Samples a second of the sound it takes."""
        ...

    async def start(self) -> None:
        """Connect; returns once the service listens."""
        ...

    def events(self) -> AsyncGenerator[LiveEvent]:
        """What happens, up to SessionEnded."""
        ...

    async def begin_turn(self) -> None:
        """The person begins to speak."""
        ...

    async def send_audio(self, pcm: bytes) -> None:
        """More of what the person says."""
        ...

    async def end_turn(self) -> None:
        """The person has spoken."""
        ...

    async def end_audio(self) -> None:
        """Hands-free: nothing more is heard for now."""
        ...

    async def send_text(self, text: str) -> None:
        """A turn in writing."""
        ...

    async def send_function_result(self, call_id: str, result: Mapping[str, Any]) -> None:
        """What came of a call."""
        ...

    async def cut(self, item: str, heard_ms: int) -> None:
        """The person cut in."""
        ...

    async def update(self, options: LiveOptions) -> None:
        """Change it."""
        ...

    async def aclose(self) -> None:
        """End it."""
        ...


MakeSession: TypeAlias = Callable[[LiveService, LiveOptions], Session]


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a session begins with, or is changed to.

    `functions` are the application's own that the model may call, by name; `declared` the names of those that
    the person answers. `volume` is from 0 to 1; `recording` the file to record to.
    """

    service: LiveService
    options: LiveOptions
    facts: LiveModelFacts
    functions: Mapping[str, AppFunction] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    microphone: str = ""
    speaker: str = ""
    volume: float = 0.8
    recording: tuple[Path, SoundFormat] | None = None


class Outgoing:
    """Tells one session things in the order in which they happened; from before it is ready on."""

    def __init__(self, session: Session, on_error: Callable[[AIProxyError], None]) -> None:
        self._session = session
        self._on_error = on_error
        self._queue: asyncio.Queue[tuple[Callable[[], Awaitable[None]], int]] = asyncio.Queue()
        self._waiting = 0

    def put(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do this after all that came before."""
        self._queue.put_nowait((work, 0))

    def audio(self, pcm: bytes) -> bool:
        """Send sound; False where too much waits already, and it is dropped."""
        if self._waiting + len(pcm) > _MOST_WAITING:
            return False
        self._waiting += len(pcm)
        self._queue.put_nowait((lambda: self._session.send_audio(pcm), len(pcm)))
        return True

    async def run(self) -> None:
        """Once the session is ready, until cancelled."""
        while True:
            work, size = await self._queue.get()
            self._waiting -= size
            try:
                await work()
            except AIProxyError as error:
                self._on_error(error)


def live_session(service: LiveService, options: LiveOptions) -> Session:
    """The core's own session."""
    from aiproxy_desktop.core.live.session import LiveSession

    return LiveSession(service, options)
