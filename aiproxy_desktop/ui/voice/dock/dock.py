"""The dock: two meters, the talk button between them, what it says, and the line to type in."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.services.voice.values import VoiceCall, VoiceTurn
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.dock.composer import VoiceComposer
from aiproxy_desktop.ui.voice.dock.meter import LevelMeter
from aiproxy_desktop.ui.voice.dock.talk_button import TalkButton
from aiproxy_desktop.ui.voice.dock.words import DockWords, dock_words
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.words import speaker_name
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.labels import Label

COLUMN: Final = 640
_SIDE: Final = 24
_LATELY: Final = 16  # entries; a function that waits is among the last
_BESIDE: Final = 12  # between a meter and the button's ring, at least
_TICK_MS: Final = 50


class VoiceDock(QFrame):
    """Stands below the transcript, as wide as it."""

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("voice.dock")
        self.setProperty("layer", "surface")
        self.setProperty("edge", "top")
        self._view_model = view_model
        self._words: DockWords | None = None
        self._asked = False
        self.microphone = LevelMeter(themes, tr("Microphone"), name="voice.meter.input")
        self.speaker = LevelMeter(themes, tr("Speaker"), name="voice.meter.output")
        self.talk = TalkButton(themes)
        self._line = Label("", "reading_strong", wrap=True)
        self._hint = Label("", "meta", "muted", wrap=True)
        for label in (self._line, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.composer = VoiceComposer(themes)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.talk.held.connect(lambda: view_model.press("button"))
        self.talk.let_go.connect(lambda: view_model.release("button"))
        self.talk.switched.connect(self._switch)
        self.composer.sent.connect(self._say)
        for signal in (
            view_model.state_changed,
            view_model.settings_changed,
            view_model.offers_changed,
            view_model.devices_changed,
            view_model.shortcut_changed,
        ):
            signal.connect(self._refresh)
        view_model.entries_changed.connect(self._entries_changed)
        self._refresh()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.microphone)
        row.addSpacing(_BESIDE)
        row.addStretch(1)
        row.addWidget(self.talk)
        row.addStretch(1)
        row.addSpacing(_BESIDE)
        row.addWidget(self.speaker)
        inner = QWidget()
        inner.setMaximumWidth(COLUMN)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addSpacing(12)
        column.addWidget(self._line)
        column.addWidget(self._hint)
        column.addSpacing(16)
        column.addWidget(self.composer)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(_SIDE, 24, _SIDE, 20)
        outer.addStretch(1)
        outer.addWidget(inner, 1000)
        outer.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def write(self) -> None:
        """Put the keyboard where one can type."""
        self.composer.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def line(self) -> str:
        """What stands under the button."""
        return self._line.text()

    @property
    def hint(self) -> str:
        """What stands under that."""
        return self._hint.text()

    def _switch(self) -> None:
        state = self._view_model.state
        if state.phase in {"idle", "ended"}:
            self._view_model.start()
        else:
            self._view_model.set_muted(not state.muted)

    def _refresh(self) -> None:
        view_model = self._view_model
        state, offer = view_model.state, view_model.offer
        hands_free = view_model.settings.mode == "hands_free"
        words = dock_words(
            state,
            hands_free=hands_free,
            offer=offer,
            problem=view_model.devices.problem,
            shortcut=view_model.shortcut,
            asked=self._asked,
        )
        why_not = offer.why if offer is not None and not offer.ready else ""
        self.composer.address(speaker_name(offer), why_not=why_not)
        if state.phase in {"idle", "ended"} and state.error is not None:
            self.composer.give_back()
        self.talk.set_hands_free(hands_free)
        if words != self._words:
            before, self._words = self._words, words
            self._line.setText(words.line)
            self._hint.setText(words.hint)
            self.talk.set_look(words.look, f"{words.line}. {words.hint}")
            # Whoever waits for it hears it; what the microphone would hear is left unsaid.
            if before is not None and before.line != words.line and not words.quiet:
                announce(self, f"{words.line}. {words.hint}")
        self._run()

    def _say(self, words: str) -> None:
        if not self._view_model.say(words):
            self.composer.give_back()

    def _entries_changed(self, first: int) -> None:
        sent = self.composer.unanswered
        if sent and any(
            isinstance(entry, VoiceTurn) and entry.typed and entry.text == sent
            for entry in self._view_model.entries[first:]
        ):
            self.composer.arrived()
        asked = any(
            isinstance(entry, VoiceCall) and entry.status in {"asking", "waiting"}
            for entry in self._view_model.entries[-_LATELY:]
        )
        if asked != self._asked:
            self._asked = asked
            self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        state = self._view_model.state
        busy = state.answering or state.sounding
        if event.key() == Qt.Key.Key_Escape and self.composer.field.hasFocus() and not busy:
            # From writing back to talking.
            self.talk.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    # -- the meters

    @property
    def moving(self) -> bool:
        """Whether the meters are looked at again and again."""
        return self._timer.isActive()

    def _run(self) -> None:
        """Let the meters move while there is something to see and someone to see it."""
        state = self._view_model.state
        live = state.microphone.state == "open" or state.speaker.state == "open" or state.sounding
        if live and self.isVisible():
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()
        self._tick()

    def _tick(self) -> None:
        state = self._view_model.state
        heard, sounded = self._view_model.level("input"), self._view_model.level("output")
        talking = state.talking and not state.muted
        self.microphone.show_reading(heard, live=talking)
        self.speaker.show_reading(sounded, live=state.sounding)
        self.talk.set_level(heard.peaks[-1] if talking and heard.peaks else 0.0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)
