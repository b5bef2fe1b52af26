"""A voice service over a live service on loopback, with streams that a test moves by hand.

async with voice_room(server, tmp_path) as room:
    room.voice.start(room.settings(), room.offer)
    room.voice.press()
    room.microphone.hear(seconds=0.2)
    room.voice.release()
    await room.until(lambda: room.answers and ...)
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiproxy_desktop.audio.values import (
    DeviceList,
    Heard,
    LevelReading,
    OnChunk,
    OnStatus,
    StreamState,
    StreamStatus,
)
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.core.live.services import GeminiLiveService, OpenAIRealtimeService
from aiproxy_desktop.services.voice.service import VoiceService
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.services.voice.values import VoiceCall, VoiceOffer, VoiceRemark, VoiceTurn
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.storage.spoken import SpokenStore
from aiproxy_desktop.storage.voice_settings import VoiceSettings
from tests.live_servers import GeminiLive, LiveServer
from tests.live_servers.sound import tone
from tests.waiting import until


class HandMicrophone:
    """Hears what a test lets it hear."""

    def __init__(self, on_chunk: OnChunk, on_status: OnStatus) -> None:
        self.status = StreamStatus("closed")
        self.level = LevelReading()
        self.rate = 0
        self.opens: StreamState = "open"
        self._on_chunk, self._on_status = on_chunk, on_status

    def open(self, device: str, rate: int) -> None:
        self.rate = rate
        self.become(self.opens, device)

    def close(self) -> None:
        self.become("closed")

    def become(self, state: StreamState, device: str = "", sentence: str = "") -> None:
        """Be there, or not."""
        self.status = StreamStatus(state, device, sentence)
        self._on_status(self.status)

    def hear(self, seconds: float) -> None:
        """A tone, as chunks of 20 ms from a thread of its own, as fast as they are taken."""
        self._hear(tone(seconds, rate=self.rate))

    def quiet(self, seconds: float) -> None:
        """Silence, as `hear`."""
        self._hear(bytes(int(seconds * self.rate) * 2))

    def _hear(self, pcm: bytes) -> None:
        size = self.rate // 50 * 2
        chunks = [pcm[at : at + size] for at in range(0, len(pcm), size)]
        thread = threading.Thread(target=lambda: [self._on_chunk(chunk) for chunk in chunks])
        thread.start()
        thread.join()


class HandSpeaker:
    """Plays so much as a test says, and keeps what it was given."""

    def __init__(self, on_status: OnStatus) -> None:
        self.status = StreamStatus("closed")
        self.level = LevelReading()
        self.flushes = 0
        self.given = bytearray()
        self.at_once = False  # everything is played in the moment it comes
        self._queue: list[tuple[str, float]] = []  # item and milliseconds left
        self._heard: dict[str, float] = {}
        self._now = ""
        self._on_status = on_status
        self._lock = threading.Lock()

    @property
    def playing(self) -> bool:
        with self._lock:
            return bool(self._queue)

    def open(self, device: str) -> None:
        self.status = StreamStatus("open", device)
        self._on_status(self.status)

    def close(self) -> None:
        self.flush()
        self.status = StreamStatus("closed")

    def play(self, pcm: bytes, item: str = "") -> None:
        with self._lock:
            self.given += pcm
            self._queue.append((item, len(pcm) / 48))
        if self.at_once:
            self.move(1e9)

    def finish(self) -> None:
        """There is no waiting for more here."""

    def flush(self) -> Heard:
        with self._lock:
            self.flushes += 1
            self._queue.clear()
            return Heard(self._now, round(self._heard.get(self._now, 0.0)))

    def heard(self) -> Heard:
        with self._lock:
            return Heard(self._now, round(self._heard.get(self._now, 0.0)))

    def set_volume(self, volume: float) -> None:
        self.volume = volume

    def move(self, milliseconds: float) -> None:
        """Play so much more."""
        with self._lock:
            while self._queue and milliseconds > 0:
                self._now, left = self._queue.pop(0)
                part = min(milliseconds, left)
                self._heard[self._now] = self._heard.get(self._now, 0.0) + part
                milliseconds -= part
                if left > part:
                    self._queue.insert(0, (self._now, left - part))

    def play_all(self) -> None:
        """Play whatever waits."""
        self.move(1e9)

    @property
    def waiting_ms(self) -> float:
        """What is still to be played."""
        with self._lock:
            return sum(left for _, left in self._queue)


class HandSound:
    """The owner of both."""

    def __init__(self) -> None:
        self.devices = DeviceList()
        self.made_microphone: HandMicrophone | None = None
        self.made_speaker: HandSpeaker | None = None

    def start(self) -> None: ...

    def devices_changed(self, watcher: Callable[[DeviceList], None]) -> Callable[[], None]:
        del watcher  # there is nothing to tell
        return lambda: None

    def microphone(self, on_chunk: OnChunk, on_status: OnStatus) -> HandMicrophone:
        self.made_microphone = HandMicrophone(on_chunk, on_status)
        return self.made_microphone

    def speaker(self, on_status: OnStatus) -> HandSpeaker:
        self.made_speaker = HandSpeaker(on_status)
        return self.made_speaker

    def close(self) -> None: ...


@dataclass
class VoiceRoom:
    """A service, its streams, its history, and what it told."""

    voice: VoiceService
    offer: VoiceOffer
    sound: HandSound
    store: ConversationStore
    notices: list[AIProxyError] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    changes: int = 0

    @property
    def microphone(self) -> HandMicrophone:
        assert self.sound.made_microphone is not None
        return self.sound.made_microphone

    @property
    def speaker(self) -> HandSpeaker:
        assert self.sound.made_speaker is not None
        return self.sound.made_speaker

    @property
    def turns(self) -> list[VoiceTurn]:
        return [one for one in self.voice.entries if isinstance(one, VoiceTurn)]

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Role, text and status of each turn."""
        return [(one.role, one.text, one.status) for one in self.turns]

    @property
    def calls(self) -> list[VoiceCall]:
        return [one for one in self.voice.entries if isinstance(one, VoiceCall)]

    @property
    def remarks(self) -> list[VoiceRemark]:
        return [one for one in self.voice.entries if isinstance(one, VoiceRemark)]

    def settings(self, **changed: Any) -> VoiceSettings:
        return VoiceSettings(google_search=False, **changed)

    async def begin(self, **changed: Any) -> None:
        """A session, ready."""
        self.voice.start(self.settings(**changed), self.offer)
        await self.in_phase("ready")

    async def in_phase(self, phase: str) -> None:
        await until(lambda: self.voice.state.phase == phase, f"{phase}: {self.voice.state}")

    async def speak(self, seconds: float = 0.2) -> None:
        """Press, speak, let go."""
        self.voice.press()
        await until(lambda: self.voice.state.talking, "pressed")
        self.microphone.hear(seconds)
        self.voice.release()
        self.microphone.hear(0.02)

    async def answered(self, times: int = 1) -> None:
        """So many answers are over, all of them played."""

        def done() -> bool:
            self.speaker.play_all()
            over = [one for one in self.turns if one.role == "model" and one.status != "live"]
            return len(over) >= times and not self.voice.state.answering

        await until(done, "answered")


def service_for(server: LiveServer, key: str = "key-of-test") -> LiveService:
    """Whom to talk with."""
    if isinstance(server, GeminiLive):
        return GeminiLiveService(StaticCredentials({"gemini": key} if key else {}), server.url)
    return OpenAIRealtimeService(StaticCredentials({"openai": key} if key else {}), server.url)


@asynccontextmanager
async def voice_room(
    server: LiveServer,
    folder: Path,
    *,
    key: str = "key-of-test",
    sound: Callable[[], SoundSystem] | None = None,
) -> AsyncIterator[VoiceRoom]:
    """A service that talks with this server; everything is closed after the block.

    Args:
        server: whom it talks with.
        folder: for what it keeps.
        key: empty for none.
        sound: makes real devices, in place of those that are moved by hand.
    """
    service = service_for(server, key)
    model = "gemini-3.8-live" if service.provider == "gemini" else "gpt-realtime-2.1"
    facts = LiveModelFacts(
        *(model, service.provider, server.input_rate),
        google_search=True,
        input_audio_price=4.0,
        input_text_price=1.0,
        output_audio_price=10.0,
        output_text_price=2.0,
    )
    offer = VoiceOffer(f"{service.provider}:{model}", model, service.provider, service.label, facts)
    database = await Database.open(folder / "history.db")
    store = ConversationStore(database)
    by_hand = HandSound()

    def unexpected(error: Exception) -> None:
        raise error

    voice = VoiceService(
        lambda _: service,
        SpokenStore(database, store),
        sound or (lambda: by_hand),
        folder / "recordings",
        unexpected,
    )
    room = VoiceRoom(voice, offer, by_hand, store)
    voice.noticed.add(room.notices.append)
    voice.kept.add(lambda one: room.conversations.__setitem__(one.id, one))
    try:
        await voice.open()
        yield room
    finally:
        await voice.close()
        await database.close()
