"""The voice tab without its widgets. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.audio.values import DeviceList, Direction, LevelReading
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceFigures, VoiceOffer, VoiceState
from aiproxy_desktop.storage.voice_settings import VoiceSettings

# Where the person talks from; a press of one is ended by the release of the same one.
Hand: TypeAlias = Literal["key", "button", "shortcut"]


class VoiceViewModel(QObject):
    """State and actions of the tab. Await `close` at the end.

    The lists it gives are values: compare them with what is shown.
    """

    state_changed = Signal()  # read `state`
    entries_changed = Signal(int)  # from this index on; read `entries`
    figures_changed = Signal()  # read `figures`; at most four times a second
    offers_changed = Signal()  # read `offers`, `offer`
    settings_changed = Signal()  # read `settings`
    devices_changed = Signal()  # read `devices`
    shortcut_changed = Signal()  # read `shortcut`
    noticed = Signal(object)  # Notice
    chat_wanted = Signal(str)  # the conversation to go on with

    def __init__(self, on_unexpected: Callable[[Exception], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scope = TaskScope("voice page", on_unexpected)
        self.state = VoiceState()
        self.entries: tuple[VoiceEntry, ...] = ()
        self.figures = VoiceFigures()
        self.offers: tuple[VoiceOffer, ...] = ()
        self.settings = VoiceSettings()
        self.devices = DeviceList()
        self.shortcut = ""  # the global shortcut as the desktop names it; empty: none, or it is off
        self.shortcut_available = False  # whether this desktop has such shortcuts
        self.functions: tuple[tuple[str, str], ...] = ()  # the application's own: name and what it does

    async def close(self) -> None:
        """Leave nothing running."""
        await self.scope.close()

    @property
    def offer(self) -> VoiceOffer | None:
        """The model that a session is or will be held with."""
        return None

    def level(self, direction: Direction) -> LevelReading:  # noqa: ARG002 - until there are streams
        """What a meter shows now; cheap, for 30 times a second."""
        return LevelReading()

    # The session

    def start(self) -> None:
        """Begin a session with the settings as they are."""

    def end(self) -> None:
        """End it; what was said stays in sight."""

    def new(self) -> None:
        """Put the ended session away."""

    def press(self, hand: Hand) -> None:
        """Push to talk: the person holds something. Begins a session where there is none."""

    def release(self, hand: Hand) -> None:
        """Push to talk: the person lets go."""

    def set_muted(self, muted: bool) -> None:
        """Hands-free: send no sound."""

    def stop_answer(self) -> None:
        """Have the model fall silent."""

    def say(self, text: str) -> None:
        """Send a turn in writing. Begins a session where there is none."""

    def allow(self, call_id: str, *, always: bool = False) -> None:
        """Let a function run with the arguments that are shown; `always`: ask no more in this session."""

    def deny(self, call_id: str) -> None:
        """Tell the model that the person does not want that."""

    def answer_call(self, call_id: str, result: str) -> None:
        """Answer a call by hand: JSON or plain text."""

    # Around it

    def choose_model(self, reference: str) -> None:
        """Talk with another model: the next session, or this one where its service allows."""

    def change(self, **changes: Any) -> None:
        """Change fields of `settings`; what a session under way can take is changed in it."""

    def test_microphone(self) -> None:
        """Record for three seconds, then play it back; `testing` tells."""

    def test_speaker(self) -> None:
        """Play a short sound."""

    @property
    def testing(self) -> Literal["", "recording", "playing", "sounding"]:
        """What a test does just now."""
        return ""

    def open_in_chat(self) -> None:
        """Go on with the conversation in the chat tab."""

    def choose_shortcut(self, wanted: bool) -> None:
        """Ask the desktop for a shortcut that works in every window, or give it back."""

    def places(self) -> Mapping[str, str]:
        """Where the recording is, by what it is; empty where there is none."""
        return {}
