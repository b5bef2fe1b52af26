"""Making a model from a Modelfile: which server, its name, the text, and how far it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from aiproxy_desktop.ui.models.ollama.create_viewmodel import CreateViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.panel import Panel
from aiproxy_desktop.ui.widgets.progress_bar import ProgressBar
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.text_area import TextArea
from aiproxy_desktop.ui.widgets.text_field import Field

_NAME = "models.ollama.create"
_EXAMPLE = 'FROM llama3.2\nPARAMETER temperature 0.3\nSYSTEM """You answer briefly."""'
_LINES = 12
_MOST_HOST = 220


class CreatePanel(Panel):
    """Beside the table. Emits `use_wanted` with the reference of a model that was made."""

    use_wanted = Signal(str)

    def __init__(
        self, themes: ThemeController, view_model: CreateViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; it looks for servers each time it is shown."""
        super().__init__(themes, tr("Create a model"), name=_NAME, parent=parent)
        self._view_model = view_model
        self._dialog: QFileDialog | None = None
        self._folder = str(Path.home())
        self._make_controls()
        self._lay_out()
        self._follow()
        self.begin()

    def begin(self, host: str = "", text: str = "") -> None:
        """Offer the servers there are now; `host` is chosen, and a text replaces what stands there."""
        hosts = self._view_model.hosts()
        known = [provider_id for provider_id, _ in hosts]
        self._host.set_options(hosts)
        chosen = next((one for one in (host, self._host.value) if one in known), known[0] if known else "")
        self._host.set_value(chosen)
        self._host_row.setVisible(len(hosts) > 1)
        if text:
            self._text.set_text(text)
        self._view_model.forget()
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.begin()  # servers may have come or gone

    def _make_controls(self) -> None:
        themes = self.themes
        self._host = Select(
            themes, "", [], name=f"{_NAME}.host", accessible_name=tr("Where it is made"), most=_MOST_HOST
        )
        self._name = Field(themes, tr("Name"), name=f"{_NAME}.name", placeholder="my-llama")
        self._text = TextArea(
            name=f"{_NAME}.modelfile", accessible_name=tr("Modelfile"), placeholder=_EXAMPLE, lines=_LINES
        )
        self._text.setFont(font("code"))
        self._text.setLineWrapMode(TextArea.LineWrapMode.NoWrap)
        self._open = Button(
            themes, tr("Open a file…"), name=f"{_NAME}.open", kind="link",
            accessible_name=tr("Open a Modelfile or a model file"),
        )  # fmt: skip
        self._from = ElidedLabel("", "meta", "muted", mode=Qt.TextElideMode.ElideMiddle)
        self._problem = Label("", "meta", "danger", wrap=True)
        self._step = Label("", "meta", "secondary", wrap=True, tabular=True)
        self._bar = ProgressBar(themes, name=f"{_NAME}.progress")
        self._create = Button(themes, tr("Create"), name=f"{_NAME}.create", kind="primary", large=True)
        self._cancel = Button(themes, tr("Cancel"), name=f"{_NAME}.cancel", large=True)
        self._use = Button(themes, tr("Chat with it"), name=f"{_NAME}.use", large=True)

    def _lay_out(self) -> None:
        self._host_row = QWidget()
        host = QHBoxLayout(self._host_row)
        host.setContentsMargins(0, 0, 0, 0)
        host.addWidget(Label(tr("Server"), "meta", "secondary"), 1)
        host.addWidget(self._host)
        head = QHBoxLayout()
        caption = Label(tr("Modelfile"), "meta", "secondary")
        caption.setBuddy(self._text)
        head.addWidget(caption, 1)
        head.addWidget(self._open)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._create)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._use)
        buttons.addStretch(1)
        says = tr("What it is made from, and what is added: a model of the server, or a GGUF file.")
        self.column.addWidget(Label(says, "meta", "muted", wrap=True))
        self.column.addSpacing(4)
        self.column.addWidget(self._host_row)
        self.column.addWidget(self._name)
        self.column.addSpacing(4)
        self.column.addLayout(head)
        self.column.addWidget(self._text)
        for widget in (self._from, self._problem, self._step, self._bar):
            self.column.addWidget(widget)
        self.column.addSpacing(4)
        self.column.addLayout(buttons)
        self.column.addStretch(1)

    def _follow(self) -> None:
        view_model = self._view_model
        view_model.changed.connect(self._show)
        view_model.opened.connect(self._opened)
        view_model.refused.connect(self._refuse)
        self._open.clicked.connect(self._choose_file)
        self._create.clicked.connect(self._submit)
        self._name.input.returnPressed.connect(self._submit)
        self._cancel.clicked.connect(view_model.cancel)
        self._use.clicked.connect(lambda: self.use_wanted.emit(view_model.state.made))
        self._text.textChanged.connect(self._changed)
        self._name.input.textEdited.connect(self._changed)
        self.keep_in_sight([self._name.input, self._text, self._create, self._cancel, self._use])

    def _show(self) -> None:
        state = self._view_model.state
        held = self._create.hasFocus() or self._cancel.hasFocus()
        for widget in (self._host, self._name, self._text, self._open):
            widget.setEnabled(not state.busy)
        self._create.setVisible(not state.busy)
        self._create.setEnabled(bool(self._host.value))
        self._cancel.setVisible(state.busy)
        self._use.setVisible(bool(state.made))
        self._bar.setVisible(state.busy)
        self._bar.show_fraction(state.fraction, live=True)
        self._show_words(state.step, state.problem, made=bool(state.made))
        if held:
            (self._cancel if state.busy else self._create).setFocus(Qt.FocusReason.TabFocusReason)

    def _show_words(self, step: str, problem: str, *, made: bool) -> None:
        if not self._host.value:
            problem = tr("There is no Ollama server. Add one, or start Ollama on this computer.")
        if problem and problem != self._problem.text():
            announce(self, problem)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._step.setText(step)
        self._step.set_tone("success" if made else "secondary")
        self._step.setVisible(bool(step))
        folder = self._view_model.folder
        self._from.setText("" if folder is None else tr("Paths count from {folder}", folder=folder))
        self._from.setVisible(folder is not None)

    def _changed(self) -> None:
        # What went wrong with another text no longer counts.
        self._view_model.forget()

    def _submit(self) -> None:
        self._view_model.create(self._host.value, self._name.text, self._text.toPlainText())

    def _refuse(self, problem: str) -> None:
        self._show_words("", problem, made=False)

    def _opened(self, text: str) -> None:
        self._text.set_text(text)
        self._show()
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_file(self) -> None:
        if self._dialog is not None:
            self._dialog.raise_()
            return
        dialog = QFileDialog(self.window(), tr("Open a Modelfile or a model file"), self._folder)
        dialog.setObjectName(f"{_NAME}.dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._view_model.open_file(Path(path)))
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        dialog.open()

    def _closed(self) -> None:
        if self._dialog is not None:
            self._folder = self._dialog.directory().absolutePath()
        self._dialog = None
