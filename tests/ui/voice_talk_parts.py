"""Transcript and dock in a real window over a view-model that writes down what it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from aiproxy_desktop.audio.values import DeviceList, Direction, LevelReading, StreamStatus
from aiproxy_desktop.core.live.models import LIVE_MODELS
from aiproxy_desktop.services.global_shortcut import ShortcutState
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceOffer, VoiceState
from aiproxy_desktop.storage.voice_settings import VoiceSettings
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.voice.dock.dock import VoiceDock
from aiproxy_desktop.ui.voice.hold_to_talk import HoldToTalk
from aiproxy_desktop.ui.voice.transcript.transcript import VoiceTranscript
from aiproxy_desktop.ui.voice.viewmodel import Hand, VoiceViewModel
from tests.ui.transcript_parts import xdotool
from tests.waiting import until

OPEN = StreamStatus("open", "Headset")
READY = VoiceState("ready", microphone=OPEN, speaker=OPEN)
OFFER = VoiceOffer("gemini:gemini-3.8-live", "gemini-3.8-live", "gemini", "Gemini", LIVE_MODELS[0])


class Asked(VoiceViewModel):
    """Does nothing but remember what it was asked for."""

    def __init__(self) -> None:
        # Not the view-model's own: there are no services behind it.
        QObject.__init__(self)
        self.done: list[str] = []
        self.chosen = OFFER
        self.can_begin = True
        self.state = READY
        self.entries = ()
        self.settings = VoiceSettings()
        self.shortcut_state = ShortcutState()
        self.readings: dict[Direction, LevelReading] = {}

    @property
    def offer(self) -> VoiceOffer:
        return self.chosen

    @property
    def devices(self) -> DeviceList:
        return DeviceList()

    def level(self, direction: Direction) -> LevelReading:
        return self.readings.get(direction, LevelReading())

    def start(self) -> None:
        self.done.append("start")

    def press(self, hand: Hand) -> None:
        self.done.append(f"press {hand}")

    def release(self, hand: Hand) -> None:
        self.done.append(f"release {hand}")

    def set_muted(self, muted: bool) -> None:
        self.done.append(f"muted {muted}")

    def stop_answer(self) -> None:
        self.done.append("stop")

    def say(self, text: str) -> bool:
        self.done.append(f"say {text}")
        return self.can_begin

    def allow(self, call_id: str, *, always: bool = False) -> None:
        self.done.append(f"allow {call_id}{' always' if always else ''}")

    def deny(self, call_id: str) -> None:
        self.done.append(f"deny {call_id}")

    def answer_call(self, call_id: str, result: str) -> None:
        self.done.append(f"answer {call_id} {result}")

    def put(self, *entries: VoiceEntry, first: int = 0) -> None:
        """From an index on there are these entries."""
        self.entries = (*self.entries[:first], *entries)
        self.entries_changed.emit(first)

    def become(self, state: VoiceState) -> None:
        """Another state."""
        self.state = state
        self.state_changed.emit()


@dataclass(frozen=True, slots=True)
class Talk:
    """Someone in front of the tab."""

    page: QWidget
    transcript: VoiceTranscript
    dock: VoiceDock
    asked: Asked

    async def keys(self, *arguments: str) -> None:
        """What xdotool does."""
        await xdotool(*arguments)

    async def point(self, place: QPoint) -> None:
        """Move the mouse to a place on the screen."""
        x, y = str(place.x()), str(place.y())
        await xdotool("mousemove", str(place.x() + 1), y, "mousemove", x, y)

    async def click(self, widget: QWidget) -> None:
        """Press in the middle of a widget."""
        await self.point(widget.mapToGlobal(widget.rect().center()))
        await xdotool("click", "1")

    async def did(self, *what: str) -> None:
        """Wait until exactly this was asked for, and forget it."""
        await until(lambda: len(self.asked.done) >= len(what), f"{what}, got {self.asked.done}")
        assert self.asked.done == list(what)
        self.asked.done.clear()

    async def copied(self) -> str:
        """What Ctrl+C brings."""
        QGuiApplication.clipboard().clear()
        await xdotool("key", "ctrl+c")
        await until(lambda: QGuiApplication.clipboard().text(), "the clipboard")
        return QGuiApplication.clipboard().text()

    def place_of(self, entry: int, words: str, part: int = 0) -> QPoint:
        """The point on the screen where some words of an entry begin."""
        shown = next(each for each in self.transcript.column.shown if each.index == entry)
        text = self.transcript.column.blocks[entry].parts[part]
        unit = text.display.text.index(words)
        box = text.flow.rectangles(unit, unit + 1)[0]
        x = self.transcript.column_left + text.x + round(box.left()) + 1
        return self.transcript.viewport().mapToGlobal(QPoint(x, shown.top + text.y + round(box.center().y())))


@asynccontextmanager
async def talking(*entries: VoiceEntry, size: tuple[int, int] = (920, 720)) -> AsyncIterator[Talk]:
    """The two parts, one above the other, with the keyboard."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    themes = ThemeController(application, "light")
    asked = Asked()
    asked.entries = entries
    page = QWidget()
    transcript, dock = VoiceTranscript(themes, asked), VoiceDock(themes, asked)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(transcript, 1)
    column.addWidget(dock)
    HoldToTalk(page, asked)
    page.setGeometry(20, 20, *size)
    page.show()
    page.activateWindow()
    try:
        await until(page.isActiveWindow, "the window has the keyboard")
        transcript.setFocus()
        await asyncio.sleep(0)
        yield Talk(page, transcript, dock, asked)
    finally:
        page.close()
        page.deleteLater()
        asked.deleteLater()
        themes.deleteLater()
        await asyncio.sleep(0)
