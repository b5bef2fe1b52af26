"""Pulling a model by its name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.text_field import Field


class PullPane(QWidget):
    """The server, where there are several, a name, and a button; or how to get Ollama."""

    def __init__(self, themes: ThemeController, view_model: DownloadsViewModel) -> None:
        super().__init__()
        self._vm = view_model
        self._caption = Label(tr("Server"), "meta", "secondary")
        self._host = Select(
            themes, "", [], name="models.getModel.host", accessible_name=tr("Server"), large=True
        )
        self._caption.setBuddy(self._host)
        self._field = Field(
            themes,
            tr("Model"),
            name="models.getModel.name",
            placeholder=tr("llama3.2"),
            help_text=tr("Such as llama3.2 or gemma3:4b. A command or an address from ollama.com will do."),
        )
        # What is wrong may take three lines here.
        self._field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._button = Button(themes, tr("Pull"), name="models.getModel.pull", kind="primary", large=True)
        self._said = Label("", "meta", "muted", wrap=True)
        self._form = self._make_form()
        self._absent = self._make_absent()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._form)
        whole.addWidget(self._absent)
        self._button.clicked.connect(self._pull)
        self._field.input.returnPressed.connect(self._pull)
        self._host.chosen.connect(self._name_host)
        view_model.hosts_changed.connect(self._show_hosts)
        view_model.ended.connect(lambda _download: self._said.setText(""))  # its row says how it went
        self._show_hosts()

    @property
    def inputs(self) -> tuple[QWidget, ...]:
        """What the keys reach."""
        return (self._host, self._field.input, self._button)

    def _make_form(self) -> QWidget:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._caption)
        column.addWidget(self._host, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(8)
        column.addWidget(self._field)
        column.addSpacing(8)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._said)
        return form

    def _make_absent(self) -> QWidget:
        absent = QWidget()
        column = QVBoxLayout(absent)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(tr("Ollama was not found."), "body_medium"))
        words = tr("Install it from ollama.com, then it appears here by itself.")
        column.addWidget(Label(words, "body", "secondary", wrap=True))
        return absent

    def _show_hosts(self) -> None:
        hosts = self._vm.hosts
        self._form.setVisible(bool(hosts))
        self._absent.setVisible(not hosts)
        self._caption.setVisible(len(hosts) > 1)
        self._host.setVisible(len(hosts) > 1)
        self._host.set_options(hosts)
        if hosts:
            chosen = self._host.value
            self._host.set_value(chosen if chosen in dict(hosts) else hosts[0][0])
        self._name_host()

    def _name_host(self) -> None:
        name = dict(self._vm.hosts).get(self._host.value, "")
        self._host.setAccessibleName(tr("Server: {name}", name=name))

    def _pull(self) -> None:
        text = self._field.text
        problem = self._vm.pull(self._host.value, text)
        self._field.set_error(problem)
        self._field.input.setFocus(Qt.FocusReason.OtherFocusReason)
        if not problem:
            self._field.set_text("")
        self._said.setText("" if problem else tr("It is being pulled. You can close this and go on working."))
