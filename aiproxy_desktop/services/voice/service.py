"""Voice sessions for the window: what it may ask for, and how everything stands. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiproxy_desktop.audio.values import DeviceList, Direction, LevelReading
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.voice.catalogue import VoiceModels
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceFigures, VoiceOffer, VoiceState
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.storage.voice_settings import VoiceSettings


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """What is not as it was: read it from the service. `entries_from` is the first entry that changed."""

    state: bool = False
    entries_from: int | None = None
    figures: bool = False


class VoiceService:
    """One session at a time. Everything is called and told on the loop that `open` ran in.

    Attributes:
        changed: told what changed, at most once for each turn of the loop.
        noticed: told what is to be said once; the session goes on.
        kept: told each conversation that was written to.
        devices_changed: told that `devices` are others.
    """

    def __init__(
        self,
        models: VoiceModels,
        store: ConversationStore,
        sound: Callable[[], SoundSystem],
        recordings: Path,
        on_unexpected: Callable[[Exception], None],
    ) -> None:
        """Wire up; nothing runs before `open`.

        Args:
            models: whose services sessions are held with.
            store: where what was said is kept.
            sound: makes the owner of the devices, when it is first needed.
            recordings: the folder of recordings.
            on_unexpected: told of errors nobody planned for.
        """
        self._models = models
        self._store = store
        self._make_sound = sound
        self._recordings = recordings
        self._on_unexpected = on_unexpected
        self.state = VoiceState()
        self.entries: tuple[VoiceEntry, ...] = ()
        self.figures = VoiceFigures()
        self.changed: Subscribers[[VoiceChange]] = Subscribers()
        self.noticed: Subscribers[[AIProxyError]] = Subscribers()
        self.kept: Subscribers[[Conversation]] = Subscribers()
        self.devices_changed: Subscribers[[]] = Subscribers()

    async def open(self) -> None:
        """Look for the devices and be ready for a session. Opening twice is harmless."""

    async def close(self) -> None:
        """End the session, join every thread; all that was said is kept."""

    @property
    def devices(self) -> DeviceList:
        """The microphones and speakers there are now."""
        return DeviceList()

    @property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """The application's own functions: name and what each does."""
        return ()

    @property
    def testing(self) -> str:
        """What a test of the devices does: `recording`, `playing`, `sounding`, or nothing."""
        return ""

    def level(self, direction: Direction) -> LevelReading:  # noqa: ARG002 - until there are streams
        """What a meter shows now; cheap, for 30 times a second."""
        return LevelReading()

    def places(self) -> Mapping[str, Path]:
        """Where the recording of the session is (`recording`); empty where there is none."""
        return {}

    # The session

    def start(self, settings: VoiceSettings, offer: VoiceOffer) -> None:
        """Begin a session; a conversation of its own. Nothing happens where one is under way."""

    def end(self) -> None:
        """End it; what was said stays in sight."""

    def new(self) -> None:
        """Put the ended session away."""

    def press(self) -> None:
        """Push to talk: the person begins to speak. Kept until the session is ready; `start` comes first."""

    def release(self) -> None:
        """Push to talk: the person has spoken."""

    def set_muted(self, muted: bool) -> None:
        """Hands-free: send no sound."""

    def stop_answer(self) -> None:
        """Have the model fall silent."""

    def say(self, text: str) -> None:
        """Send a turn in writing; `start` comes first."""

    def allow(self, call_id: str, *, always: bool = False) -> None:
        """Let a function run with the arguments that are shown; `always`: ask no more in this session."""

    def deny(self, call_id: str) -> None:
        """Tell the model that the person does not want that."""

    def answer_call(self, call_id: str, result: str) -> None:
        """Answer a call by hand: JSON or plain text."""

    def change(self, settings: VoiceSettings) -> None:
        """Other settings: what a session under way can take is changed in it, the rest in the next one."""

    # The devices

    def test_microphone(self, settings: VoiceSettings) -> None:
        """Record for three seconds, then play it back."""

    def test_speaker(self, settings: VoiceSettings) -> None:
        """Play a short sound."""

    def _tell(self, **what: Any) -> None:
        self.changed(VoiceChange(**what))
