"""The panel's first group: which model, with which voice, in which language, and how one talks with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.panel.groups import Group, Note, field
from aiproxy_desktop.ui.voice.panel.growing import Fold, GrowingArea
from aiproxy_desktop.ui.voice.panel.languages import language_name, language_rows, short_name
from aiproxy_desktop.ui.voice.panel.model_button import ModelButton
from aiproxy_desktop.ui.voice.standing import session_runs
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.form_select import FormSelect
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.segmented import Segmented


class SpeechGroup(Group):
    """Follows the view-model. `mend_wanted`: a model that is not ready was taken."""

    mend_wanted = Signal()

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel) -> None:
        super().__init__()
        self._vm = view_model
        self._began_with = ""  # reference of the model of the session that runs
        self.model = ModelButton(themes, view_model, name="voice.model")
        self.model.mend_wanted.connect(self.mend_wanted)
        self.voice = FormSelect(themes, (), name="voice.voice", label=tr("Voice"))
        self.voice.chosen.connect(self._choose_voice)
        self.language = _LanguageSelect(themes, (), name="voice.language", label=tr("Language"))
        self.language.chosen.connect(lambda tag: view_model.change(language=tag))
        modes = (("push_to_talk", tr("Push to talk")), ("hands_free", tr("Hands-free")))
        self.mode = Segmented(themes, modes, name="voice.mode", accessible_name=tr("Talk mode"), wide=True)
        self.mode.chosen.connect(lambda mode: view_model.change(mode=mode))
        self.instructions = GrowingArea(
            name="voice.instructions",
            accessible_name=tr("System prompt"),
            placeholder=tr("How it shall behave and what it shall know"),
            # A session would be told anew at every pause.
            pauses=lambda: not session_runs(view_model.state),
        )
        self.instructions.rested.connect(lambda text: view_model.change(instructions=text))
        self._fold = Fold(themes, tr("System prompt"), self.instructions, name="voice.instructions.fold")
        self._later = Note("voice.later")
        self._echo = Note("voice.echo")
        self._lay_out()
        view_model.settings_changed.connect(self._show)
        view_model.offers_changed.connect(self._show)
        view_model.state_changed.connect(self._follow_session)
        self._fold.set_open(bool(view_model.settings.instructions))
        self._follow_session()
        self._show()

    def _lay_out(self) -> None:
        beside = QHBoxLayout()
        beside.setSpacing(12)
        beside.addLayout(field(tr("Voice"), self.voice), 1)
        beside.addLayout(field(tr("Language"), self.language), 1)
        model = field(tr("Model"), self.model)
        model.addWidget(self._later)
        self.column.addLayout(model)
        self.column.addLayout(beside)
        mode = field(tr("Talk mode"), self.mode)
        mode.addWidget(self._echo)
        self.column.addLayout(mode)
        self.column.addWidget(self._fold)

    def _show(self) -> None:
        settings, offer = self._vm.settings, self._vm.offer
        voices = offer.facts.voices if offer is not None else ()
        voice = settings.voices.get(offer.model, "") if offer is not None else ""
        # What was chosen before stays to be seen, a table may have forgotten it.
        extra = (voice,) if voice and voice not in voices else ()
        rows = [("", tr("Its own")), *((one, one) for one in (*voices, *extra))]
        _offer(self.voice, rows, voice, bool(voices), tr("This model has no voices to choose from."))
        languages = offer.facts.languages if offer is not None else ()
        rows = language_rows(languages)
        if settings.language and settings.language not in languages:
            rows.append((settings.language, language_name(settings.language)))
        why = tr("This model answers in the language it hears.")
        _offer(self.language, rows, settings.language, bool(languages), why)
        self.mode.set_value(settings.mode)
        loud = tr("Best with headphones: from loudspeakers, the model hears itself.")
        self._echo.say(loud if settings.mode == "hands_free" else "")
        self.instructions.show_text(settings.instructions)
        if settings.instructions and not self._fold.is_open:
            self._fold.set_open(True)
        self._say_what_waits()

    def _choose_voice(self, voice: str) -> None:
        offer = self._vm.offer
        if offer is None:
            return
        others = {model: one for model, one in self._vm.settings.voices.items() if model != offer.model}
        self._vm.change(voices=others | ({offer.model: voice} if voice else {}))

    def _follow_session(self) -> None:
        if not session_runs(self._vm.state):
            self._began_with = ""
        elif not self._began_with and self._vm.offer is not None:
            self._began_with = self._vm.offer.reference
        self._say_what_waits()

    def _say_what_waits(self) -> None:
        """All else is changed in a session that runs; a model holds its own to the end."""
        offer, wanted = self._vm.offer, self._vm.settings.model
        chosen = next((one for one in self._vm.offers if one.reference == wanted), offer)
        waits = bool(self._began_with) and chosen is not None and chosen.reference != self._began_with
        name = chosen.name if chosen is not None else ""
        self._later.say(tr("{model} from the next session on.", model=name) if waits else "")


def _offer(select: FormSelect, rows: list[tuple[str, str]], value: str, possible: bool, why: str) -> None:
    """What can be chosen; where nothing can, what is done without a choice, and why."""
    select.set_options(rows if possible else rows[:1])
    select.set_value(value if possible else "")
    select.setEnabled(possible)
    select.setAccessibleDescription("" if possible else why)
    if not possible:
        set_tooltip(select, why)


class _LanguageSelect(FormSelect):
    """Its rows tell the country in full, it itself has no room for that."""

    def set_value(self, value: str) -> None:
        super().set_value(value)
        whole = self.text()
        self.setText(short_name(value))
        self.setAccessibleName(f"{self._label}: {whole or self.text()}")
