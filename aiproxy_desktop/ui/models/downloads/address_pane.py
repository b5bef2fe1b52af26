"""The addresses that model files are downloaded from: a list, and a form that adds one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.core.downloading import file_host
from aiproxy_desktop.storage.model_settings import ModelAddress
from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.panel import rule
from aiproxy_desktop.ui.widgets.text_field import Field


class _AddressRow(QWidget):
    """One address: its name and host, and what can be done with it."""

    def __init__(self, themes: ThemeController, address: ModelAddress, place: int) -> None:
        super().__init__()
        self.address = address
        name = f"models.getModel.address.{place}"
        self.setObjectName(name)
        self.download = Button(themes, tr("Download"), name=f"{name}.download")
        self.download.setAccessibleName(tr("Download {name}", name=address.name))
        self.remove = Button(themes, name=f"{name}.remove", kind="quiet", icon="trash", tooltip=tr("Remove"))
        self.remove.setAccessibleName(tr("Remove {name} from the list", name=address.name))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(address.name, "body_medium", mode=Qt.TextElideMode.ElideMiddle))
        checked = tr("checksum") if address.sha256 else tr("no checksum")
        words.addWidget(ElidedLabel(f"{file_host(address.url)}, {checked}", "meta", "muted"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(4)
        row.addLayout(words, 1)
        row.addSpacing(4)
        row.addWidget(self.download)
        row.addWidget(self.remove)


class AddressPane(QWidget):
    """Emits `grown` with what should be in sight now."""

    grown = Signal(QWidget)

    def __init__(self, themes: ThemeController, view_model: DownloadsViewModel) -> None:
        super().__init__()
        self._themes = themes
        self._vm = view_model
        self._rows: list[_AddressRow] = []
        self._none = Label(
            tr("No addresses yet. Add that of a GGUF file below."), "body", "secondary", wrap=True
        )
        self._name = Field(
            themes,
            tr("Name"),
            name="models.getModel.addressName",
            note=tr("optional"),
            placeholder=tr("Qwen3 4B"),
        )
        self._url = Field(
            themes,
            tr("Address"),
            name="models.getModel.addressUrl",
            placeholder=tr("https://example.com/model.gguf"),
        )
        self._sha256 = Field(
            themes,
            "SHA-256",
            name="models.getModel.addressSha256",
            note=tr("optional"),
            help_text=tr("Without it, the file is only checked to be a whole model file (GGUF)."),
        )
        self._add = Button(themes, tr("Add"), name="models.getModel.addressAdd", kind="primary", large=True)
        self._lay_out()
        self._add.clicked.connect(self._submit)
        for field in (self._name, self._url, self._sha256):
            field.input.returnPressed.connect(self._submit)
        view_model.addresses_changed.connect(self._show_addresses)
        view_model.changed.connect(self._show_under_way)
        self._show_addresses()

    @property
    def inputs(self) -> tuple[QWidget, ...]:
        """What the keys reach in the form."""
        return (self._name.input, self._url.input, self._sha256.input, self._add)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addWidget(self._none)
        column.addLayout(self._list)
        column.addSpacing(4)
        column.addWidget(rule())
        column.addSpacing(4)
        column.addWidget(Label(tr("Add an address"), "body_strong"))
        for field in (self._url, self._name, self._sha256):
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
            column.addWidget(field)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_addresses(self) -> None:
        had_focus = any(has_focus_inside(row) for row in self._rows)
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for place, address in enumerate(self._vm.addresses):
            row = _AddressRow(self._themes, address, place)
            row.download.clicked.connect(lambda _=False, address=address: self._vm.fetch(address))
            row.remove.clicked.connect(lambda _=False, url=address.url: self._vm.remove_address(url))
            self._rows.append(row)
            self._list.addWidget(row)
        self._none.setVisible(not self._rows)
        self._show_under_way()
        if had_focus:
            following = self._rows[0].download if self._rows else self._url.input
            following.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_under_way(self) -> None:
        for row in self._rows:
            row.download.setEnabled(not self._vm.is_under_way(row.address))

    def _submit(self) -> None:
        problems = self._vm.add_address(self._name.text, self._url.text, self._sha256.text)
        pairs = (
            (self._url, problems.url),
            (self._name, problems.name),
            (self._sha256, problems.sha256),
        )
        for field, problem in pairs:
            field.set_error(problem)
        wrong = next((field for field, problem in pairs if problem), None)
        if wrong is None:
            for field, _ in pairs:
                field.set_text("")
        target = self._url if wrong is None else wrong
        target.input.setFocus(Qt.FocusReason.OtherFocusReason)
        if wrong is None and self._rows:
            self.grown.emit(self._rows[-1])
