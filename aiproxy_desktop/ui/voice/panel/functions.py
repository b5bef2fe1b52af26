"""The panel's fourth group: the functions a model may call, the application's and those a person declares."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.services.voice.functions import declared
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.voice.panel.groups import Group, Note, SwitchRow
from aiproxy_desktop.ui.voice.panel.growing import Fold, GrowingArea
from aiproxy_desktop.ui.voice.standing import session_runs
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.labels import Label, set_property

_EXAMPLE = '[{"name": "open_door", "description": "…"}]'


class FunctionsGroup(Group):
    """Follows the view-model."""

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel) -> None:
        super().__init__(spacing=4)
        self._themes = themes
        self._vm = view_model
        self._shown: tuple[tuple[str, str], ...] = ()
        self._switches: dict[str, SwitchRow] = {}
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._consent = Label(tr("You are asked before each use."), "meta", "muted", wrap=True)
        self._consent.setObjectName("voice.functions.consent")
        self._without = Note("voice.functions.without")
        self.editor = Declarations(themes, view_model)
        self._fold = Fold(
            themes,
            tr("Your own functions"),
            self.editor,
            name="voice.declarations.fold",
            open_now=bool(view_model.settings.declarations),
        )
        self.column.addWidget(Label(tr("Functions"), "meta", "secondary"))
        self.column.addLayout(self._rows)
        self.column.addWidget(self._consent)
        self.column.addWidget(self._without)
        self.column.addWidget(self._fold)
        for changed in (view_model.settings_changed, view_model.offers_changed, view_model.state_changed):
            changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        vm, offer = self._vm, self._vm.offer
        if vm.functions != self._shown:
            self._build(vm.functions)
        possible = offer is None or offer.facts.functions
        for name, what in self._shown:
            row = self._switches[name]
            row.show_state(name in vm.settings.functions, _words(name, what)[1], possible=possible)
        self._consent.setVisible(possible)
        said = "" if possible or offer is None else tr("{model} calls no functions.", model=offer.name)
        self._without.say(said)
        self.editor.show_declarations()

    def _build(self, functions: tuple[tuple[str, str], ...]) -> None:
        for row in self._switches.values():
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._switches.clear()
        self._shown = functions
        for name, what in functions:
            row = SwitchRow(self._themes, _words(name, what)[0], name=f"voice.function.{name}")
            row.switch.toggled.connect(lambda on, name=name: self._choose(name, on))
            self._switches[name] = row
            self._rows.addWidget(row)
        # What is made later comes last in Qt's order: the keys go by what is seen.
        stops = [*(row.switch for row in self._switches.values()), self._fold.button, self.editor.area]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _choose(self, name: str, on: bool) -> None:
        others = tuple(one for one in self._vm.settings.functions if one != name)
        self._vm.change(functions=(*others, name) if on else others)


class Declarations(QWidget):
    """The editor of what a person declares. What cannot be used stays there and is not applied."""

    def __init__(self, themes: ThemeController, view_model: VoiceViewModel) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._problem = ""
        self.area = GrowingArea(
            name="voice.declarations",
            accessible_name=tr("Your own functions, as JSON"),
            placeholder=_EXAMPLE,
            pauses=lambda: not session_runs(view_model.state),
        )
        self.area.setFont(font("code"))
        self.area.rested.connect(self._apply)
        self.setFocusProxy(self.area)
        self._note = Note("voice.declarations.note")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.area)
        column.addWidget(self._note)
        self.show_declarations()

    def show_declarations(self) -> None:
        """Follow the settings, unless what stands there could not be used."""
        if not self._problem:
            self.area.show_text(self._vm.settings.declarations)
        self._say()

    def _apply(self, text: str) -> None:
        try:
            declared(text)
        except InvalidRequestError as error:
            self._problem = f"{error}"
            self._say()
            announce(self.area, self._problem)
            return
        self._problem = ""
        self._vm.change(declarations=text)
        self._say()

    def _say(self) -> None:
        set_property(self.area, "invalid", bool(self._problem))
        self.area.setAccessibleDescription(self._problem)
        if self._problem:
            self._note.say(self._problem, trouble=True)
            return
        count = _count(self._vm.settings.declarations)
        if count:
            words = tr_count(
                "{n} function. You answer its calls yourself.",
                "{n} functions. You answer their calls yourself.",
                count,
            )
            self._note.say(words)
        else:
            self._note.say(tr("A JSON list of declarations. You answer the calls yourself."))


def _count(text: str) -> int:
    try:
        return len(declared(text))
    except InvalidRequestError:
        return 0


def _words(name: str, what: str) -> tuple[str, str]:
    """What a function is called for a person, and what it does; one that is not known here says it itself."""
    known = {
        "current_time": (tr("Current time"), tr("The date, weekday, time and time zone where you are.")),
        "calculate": (tr("Calculate"), tr("The exact value of an arithmetic expression.")),
    }
    return known.get(name, (name, what))
