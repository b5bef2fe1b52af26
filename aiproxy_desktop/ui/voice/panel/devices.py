"""The panel's second group: through which microphone and speaker, whether they work, and how loud."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from aiproxy_desktop.audio.values import AudioDevice, StreamStatus
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.panel.groups import Group, Icon, Note, field
from aiproxy_desktop.ui.voice.panel.level_bar import LevelBar
from aiproxy_desktop.ui.voice.standing import session_runs
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.form_select import FormSelect
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.slider import Slider


class DevicesGroup(Group):
    """Follows the view-model: devices come and go while it is open."""

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel) -> None:
        super().__init__()
        self._vm = view_model
        self._said = ""
        self.microphone = _DeviceSelect(themes, (), name="voice.microphone", label=tr("Microphone"))
        self.speaker = _DeviceSelect(themes, (), name="voice.speaker", label=tr("Speaker"))
        self.microphone.chosen.connect(lambda name: view_model.change(microphone=name))
        self.speaker.chosen.connect(lambda name: view_model.change(speaker=name))
        self.test_microphone = Button(
            themes,
            tr("Test"),
            name="voice.microphone.test",
            large=True,
            accessible_name=tr("Test the microphone"),
        )
        self.test_speaker = Button(
            themes, tr("Test"), name="voice.speaker.test", large=True, accessible_name=tr("Test the speaker")
        )
        self.test_microphone.clicked.connect(lambda: self._test("input"))
        self.test_speaker.clicked.connect(lambda: self._test("output"))
        self._level = LevelBar(themes, lambda: view_model.level("input"))
        self._microphone_note = Note("voice.microphone.note")
        self._speaker_note = Note("voice.speaker.note")
        self.volume = Slider(themes, name="voice.volume", accessible_name=tr("Volume"))
        self.volume.setRange(0, 100)
        self.volume.setPageStep(10)
        self.volume.valueChanged.connect(self._turn)
        self._percent = Label("", "body", "text", tabular=True)
        self._percent.setObjectName("voice.volume.percent")
        self._lay_out(themes)
        for changed in (view_model.devices_changed, view_model.settings_changed, view_model.state_changed):
            changed.connect(self._show)
        self._show()

    def _lay_out(self, themes: ThemeController) -> None:
        for words, select, test, below in (
            (tr("Microphone"), self.microphone, self.test_microphone, (self._microphone_note, self._level)),
            (tr("Speaker"), self.speaker, self.test_speaker, (self._speaker_note,)),
        ):
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(select, 1)
            line.addWidget(test)
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addLayout(field(words, line, select))
            for one in below:
                part.addWidget(one)
            self.column.addLayout(part)
        self.column.setSpacing(8)
        self.column.insertSpacing(1, 4)
        self._level.hide()
        loudness = QHBoxLayout()
        loudness.setSpacing(8)
        loudness.addWidget(Icon(themes, "speaker"))
        loudness.addWidget(self.volume, 1)
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %") + 2)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        loudness.addWidget(self._percent)
        self.column.addLayout(loudness)

    def _show(self) -> None:
        vm = self._vm
        for select, wanted, devices in (
            (self.microphone, vm.settings.microphone, vm.devices.inputs),
            (self.speaker, vm.settings.speaker, vm.devices.outputs),
        ):
            select.default = next((device.name for device in devices if device.default), "")
            select.set_options(device_rows(devices, wanted))
            select.set_value(wanted)
        self.volume.blockSignals(True)
        self.volume.setValue(vm.settings.volume)
        self.volume.blockSignals(False)
        self._percent.setText(tr("{percent} %", percent=vm.settings.volume))
        self._show_tests()

    def _show_tests(self) -> None:
        vm, testing = self._vm, self._vm.testing
        said = {"recording": tr("Recording… say something"), "playing": tr("Playing what you said…")}
        heard = said.get(testing, "")
        trouble = vm.devices.problem or _wrong(vm.state.microphone)
        if not heard and not trouble and not vm.devices.inputs:
            trouble = tr("No microphone is connected.")
        self._microphone_note.say(heard or trouble, trouble=bool(trouble) and not heard)
        self._level.setVisible(testing == "recording")
        sounding = tr("Playing…") if testing == "sounding" else ""
        # One sentence is enough where there is no sound at all.
        trouble = "" if vm.devices.problem else _wrong(vm.state.speaker)
        if not sounding and not trouble and not vm.devices.outputs and not vm.devices.problem:
            trouble = tr("No speaker is connected.")
        self._speaker_note.say(sounding or trouble, trouble=bool(trouble) and not sounding)
        if (now := heard or sounding) != self._said:
            self._said = now
            announce(self, now)
        # The model would hear the test and answer it.
        busy = session_runs(vm.state) and vm.settings.mode == "hands_free" and not vm.state.muted
        why = tr("Mute the microphone first, or end the session.") if busy else ""
        for test, there in (
            (self.test_microphone, bool(vm.devices.inputs)),
            (self.test_speaker, bool(vm.devices.outputs)),
        ):
            test.setEnabled(there and not busy)
            set_tooltip(test, why)

    def _test(self, direction: str) -> None:
        if self._vm.testing:
            return  # it ends by itself
        if direction == "input":
            self._vm.test_microphone()
        else:
            self._vm.test_speaker()

    def _turn(self, percent: int) -> None:
        self._percent.setText(tr("{percent} %", percent=percent))
        self._vm.change(volume=percent)


class _DeviceSelect(FormSelect):
    """Of the system's default it shows the name first: there is no room for all of it."""

    default = ""

    def set_value(self, value: str) -> None:
        super().set_value(value)
        if not value and self.default:
            self.setText(tr("{device} (default)", device=self.default))
            self.update()


def device_rows(devices: Sequence[AudioDevice], wanted: str) -> list[tuple[str, str]]:
    """What to choose from, as (name, words): the system's default first; one that is away stays.

    Args:
        devices: those there are.
        wanted: the one remembered, empty for the system's.
    """
    default = next((device.name for device in devices if device.default), "")
    first = tr("System default ({device})", device=default) if default else tr("System default")
    rows = [("", first), *((device.name, device.name) for device in devices)]
    if wanted and not _names(devices, wanted):
        rows.append((wanted, tr("{device} (not connected)", device=wanted)))
    return rows


def _names(devices: Sequence[AudioDevice], wanted: str) -> bool:
    return any(device.name == wanted for device in devices)


def _wrong(status: StreamStatus) -> str:
    return status.sentence if status.state == "missing" else ""
