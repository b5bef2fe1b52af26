"""Ready-made pieces for other programs."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.code_area import CodeArea
from aiproxy_desktop.ui.settings.api.copying import put_text
from aiproxy_desktop.ui.settings.api.model_field import ModelButton
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.settings.api.words import snippet_title
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.select import Select

_MODEL = 320


class SnippetsCard(QFrame):
    """A choice of programs, and what each is given."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("settings.api.snippets")
        self.setProperty("card", True)
        offered = view_model.snippets
        self._without_model = {one.id for one in offered if not one.names_model}
        self._program = Select(
            themes,
            snippet_title(offered[0]),
            [(one.id, snippet_title(one)) for one in offered],
            name="settings.api.program",
            large=True,
            accessible_name=tr("Program"),
        )
        self._program.set_value(offered[0].id)
        self._reference = ""
        self._model = ModelButton(themes, view_model.offers, name="settings.api.snippetModel")
        self._model.setMaximumWidth(_MODEL)
        copy = Button(
            themes,
            tr("Copy"),
            name="settings.api.copySnippet",
            large=True,
            icon="copy",
            accessible_name=tr("Copy it with the token"),
        )
        self._code = CodeArea(themes, name="settings.api.snippet", accessible_name=tr("Ready to paste"))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._program)
        head.addWidget(self._model, 1)
        head.addStretch()
        head.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._code)
        self._note = Label("", "meta", "muted", wrap=True)
        column.addWidget(self._note)
        self._program.chosen.connect(self._show)
        self._model.picked.connect(self._choose)
        copy.clicked.connect(self._copy)
        view_model.token_changed.connect(self._show)
        view_model.settings_changed.connect(self._show)
        view_model.models_changed.connect(self._show)
        self._show()

    def _choose(self, reference: str, _name: str) -> None:
        self._reference = reference
        self._show()

    def _show(self, _chosen: str = "") -> None:
        title = self._program.text()
        self._program.setAccessibleName(tr("Program: {name}", name=title))
        model = self._reference or self._view_model.usual_model
        self._model.show_choice(tr("Model"), model, chosen=True)
        named = self._program.value not in self._without_model
        self._model.setVisible(named)
        self._note.setText(
            tr("The copy has your token in it, and asks for the model chosen here.")
            if named
            else tr("The copy has your token in it.")
        )
        self._code.show_text(self._view_model.snippet(self._program.value, self._reference))

    def _copy(self) -> None:
        put_text(self._view_model.snippet(self._program.value, self._reference, secret=True), secret=True)
        self._view_model.noticed.emit(Notice(tr("It is on the clipboard, with your token in it.")))
