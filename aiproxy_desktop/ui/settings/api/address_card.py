"""Where the local API listens, and whether other machines reach it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.services.local_api.entries import EVERYWHERE
from aiproxy_desktop.storage.api_settings import DEFAULT_PORT, ApiSettings
from aiproxy_desktop.ui.settings.api.own_addresses import own_addresses
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.switch import Switch
from aiproxy_desktop.ui.widgets.text_field import Field

_PORT_WIDTH = 120


class AddressCard(QFrame):
    """Address and port, taken by Save; a switch for other machines, in force at once."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("settings.api.address")
        self.setProperty("card", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        form = self._make_form(themes)
        form.setProperty("edge", "bottom")
        column.addWidget(form)
        column.addWidget(self._make_switch(themes))
        view_model.settings_changed.connect(self._show)
        self._shown: tuple[str, str] = ("", "")
        self._show()

    def focus_port(self) -> None:
        """Put the keys into the port, all of it chosen."""
        self._port.input.setFocus(Qt.FocusReason.OtherFocusReason)
        self._port.input.selectAll()

    def _make_form(self, themes: ThemeController) -> QFrame:
        form = QFrame(self)
        self._host = Field(themes, tr("Address"), name="settings.api.host", placeholder="127.0.0.1")
        self._port = Field(themes, tr("Port"), name="settings.api.port", placeholder=str(DEFAULT_PORT))
        self._port.setMinimumWidth(_PORT_WIDTH)
        self._save = Button(
            themes,
            tr("Save"),
            name="settings.api.saveAddress",
            large=True,
            accessible_name=tr("Save address"),
        )
        row = QHBoxLayout(form)
        row.setContentsMargins(15, 11, 15, 12)
        row.setSpacing(12)
        row.addWidget(self._host, 3, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._port, 2, Qt.AlignmentFlag.AlignTop)
        # Level with the fields, which stand below their labels.
        beside = QVBoxLayout()
        beside.addSpacing(20)
        beside.addWidget(self._save)
        beside.addStretch(1)
        row.addLayout(beside)
        for field in (self._host, self._port):
            field.input.returnPressed.connect(self._keep)
            field.input.textEdited.connect(self._edited)
        self._save.clicked.connect(self._keep)
        return form

    def _make_switch(self, themes: ThemeController) -> QFrame:
        row = QFrame(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(15, 10, 15, 10)
        line.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("Let other machines in"), "body_medium"))
        self._note = Label("", "meta", "muted", wrap=True)
        names.addWidget(self._note)
        line.addLayout(names, 1)
        self._exposed = Switch(
            themes, name="settings.api.expose", accessible_name=tr("Let other machines in")
        )
        self._exposed.toggled.connect(self._view_model.set_exposed)
        line.addWidget(self._exposed)
        return row

    def _show(self) -> None:
        api = self._view_model.settings
        stored = (api.host, str(api.port))
        if stored != self._shown:
            # What is being typed stays, unless the address itself is another one now.
            self._shown = stored
            self._host.set_text(api.host)
            self._port.set_text(str(api.port))
        self._exposed.set_on(api.expose)
        self._exposed.update()
        self._note.setText(
            _reached_at(api)
            + tr(
                "Whoever has the token can use your models and your keys’ credit from other machines, and "
                "what is said travels unencrypted. A proxy with TLS in front of it keeps it private."
            )
            if api.expose
            else tr("Now only programs on this computer reach it.")
        )
        self._note.set_tone("warning" if api.expose else "muted")
        self._exposed.setAccessibleDescription(self._note.text())
        self._edited()

    def _edited(self, _text: str = "") -> None:
        self._save.setEnabled((self._host.text.strip(), self._port.text.strip()) != self._shown)

    def _keep(self) -> None:
        wrong = self._view_model.save_address(self._host.text, self._port.text)
        self._host.set_error(wrong.get("host", ""))
        self._port.set_error(wrong.get("port", ""))
        if wrong:
            (self._host if "host" in wrong else self._port).input.setFocus(Qt.FocusReason.OtherFocusReason)


def _reached_at(api: ApiSettings) -> str:
    """Where, for whoever sits at another machine; nothing where that is not known."""
    # Whoever listens everywhere over IPv4 hears nobody over IPv6.
    hosts = own_addresses(ipv6=api.host == "::") if api.host in {EVERYWHERE, "::"} else ()
    urls = [f"http://{host}:{api.port}" for host in hosts]
    return tr("Others reach it at {addresses}.", addresses=", ".join(urls)) + " " if urls else ""
