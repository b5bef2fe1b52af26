"""What can be done with one model of an Ollama server, and what is loaded there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.ollama.change_rows import CopyForm, DeleteConfirm
from aiproxy_desktop.ui.models.ollama.loaded import LoadedModels
from aiproxy_desktop.ui.models.ollama.viewmodel import OllamaViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.flow_layout import flowing
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.panel import QUIET, inset, rule

_NAME = "models.ollama.model"


class OllamaModelOrders(QWidget):
    """A section for the details of a model, to be put `reaching` QUIET.

    Emits `create_wanted` with the server and the model.
    """

    create_wanted = Signal(str, str)

    def __init__(
        self, themes: ThemeController, view_model: OllamaViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; `show_model` says of which model."""
        super().__init__(parent)
        self._host = self._model = ""
        self.setObjectName(_NAME)
        self._copy = Button(themes, tr("Copy…"), name=f"{_NAME}.copy", kind="quiet", icon="copy")
        self._build = Button(themes, tr("Build on it…"), name=f"{_NAME}.build", kind="quiet", icon="edit")
        self._delete = Button(themes, tr("Delete…"), name=f"{_NAME}.delete", kind="quiet", icon="trash")
        self._opener = self._delete
        self._confirm = DeleteConfirm(themes, view_model.changes)
        self._form = CopyForm(themes, view_model.changes)
        self._loaded = LoadedModels(themes, view_model.loaded)
        self._buttons = flowing((self._copy, self._build, self._delete), gap=0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        inner = inset(QUIET)
        for widget in (self._confirm, self._form, rule(), self._loaded):
            inner.addWidget(widget)
        column.addWidget(self._buttons)
        column.addLayout(inner)
        self._copy.clicked.connect(self._ask_copy)
        self._delete.clicked.connect(self.ask_delete)
        self._build.clicked.connect(lambda: self.create_wanted.emit(self._host, self._model))
        for form in (self._confirm, self._form):
            form.finished.connect(self._finished)
            form.hide()

    def show_model(self, host: str, model: str) -> None:
        """Another model; an empty host shows nothing."""
        if (host, model) != (self._host, self._model):
            self._host, self._model = host, model
            self._finished()
        self._loaded.set_host(host)
        self.setVisible(bool(host))

    def ask_delete(self) -> None:
        """Ask whether to delete the model, in its place."""
        self._begin(self._confirm, self._delete)
        self._confirm.ask(self._host, self._model)

    def _ask_copy(self) -> None:
        self._begin(self._form, self._copy)
        self._form.ask(self._host, self._model)

    def _begin(self, form: QWidget, opener: Button) -> None:
        self._opener = opener
        self._buttons.hide()
        form.show()

    def _finished(self) -> None:
        had_focus = has_focus_inside(self._confirm) or has_focus_inside(self._form)
        self._buttons.show()
        if had_focus and self._opener.isVisible():
            self._opener.setFocus(Qt.FocusReason.TabFocusReason)
        self._confirm.hide()
        self._form.hide()
