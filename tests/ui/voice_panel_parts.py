"""The panel and the head in a window, over a view-model that remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.audio.values import AudioDevice, DeviceList, Direction, LevelReading
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.services.global_shortcut import ShortcutState
from aiproxy_desktop.services.voice.values import VoiceFigures, VoiceOffer, VoiceState
from aiproxy_desktop.storage.voice_settings import VoiceSettings
from aiproxy_desktop.ui.voice.header import VoiceHeader
from aiproxy_desktop.ui.voice.panel.panel import VoicePanel
from aiproxy_desktop.ui.voice.viewmodel import Hand, VoiceViewModel
from aiproxy_desktop.ui.voice.welcome import VoiceWelcome
from tests.ui.chat_parts import themes

GEMINI = VoiceOffer(
    "gemini:live",
    "Gemini Live",
    "gemini",
    "Gemini",
    LiveModelFacts(
        "live",
        "gemini",
        16_000,
        voices=("Puck", "Kore"),
        languages=("de-DE", "en-GB", "en-US"),
        google_search=True,
    ),
)
OPENAI = VoiceOffer("openai:talk", "Talk", "openai", "OpenAI", LiveModelFacts("talk", "openai", 24_000))
NO_KEY = VoiceOffer(
    "openai:talk", "Talk", "openai", "OpenAI", OPENAI.facts, False, "OpenAI: no key. Add one in Settings."
)
HEADSET = AudioDevice("Jabra Evolve2 65", "input")
BUILT_IN = AudioDevice("Built-in audio", "input", default=True)
SPEAKER = AudioDevice("Built-in audio", "output", default=True)


class Asked(VoiceViewModel):
    """Settings change as they are asked to; all else is only written down."""

    def __init__(self) -> None:
        QObject.__init__(self)
        self.state = VoiceState()
        self.entries = ()
        self.figures = VoiceFigures()
        self.settings = VoiceSettings()
        self.shortcut_state = ShortcutState()
        self.done: list[str] = []

    offers: tuple[VoiceOffer, ...] = (GEMINI, NO_KEY)
    devices: DeviceList = DeviceList((HEADSET, BUILT_IN), (SPEAKER,))
    functions: tuple[tuple[str, str], ...] = (("current_time", "The time here."), ("calculate", "A value."))
    testing: str = ""
    recorded: Path | None = None

    @property
    def offer(self) -> VoiceOffer | None:
        return next((one for one in self.offers if one.reference == self.settings.model), self.offers[0])

    def level(self, direction: Direction) -> LevelReading:  # noqa: ARG002 - it is as loud everywhere
        return LevelReading((0.5,), -12.0, (False,))

    def places(self) -> dict[str, Path]:
        return {} if self.recorded is None else {"recording": self.recorded}

    def change(self, **changes: Any) -> None:
        self.settings = msgspec.structs.replace(self.settings, **changes)
        self.settings_changed.emit()
        self.offers_changed.emit()

    def test_microphone(self) -> None:
        self.done.append("test microphone")

    def choose_shortcut(self, wanted: bool) -> None:
        self.change(global_shortcut=wanted)
        self.done.append(f"shortcut {wanted}")

    def press(self, hand: Hand) -> None:
        self.done.append(f"press {hand}")

    def release(self, hand: Hand) -> None:
        self.done.append(f"release {hand}")

    def end(self) -> None:
        self.become(VoiceState("ended", title=self.state.title))

    def new(self) -> None:
        self.become(VoiceState())

    def become(self, state: VoiceState, figures: VoiceFigures | None = None) -> None:
        """Another state."""
        self.state = state
        self.state_changed.emit()
        if figures is not None:
            self.figures = figures
            self.figures_changed.emit()

    def plug(self, *inputs: AudioDevice, problem: str = "") -> None:
        """Other microphones."""
        self.devices = DeviceList(inputs, self.devices.outputs, problem)
        self.devices_changed.emit()


@dataclass(frozen=True, slots=True)
class Tab:
    """The widgets, in one window."""

    window: QWidget
    header: VoiceHeader
    welcome: VoiceWelcome
    panel: VoicePanel
    asked: Asked


@contextmanager
def voice_tab(qtbot: QtBot, *, width: int = 1280, height: int = 800) -> Iterator[Tab]:
    """Show it."""
    asked, look = Asked(), themes()
    window = QWidget()
    qtbot.addWidget(window)
    tab = Tab(window, VoiceHeader(look, asked), VoiceWelcome(look, asked), VoicePanel(look, asked), asked)
    row = QHBoxLayout()
    row.addWidget(tab.welcome, 1)
    row.addWidget(tab.panel)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(tab.header)
    column.addLayout(row, 1)
    window.resize(width, height)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
    try:
        yield tab
    finally:
        window.close()
        asked.deleteLater()
