"""What stands in the middle of the voice tab before anything was said."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.words import speaker_name
from aiproxy_desktop.ui.widgets.empty_state import EmptyState

_SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Welcome:
    """One line what it is, or what is absent, one line what to do, and a button that does it."""

    title: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()


class VoiceWelcome(QWidget):
    """What it is and what to do, or what is missing. `page_wanted`: go to a page, such as `settings`."""

    page_wanted = Signal(str)

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._vm = view_model
        self.setObjectName("voice.welcome")
        self._empty = EmptyState(themes, name="voice.empty")
        self._empty.acted.connect(self.page_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty)
        for changed in (
            view_model.offers_changed,
            view_model.devices_changed,
            view_model.settings_changed,
            view_model.state_changed,
            view_model.shortcut_changed,
        ):
            changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        said = welcome(self._vm)
        self._empty.show_state(said.title, said.text, said.buttons)


def welcome(vm: VoiceViewModel) -> Welcome:
    """What to say now: what is absent first."""
    ready = [offer for offer in vm.offers if offer.ready]
    if not ready or (vm.offer is not None and not vm.offer.ready):
        return _no_model(vm)
    name = speaker_name(vm.offer)
    if vm.devices.problem or not vm.devices.inputs:
        title = tr("There is no sound here") if vm.devices.problem else tr("There is no microphone")
        text = vm.devices.problem or tr("One that is plugged in is used at once.")
        return Welcome(title, f"{text}\n{tr('Until then you can type to {name}.', name=name)}")
    before = tr("Nothing you say is sent before that. You can also type.")
    return Welcome(tr("Talk with {name}", name=name), f"{_how(vm)}\n{before}")


def _no_model(vm: VoiceViewModel) -> Welcome:
    button = ((_SETTINGS, tr("Open Settings")),)
    # Without any key it is not one provider that is missing: either would do.
    if all(offer.keyless for offer in vm.offers):
        return Welcome(
            tr("No model to talk with yet"),
            tr("Gemini and OpenAI have models that listen and speak. Add a key for one of them in Settings."),
            button,
        )
    offer = vm.offer or vm.offers[0]
    title = tr("{name} cannot be talked with yet", name=offer.provider_label or offer.name)
    text = offer.why or tr("Add a key for it in Settings.")
    if any(one.ready for one in vm.offers):
        text = f"{text}\n{tr('Or choose another model in the panel.')}"
    return Welcome(title, text, button)


def _how(vm: VoiceViewModel) -> str:
    if vm.settings.mode == "hands_free":
        return tr("Press the button and speak whenever you like; it hears when you have finished.")
    if vm.shortcut:
        return tr("Hold Space, the button or {keys} and speak; let go, and it answers.", keys=vm.shortcut)
    return tr("Hold Space or the button and speak; let go, and it answers.")
