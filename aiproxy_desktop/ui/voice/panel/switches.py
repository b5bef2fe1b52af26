"""The panel's third group: what a session may do besides talking, and what of it is kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.services.global_shortcut import ShortcutState
from aiproxy_desktop.services.voice.values import VoiceOffer
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.open_url import open_folder
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.panel.groups import Group, SwitchRow
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel
from aiproxy_desktop.ui.widgets.segmented import Segmented

_FORMATS = (("flac", "FLAC"), ("wav", "WAV"))


class SwitchesGroup(Group):
    """Follows the view-model."""

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel) -> None:
        super().__init__(spacing=0)
        self._vm = view_model
        self._format = view_model.settings.recording or "flac"
        self.search = SwitchRow(themes, tr("Google Search"), name="voice.googleSearch")
        self.code = SwitchRow(themes, tr("Run code"), name="voice.code")
        self.recording = SwitchRow(themes, tr("Keep a recording"), name="voice.recording")
        self.formats = Segmented(
            themes,
            _FORMATS,
            name="voice.recording.format",
            accessible_name=tr("Format of the recording"),
            wide=True,
        )
        self.keep = SwitchRow(themes, tr("Save transcript to Chat"), name="voice.keep")
        self.shortcut = SwitchRow(themes, tr("Shortcut in every window"), name="voice.shortcut")
        self._place = _Place(themes, view_model)
        for part in (self.search, self.code, self.recording, self.formats, self._place, self.keep):
            self.column.addWidget(part)
        self.column.addWidget(self.shortcut)
        self._wire()
        self._show()

    def _wire(self) -> None:
        vm = self._vm
        self.search.switch.toggled.connect(lambda on: vm.change(google_search=on))
        self.code.switch.toggled.connect(lambda on: vm.change(code_execution=on))
        self.keep.switch.toggled.connect(lambda on: vm.change(keep=on))
        self.shortcut.switch.toggled.connect(vm.choose_shortcut)
        self.recording.switch.toggled.connect(lambda on: vm.change(recording=self._format if on else ""))
        self.formats.chosen.connect(self._choose_format)
        for changed in (vm.settings_changed, vm.offers_changed, vm.state_changed, vm.shortcut_changed):
            changed.connect(self._show)

    def _show(self) -> None:
        settings, offer = self._vm.settings, self._vm.offer
        why = _not_with(offer, searching=True)
        self.search.show_state(settings.google_search, why, possible=not why)
        why = _not_with(offer, searching=False)
        self.code.show_state(settings.code_execution, why, possible=not why)
        self._format = settings.recording or self._format
        words = tr("Keep a recording ({format})", format=dict(_FORMATS)[self._format])
        self.recording.set_words(words)
        self.recording.show_state(bool(settings.recording), self._recording_note())
        self.formats.setVisible(bool(settings.recording))
        self.formats.set_value(self._format)
        self._place.show_place()
        self.keep.show_state(settings.keep, "" if settings.keep else tr("What is said is not kept."))
        self._show_shortcut()

    def _recording_note(self) -> str:
        state = self._vm.state
        running = state.phase in {"ready", "reconnecting"}
        if running and state.recording:
            now = self._vm.places().get("recording", Path()).suffix[1:].upper()
            then = self._vm.settings.recording.upper()
            if now and then and now != then:
                return tr("This one stays {now}, the next is {then}.", now=now, then=then)
            return tr("Both sides are being recorded.")
        if running and self._vm.settings.recording:
            return tr("From the next session on.")
        return ""

    def _show_shortcut(self) -> None:
        state, wanted = self._vm.shortcut_state, self._vm.settings.global_shortcut
        # What was refused is switched on again to be asked for again.
        on = wanted and state.trouble != "refused"
        self.shortcut.show_state(on, _shortcut_note(state, wanted=wanted), possible=state.available)

    def _choose_format(self, chosen: str) -> None:
        self._format = "wav" if chosen == "wav" else "flac"
        self._vm.change(recording=self._format)


class _Place(QWidget):
    """Where the recording is; gone while there is none."""

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel) -> None:
        super().__init__()
        self._vm = view_model
        self._path = Path()
        self._name = ElidedLabel("", "meta", "secondary", mode=Qt.TextElideMode.ElideMiddle)
        self._name.setObjectName("voice.recording.name")
        self._show = Button(themes, tr("Show in folder"), name="voice.recording.show", icon="folder")
        self._show.clicked.connect(self._reveal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(6)
        column.addWidget(self._name)
        column.addWidget(self._show)
        self.hide()

    def show_place(self) -> None:
        """Follow the view-model."""
        self._path = self._vm.places().get("recording", Path())
        self._name.setText(self._path.name)
        self._show.setAccessibleDescription(f"{self._path}")
        self.setVisible(bool(self._path.name))

    def _reveal(self) -> None:
        if not open_folder(self._path.parent):
            self._vm.noticed.emit(Notice(tr("The recording is {path}", path=self._path)))


def _shortcut_note(state: ShortcutState, *, wanted: bool) -> str:
    troubles = {
        "none": tr("This desktop has no shortcuts that work in every window."),
        "gone": tr("The desktop does not answer; the shortcut is back when it is."),
        "refused": tr("The desktop gave no keys. Switch it on to ask again."),
    }
    if state.trouble:
        return troubles[state.trouble] if wanted or not state.available else ""
    if not state.available or not wanted:
        return ""
    if not state.bound:
        return tr("The desktop asks you which keys it shall be.")
    if not state.trigger:
        return tr("Give it keys in the desktop's settings.")
    return tr("Hold {keys} to talk.", keys=state.trigger)


def _not_with(offer: VoiceOffer | None, *, searching: bool) -> str:
    """Why a model does without; empty where it does not."""
    if offer is None or (offer.facts.google_search if searching else offer.facts.code_execution):
        return ""
    if searching:
        return tr("{model} does not search.", model=offer.name)
    return tr("{model} runs no code.", model=offer.name)
