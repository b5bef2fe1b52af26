"""The panel's last group: who spoke how long, and what it took."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceTurn
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.panel.groups import Group
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.voice.words import cost_words, session_time, speaker_name
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label


class FiguresGroup(Group):
    """Follows the view-model, whose figures come at most four times a second."""

    def __init__(self, view_model: VoiceViewModel) -> None:
        super().__init__(spacing=4)
        self._vm = view_model
        self._you = _Figure("voice.figures.you", tr("You spoke"))
        self._model = _Figure("voice.figures.model")
        self._tokens = _Figure("voice.figures.tokens", tr("Tokens"))
        self._cost = _Figure("voice.figures.cost", tr("Cost so far"))
        for row in (self._you, self._model, self._tokens, self._cost):
            self.column.addWidget(row)
        view_model.figures_changed.connect(self._show)
        view_model.offers_changed.connect(self._show_name)
        view_model.state_changed.connect(self._show_name)
        view_model.state_changed.connect(self._show)
        self._show_name()
        self._show()

    def _show_name(self) -> None:
        self._model.set_name(tr("{name} spoke", name=speaker_name(self._vm.partner)))

    def _show(self) -> None:
        figures = self._vm.figures
        # Hands-free, not every service tells when the person speaks.
        unknown = not figures.you_spoke and any(_heard(one) for one in self._vm.entries)
        self._you.set_value(tr("Unknown") if unknown else session_time(figures.you_spoke))
        self._model.set_value(session_time(figures.model_spoke))
        # Services tell it after an answer: before the first one is over there is nothing that could be known.
        state = self._vm.state
        answered = figures.model_spoke > 0 and not (state.answering or state.sounding or state.talking)
        begun = answered or figures.tokens is not None
        self._tokens.set_value(_tokens(figures.tokens) if begun else "–")
        self._cost.set_value(cost_words(figures.cost) if begun else "–")


class _Figure(QWidget):
    def __init__(self, name: str, words: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._name = ElidedLabel(words, "body", "secondary")
        self._value = Label("", "body", tabular=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._name, 1)
        row.addWidget(self._value)

    def set_name(self, words: str) -> None:
        """Say what it counts; nothing is done where that is what stands there."""
        if words != self._name.text():
            self._name.setText(words)
            self._speak()

    def set_value(self, words: str) -> None:
        """Say how much; nothing is done where that is what stands there."""
        if words != self._value.text():
            self._value.setText(words)
            self._speak()

    def _speak(self) -> None:
        self.setAccessibleName(f"{self._name.text()}: {self._value.text()}")


def _heard(entry: VoiceEntry) -> bool:
    """Whether it is words that the person spoke."""
    return isinstance(entry, VoiceTurn) and entry.role == "user" and bool(entry.text) and not entry.typed


def _tokens(count: int | None) -> str:
    return tr("Unknown") if count is None else f"{count:,}"
