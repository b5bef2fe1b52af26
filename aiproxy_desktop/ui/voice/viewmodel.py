"""The voice tab without its widgets. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.audio.values import DeviceList, Direction, LevelReading
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.global_shortcut import GlobalShortcut, ShortcutState
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.backend import VoiceBackend
from aiproxy_desktop.services.voice.service import VoiceChange
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceOffer
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr

# What the person holds while talking; a press of one is ended by the release of the same one.
Hand: TypeAlias = Literal["key", "button", "shortcut"]

# Milliseconds without a change before settings are written: a system prompt is typed letter by letter.
_WRITTEN_AFTER = 400
_FIGURES_EVERY = 250


class VoiceViewModel(QObject):
    """State and actions of the tab. Await `close` at the end.

    What it gives are values: compare them with what is shown.
    """

    state_changed = Signal()  # read `state`
    entries_changed = Signal(int)  # from this index on; read `entries`
    figures_changed = Signal()  # read `figures`; at most four times a second
    offers_changed = Signal()  # read `offers`, `offer`
    settings_changed = Signal()  # read `settings`
    devices_changed = Signal()  # read `devices`, `testing`
    shortcut_changed = Signal()  # read `shortcut_state`
    noticed = Signal(object)  # Notice
    chat_wanted = Signal(str)  # the conversation to go on with
    _shortcut_told = Signal(object)  # from the portal's thread: a ShortcutState, or whether it is held

    def __init__(
        self,
        behind: VoiceBackend,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up.

        Args:
            behind: the services; whoever built them starts and closes them.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._voice, self._models, self._kept = behind.voice, behind.models, behind.settings
        self.scope = TaskScope("voice page", on_unexpected)
        self.state = self._voice.state
        self.entries: tuple[VoiceEntry, ...] = self._voice.entries
        self.figures = self._voice.figures
        self.settings = behind.settings.current.voice
        self.shortcut_state = ShortcutState()
        self._hand: Hand | None = None
        self._writing = self._timer(_WRITTEN_AFTER, self._write)
        self._counting = self._timer(_FIGURES_EVERY, self._show_figures)
        self._shortcut: GlobalShortcut | None = None
        self._shortcut_told.connect(self._take_shortcut)
        voice = self._voice
        self._subscriptions = (
            voice.changed.add(self._take),
            voice.noticed.add(self._say),
            voice.devices_changed.add(self.devices_changed.emit),
            voice.tests_changed.add(self.devices_changed.emit),
            self._models.changed.add(self.offers_changed.emit),
        )

    async def close(self) -> None:
        """Leave nothing running; the session is the services' own to end."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._counting.stop()
        if self._writing.isActive():
            self._writing.stop()
            await self._keep()
        if self._shortcut is not None:
            await on_thread(self._shortcut.close, "global shortcut")
        await self.scope.close()

    @property
    def offers(self) -> tuple[VoiceOffer, ...]:
        """Every live model there is, those that are not ready included."""
        return self._models.all

    @property
    def offer(self) -> VoiceOffer | None:
        """The model that a session is or will be held with."""
        return self._models.offer_for(self.settings.model) or self._models.default

    @property
    def devices(self) -> DeviceList:
        """The microphones and speakers there are now."""
        return self._voice.devices

    @property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """The application's own functions: name and what each does."""
        return self._voice.functions

    def level(self, direction: Direction) -> LevelReading:
        """What a meter shows now; cheap, for 20 times a second."""
        return self._voice.level(direction)

    @property
    def shortcut(self) -> str:
        """The shortcut for every window as the desktop names it; empty where there is none."""
        return self.shortcut_state.trigger

    @property
    def testing(self) -> str:
        """What a test of the devices does: `recording`, `playing`, `sounding`, or nothing."""
        return self._voice.testing

    def places(self) -> Mapping[str, Path]:
        """Where the recording of the session is (`recording`); empty where there is none."""
        return self._voice.places()

    # The session

    def start(self) -> None:
        """Begin a session with the settings as they are; says why where it cannot be."""
        self._begin()

    def end(self) -> None:
        """End it; what was said stays in sight."""
        self._hand = None
        self._voice.end()

    def new(self) -> None:
        """Put the ended session away."""
        self._voice.new()

    def press(self, hand: Hand) -> None:
        """Push to talk: the person holds something. Begins a session where there is none."""
        if self._hand is not None or not self._begin():
            return
        self._hand = hand
        self._voice.press()

    def release(self, hand: Hand) -> None:
        """Push to talk: the person lets go."""
        if self._hand == hand:
            self._hand = None
            self._voice.release()

    def set_muted(self, muted: bool) -> None:
        """Hands-free: send no sound."""
        self._voice.set_muted(muted)

    def stop_answer(self) -> None:
        """Have the model fall silent."""
        self._voice.stop_answer()

    def say(self, text: str) -> bool:
        """Send a turn in writing, and begin a session where there is none; False where there can be none."""
        if not self._begin():
            return False
        self._voice.say(text)
        return True

    def allow(self, call_id: str, *, always: bool = False) -> None:
        """Let a function run with the arguments that are shown; `always`: ask no more in this session."""
        self._voice.allow(call_id, always=always)

    def deny(self, call_id: str) -> None:
        """Tell the model that the person does not want that."""
        self._voice.deny(call_id)

    def answer_call(self, call_id: str, result: str) -> None:
        """Answer a call by hand: JSON or plain text."""
        self._voice.answer_call(call_id, result)

    def open_in_chat(self) -> None:
        """Go on with the conversation in the chat tab."""
        conversation = self.state.conversation_id
        if conversation is not None:
            self.chat_wanted.emit(conversation)

    # Around it

    def begin_with(self, reference: str) -> None:
        """Talk with this model."""
        self.choose_model(reference)

    def choose_model(self, reference: str) -> None:
        """Talk with another model, from the next session on."""
        self.change(model=reference)

    def change(self, **changes: Any) -> None:
        """Change fields of `settings`; what a session under way can take is changed in it."""
        changed = msgspec.structs.replace(self.settings, **changes)
        if changed == self.settings:
            return
        other_model = changed.model != self.settings.model
        self.settings = changed
        self._voice.change(changed)
        self._writing.start()
        self.settings_changed.emit()
        if other_model:
            self.offers_changed.emit()

    def test_microphone(self) -> None:
        """Record for three seconds, then play it back; `testing` tells."""
        self._voice.test_microphone(self.settings)

    def test_speaker(self) -> None:
        """Play a short sound."""
        self._voice.test_speaker(self.settings)

    def look_for_shortcut(self) -> None:
        """Find out whether this desktop has shortcuts for every window; take up the one that was wanted."""
        if self.settings.global_shortcut:
            self._portal().ask(tr("Talk while held"))
        else:
            self._portal().look()

    def choose_shortcut(self, wanted: bool) -> None:
        """Ask the desktop for a shortcut that works in every window, or give it back."""
        self.change(global_shortcut=wanted)
        if wanted:
            self._portal().ask(tr("Talk while held"))
        else:
            self._portal().give_back()

    # What the services tell

    def _begin(self) -> bool:
        """Whether a session is under way, begun now where there was none."""
        if self.state.phase not in {"idle", "ended"}:
            return True
        offer = self.offer
        if offer is None or not offer.ready:
            why = offer.why if offer is not None else ""
            self.noticed.emit(Notice(why or tr("No model to talk with was found. Add a key in Settings.")))
            return False
        self._voice.start(self.settings, offer)
        return True

    def _take(self, change: VoiceChange) -> None:
        if change.state:
            self.state = self._voice.state
        if change.entries_from is not None:
            self.entries = self._voice.entries
        if change.state:
            if self.state.phase in {"idle", "ended"}:
                self._hand = None
                self._show_figures()
            self.state_changed.emit()
        if change.entries_from is not None:
            self.entries_changed.emit(change.entries_from)
        if change.figures and not self._counting.isActive():
            self._counting.start()

    def _show_figures(self) -> None:
        figures = self._voice.figures
        if figures != self.figures:
            self.figures = figures
            self.figures_changed.emit()

    def _say(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))

    def _write(self) -> None:
        self.scope.attempt(self._keep, self._say, "settings")

    async def _keep(self) -> None:
        await self._kept.update(voice=self.settings)

    def _portal(self) -> GlobalShortcut:
        if self._shortcut is None:
            told = self._shortcut_told.emit
            self._shortcut = GlobalShortcut(lambda: told(True), lambda: told(False), told)
        return self._shortcut

    def _take_shortcut(self, told: ShortcutState | bool) -> None:
        if isinstance(told, ShortcutState):
            self.shortcut_state = told
            self.shortcut_changed.emit()
        elif told:
            self.press("shortcut")
        else:
            self.release("shortcut")

    def _timer(self, milliseconds: int, work: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(work)
        return timer
