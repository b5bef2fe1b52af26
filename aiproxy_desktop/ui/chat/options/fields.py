"""The fields of ChatOptions but the model, for a conversation and for a persona."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.ui.chat.options.limits import Limits
from aiproxy_desktop.ui.chat.options.rows import OptionRow, TemperatureControl
from aiproxy_desktop.ui.chat.writing.effort_select import EffortSelect
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.switch import Switch
from aiproxy_desktop.ui.widgets.text_area import TextArea
from aiproxy_desktop.ui.widgets.text_field import TextField

_MOST_OUTPUT = 10_000_000


class OptionFields(QWidget):
    """System prompt, temperature, output limit, effort, JSON mode, web search."""

    changed = Signal(str, object)  # a field of ChatOptions, its new value

    def __init__(self, themes: ThemeController, *, name: str, parent: QWidget | None = None) -> None:
        """Make them; `name` is the prefix of their object names."""
        super().__init__(parent)
        self._system = TextArea(
            name=f"{name}.system",
            accessible_name=tr("System prompt"),
            placeholder=tr("How the model should answer"),
        )
        self._temperature = TemperatureControl(themes, name=f"{name}.temperature")
        self._output = TextField(
            themes,
            name=f"{name}.outputLimit",
            placeholder=tr("Default"),
            accessible_name=tr("Output limit in tokens"),
        )
        self._output.setFixedWidth(112)
        self._output.setValidator(QIntValidator(1, _MOST_OUTPUT, self._output))
        self._effort = EffortSelect(themes, name=f"{name}.effort")
        self._json = Switch(themes, name=f"{name}.json", accessible_name=tr("JSON mode"))
        self._search = Switch(themes, name=f"{name}.webSearch", accessible_name=tr("Web search"))
        self._lay_out()
        self._system.textChanged.connect(lambda: self.changed.emit("system", self._system.toPlainText()))
        self._temperature.changed.connect(lambda value: self.changed.emit("temperature", value))
        self._output.textEdited.connect(self._limit_output)
        self._effort.chosen.connect(self._choose_effort)
        self._json.toggled.connect(lambda on: self.changed.emit("json_mode", on))
        self._search.toggled.connect(lambda on: self.changed.emit("web_search", on))

    def show_options(self, options: ChatOptions, limits: Limits) -> None:
        """Show these without telling; what is being typed stays as it is."""
        self._system.set_text(options.system)
        self._temperature.show_value(options.temperature)
        limit = "" if options.output_limit is None else str(options.output_limit)
        if not self._output.hasFocus() or not self._output.text():
            self._output.setText(limit)
        self._effort.show_efforts(limits.efforts, options.effort)
        self._json.set_on(options.json_mode)
        self._search.set_on(options.web_search)
        self._temperature_row.set_reason(limits.temperature)
        self._effort_row.set_reason(limits.effort)
        self._json_row.set_reason(limits.json_mode)
        self._search_row.set_reason(limits.web_search)
        too_much = limits.most_output is not None and (options.output_limit or 0) > limits.most_output
        self._output_row.set_note(
            tr("This model writes at most {tokens} tokens.", tokens=f"{limits.most_output:,}")
            if too_much
            else ""
        )

    def _lay_out(self) -> None:
        self._temperature_row = OptionRow(tr("Temperature"), self._temperature, wide=True)
        self._output_row = OptionRow(tr("Output limit"), self._output, detail=tr("tokens"))
        self._effort_row = OptionRow(tr("Effort"), self._effort)
        self._json_row = OptionRow(tr("JSON mode"), self._json)
        self._search_row = OptionRow(tr("Web search"), self._search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label(tr("System prompt"), "body"))
        column.addWidget(self._system)
        for row in (self._temperature_row, self._output_row, self._effort_row):
            column.addWidget(row)
        for row in (self._json_row, self._search_row):
            column.addWidget(row)

    def _limit_output(self, text: str) -> None:
        self.changed.emit("output_limit", int(text) if text.isdecimal() and int(text) > 0 else None)

    def _choose_effort(self, value: str) -> None:
        self.changed.emit("effort", cast("Effort", value) if value else None)
