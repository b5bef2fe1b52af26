"""The options of a conversation, in a popover: shows what the view-model holds, passes on what is set."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.ui.chat.effort_select import EffortSelect
from aiproxy_desktop.ui.chat.model_button import ModelButton
from aiproxy_desktop.ui.chat.model_choice import ModelChoice
from aiproxy_desktop.ui.chat.name_form import NameForm
from aiproxy_desktop.ui.chat.option_rows import OptionRow, TemperatureControl
from aiproxy_desktop.ui.chat.options import ConversationOptions
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.switch import Switch
from aiproxy_desktop.ui.widgets.text_area import TextArea
from aiproxy_desktop.ui.widgets.text_field import TextField

_WIDTH = 400
_PAD = 12
_MOST_OUTPUT = 10_000_000


class OptionsPanel(QScrollArea):
    """Persona, model, system prompt, temperature, output limit, effort, JSON mode, web search."""

    model_wanted = Signal(object)  # the button to open the picker at
    resized = Signal()

    def __init__(self, themes: ThemeController, options: ConversationOptions, models: ModelChoice) -> None:
        super().__init__()
        self._themes = themes
        self._options = options
        self._models = models
        self.setObjectName("chat.options.panel")
        self.setAccessibleName(tr("Options"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_controls()
        self._inner = self._lay_out()
        self.setWidget(self._inner)
        self._follow()
        self.show_options()
        for widget in self._inner.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                widget.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self._inner.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What the keys reach is in sight, also where the window is low.
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.ensureWidgetVisible(watched, 0, _PAD)
        return False

    def show_options(self) -> None:
        """Show what holds now; what is being typed stays as it is."""
        current, limits = self._options.current, self._options.limits
        self._show_persona()
        self._model.show_choice(self._models.choice)
        self._system.set_text(current.system)
        self._temperature.show_value(current.temperature)
        if not self._output.hasFocus():
            self._output.setText("" if current.output_limit is None else str(current.output_limit))
        self._effort.show_efforts(limits.efforts, current.effort)
        self._json.set_on(current.json_mode)
        self._search.set_on(current.web_search)
        self._temperature_row.set_reason(limits.temperature)
        self._effort_row.set_reason(limits.effort)
        self._json_row.set_reason(limits.json_mode)
        self._search_row.set_reason(limits.web_search)
        too_much = limits.most_output is not None and (current.output_limit or 0) > limits.most_output
        self._output_row.set_note(
            tr("At most {tokens} tokens here.", tokens=f"{limits.most_output:,}") if too_much else ""
        )
        self._reset.setEnabled(self._options.set_count > 0)
        self.resized.emit()

    def _make_controls(self) -> None:
        themes = self._themes
        self._reset = Button(themes, tr("Reset"), name="chat.options.reset", kind="link")
        self._reset.setAccessibleName(tr("Leave every option to the provider"))
        self._persona = Select(
            themes, tr("None"), [], name="chat.options.persona", accessible_name=tr("Persona")
        )
        self._save_as = Button(themes, tr("Save as…"), name="chat.options.savePersona", kind="quiet")
        self._save_as.setAccessibleName(tr("Save these settings as a persona"))
        self._name = NameForm(themes, tr("Name of the persona"), name="chat.options.personaForm")
        self._name.hide()
        self._model = ModelButton(themes)
        self._model.setObjectName("chat.options.model")
        self._system = TextArea(
            name="chat.options.system",
            accessible_name=tr("System prompt"),
            placeholder=tr("How the model should answer"),
        )
        self._temperature = TemperatureControl(themes)
        self._output = TextField(
            themes,
            name="chat.options.outputLimit",
            placeholder=tr("Default"),
            accessible_name=tr("Output limit in tokens"),
        )
        self._output.setFixedWidth(112)
        self._output.setValidator(QIntValidator(1, _MOST_OUTPUT, self._output))
        self._effort = EffortSelect(themes, name="chat.options.effort")
        self._json = Switch(themes, name="chat.options.json", accessible_name=tr("JSON mode"))
        self._search = Switch(themes, name="chat.options.webSearch", accessible_name=tr("Web search"))

    def _lay_out(self) -> QWidget:
        inner = QWidget()
        inner.setProperty("layer", "raised")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_PAD, 8, _PAD, _PAD)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(Label(tr("Options"), "body_strong"), 1)
        head.addWidget(self._reset)
        column.addLayout(head)
        self._persona_row = OptionRow(tr("Persona"), self._persona, self._save_as)
        self._temperature_row = OptionRow(tr("Temperature"), self._temperature, wide=True)
        self._output_row = OptionRow(tr("Output limit"), self._output, detail=tr("tokens"))
        self._effort_row = OptionRow(tr("Effort"), self._effort)
        self._json_row = OptionRow(tr("JSON mode"), self._json)
        self._search_row = OptionRow(tr("Web search"), self._search)
        column.addWidget(self._persona_row)
        column.addWidget(self._name)
        column.addWidget(OptionRow(tr("Model"), self._model))
        column.addWidget(Label(tr("System prompt"), "body"))
        column.addWidget(self._system)
        for row in (
            *(self._temperature_row, self._output_row, self._effort_row, self._json_row),
            self._search_row,
        ):
            column.addWidget(row)
        return inner

    def _follow(self) -> None:
        options = self._options
        options.changed.connect(self.show_options)
        options.persona_saved.connect(self._persona_saved)
        options.persona_refused.connect(self._name.refuse)
        self._reset.clicked.connect(options.clear)
        self._persona.chosen.connect(options.apply)
        self._save_as.clicked.connect(self._ask_name)
        self._name.submitted.connect(options.save_persona)
        self._name.resized.connect(self.resized)
        self._model.clicked.connect(lambda: self.model_wanted.emit(self._model))
        self._system.textChanged.connect(lambda: options.set(system=self._system.toPlainText()))
        self._temperature.changed.connect(lambda value: options.set(temperature=value))
        self._output.textEdited.connect(self._limit_output)
        self._effort.chosen.connect(self._choose_effort)
        self._json.toggled.connect(lambda on: options.set(json_mode=on))
        self._search.toggled.connect(lambda on: options.set(web_search=on))

    def _show_persona(self) -> None:
        personas, current = self._options.personas, self._options.persona
        self._persona.set_options([("", tr("None")), *((persona.id, persona.name) for persona in personas)])
        self._persona.set_value("" if current is None else current.id)
        shown = tr("None") if current is None else current.name
        self._persona.setAccessibleName(tr("Persona: {name}", name=shown))

    def _ask_name(self) -> None:
        self._name.show()
        self._name.begin()
        self.resized.emit()

    def _persona_saved(self, _name: str) -> None:
        if not self._name.isHidden():
            self._name.hide()
            self._save_as.setFocus(Qt.FocusReason.OtherFocusReason)
            self.resized.emit()

    def _limit_output(self, text: str) -> None:
        self._options.set(output_limit=int(text) if text.isdecimal() and int(text) > 0 else None)

    def _choose_effort(self, value: str) -> None:
        self._options.set(effort=cast("Effort", value) if value else None)
