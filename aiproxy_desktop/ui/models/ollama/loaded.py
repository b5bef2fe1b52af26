"""What a server has in memory: each model with its memory, until when, and a button that unloads it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.core.administration import RunningModel
from aiproxy_desktop.ui.models.ollama.loaded_viewmodel import LoadedViewModel
from aiproxy_desktop.ui.models.ollama.words import memory_words, until_words
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label


class LoadedModels(QWidget):
    """A section for a panel. It asks the server only while it is visible."""

    def __init__(
        self, themes: ThemeController, view_model: LoadedViewModel, parent: QWidget | None = None
    ) -> None:
        """Show nothing yet; `set_host` says of which server."""
        super().__init__(parent)
        self._themes = themes
        self._view_model = view_model
        self._host = ""
        self._rows: dict[str, _LoadedRow] = {}
        self.setObjectName("models.ollama.loaded")
        self.setAccessibleName(tr("Loaded now"))
        # Where the keys go when the row they were on is gone.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._said = Label("", "body", "muted", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(tr("Loaded now"), "meta", "muted"))
        column.addWidget(self._said)
        column.addLayout(self._list)
        view_model.changed.connect(self._show)
        self._show()

    def set_host(self, provider_id: str) -> None:
        """Show what is loaded on this server; an empty id is none."""
        self._host = provider_id
        if self.isVisible():
            self._view_model.follow(provider_id)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._view_model.follow(self._host)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._view_model.follow("")

    def _show(self) -> None:
        state = self._view_model.state
        models = {model.id: model for model in state.models}
        held = next((name for name, row in self._rows.items() if has_focus_inside(row)), "")
        for name in self._rows.keys() - models.keys():
            row = self._rows.pop(name)
            row.hide()
            row.deleteLater()
        for name, model in models.items():
            if name not in self._rows:
                self._rows[name] = row = _LoadedRow(self._themes, name)
                row.unload.clicked.connect(lambda _=False, name=name: self._view_model.unload(name))
                self._list.addWidget(row)
            self._rows[name].show_model(model, unloading=name in state.unloading)
        self._say(state.problem or state.refused, empty=state.asked and not models)
        if held and held not in self._rows and self._rows:
            next(iter(self._rows.values())).unload.setFocus(Qt.FocusReason.TabFocusReason)

    def _say(self, problem: str, *, empty: bool) -> None:
        waiting = "" if self._rows else tr("Asking what is loaded")
        self._said.setText(problem or (tr("Nothing is loaded") if empty else waiting))
        self._said.set_tone("danger" if problem else "muted")
        self._said.setVisible(bool(self._said.text()))


class _LoadedRow(QWidget):
    """One model."""

    def __init__(self, themes: ThemeController, model: str) -> None:
        super().__init__()
        shown = model.removesuffix(":latest")
        self.unload = Button(
            themes,
            tr("Unload"),
            name=f"models.ollama.unload.{model}",
            accessible_name=tr("Unload {model}", model=shown),
        )
        self._memory = Label("", "meta", "secondary", wrap=True, tabular=True)
        self._until = Label("", "meta", "muted", wrap=True, tabular=True)
        self._name = shown
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(ElidedLabel(shown, "body_medium"))
        text.addWidget(self._memory)
        text.addWidget(self._until)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        row.addLayout(text, 1)
        row.addWidget(self.unload, 0, Qt.AlignmentFlag.AlignTop)

    def show_model(self, model: RunningModel, *, unloading: bool) -> None:
        memory, until = memory_words(model), until_words(model.expires_at)
        self._memory.setText(memory)
        self._until.setText(until)
        self.setAccessibleName(f"{self._name}: {memory}, {until}")
        self.unload.set_label(tr("Unloading…") if unloading else tr("Unload"))
        self.unload.updateGeometry()
        self.unload.setAccessibleName(tr("Unload {model}", model=self._name))
        self.unload.setEnabled(not unloading)
