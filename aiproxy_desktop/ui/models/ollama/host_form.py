"""Adding or changing an Ollama server: its name and address, with a test."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.ollama.host_viewmodel import HostViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import Panel
from aiproxy_desktop.ui.widgets.text_field import Field

_NAME = "models.ollama.host"


class HostForm(QWidget):
    """Emits `finished` once the server was kept, or the person gave up."""

    finished = Signal()

    def __init__(
        self, themes: ThemeController, view_model: HostViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; `begin` fills it each time it is shown."""
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName(_NAME)
        self.name = Field(
            themes, tr("Name"), name=f"{_NAME}.name", note=tr("optional"), placeholder=tr("Workshop")
        )
        self.host = Field(
            themes,
            tr("Address"),
            name=f"{_NAME}.address",
            placeholder="192.168.1.20",
            help_text=tr("A name or an address, with a port where it is not 11434."),
        )
        self._note = Label("", "meta", "muted", wrap=True)
        self._save = Button(themes, tr("Add"), name=f"{_NAME}.save", kind="primary", large=True)
        self._test = Button(themes, tr("Test"), name=f"{_NAME}.test", large=True)
        self._cancel = Button(themes, tr("Cancel"), name=f"{_NAME}.cancel", kind="quiet", large=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._save, self._test, self._cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self.name, self.host, self._note):
            column.addWidget(widget)
        column.addLayout(buttons)
        self._follow()
        self._show()

    def begin(self, provider_id: str = "") -> None:
        """Fill it with a server that is kept, or empty it for a new one, and put the keys in it."""
        self._view_model.edit(provider_id)
        state = self._view_model.state
        self.name.set_text(state.name)
        self.host.set_text(state.host)
        first = self.host if not state.target else self.name
        first.input.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finished.emit()
            return
        super().keyPressEvent(event)

    def _follow(self) -> None:
        view_model = self._view_model
        view_model.changed.connect(self._show)
        view_model.saved.connect(lambda _id: self.finished.emit())
        self._cancel.clicked.connect(self.finished)
        self._test.clicked.connect(lambda: view_model.test(self.host.text))
        self._save.clicked.connect(self._submit)
        for field in (self.name, self.host):
            field.input.returnPressed.connect(self._submit)

    def _show(self) -> None:
        state = self._view_model.state
        self._save.set_label(tr("Save") if state.target else tr("Add"))
        self._save.updateGeometry()
        self.host.set_error(state.host_problem)
        if state.note and state.note != self._note.text():
            announce(self, state.note)
        self._note.setText(state.note)
        self._note.set_tone(state.tone)
        self._note.setVisible(bool(state.note))

    def _submit(self) -> None:
        self._view_model.save(self.name.text, self.host.text)


class HostPanel(Panel):
    """The form beside the table."""

    def __init__(
        self, themes: ThemeController, view_model: HostViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, tr("Add an Ollama server"), name="models.ollama.hostPanel", parent=parent)
        self.form = HostForm(themes, view_model)
        self.form.finished.connect(self.closed)
        says = tr("Its models show beside those of this computer. They cost nothing, and run there.")
        self.column.addWidget(Label(says, "meta", "muted", wrap=True))
        self.column.addSpacing(4)
        self.column.addWidget(self.form)
        self.column.addStretch(1)

    def begin(self, provider_id: str = "") -> None:
        """Fill it with a server that is kept, or empty it for a new one."""
        self.set_title(tr("Change the server") if provider_id else tr("Add an Ollama server"))
        self.form.begin(provider_id)
