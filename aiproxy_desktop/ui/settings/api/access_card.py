"""Who is answered: hosts, origins, proxies."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.lines_field import LinesField
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button


class AccessCard(QFrame):
    """Three lists of exact names, taken together by Save."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("settings.api.access")
        self.setProperty("card", True)
        self._fields = _fields()
        self._save = Button(
            themes, tr("Save"), name="settings.api.saveAccess", accessible_name=tr("Save who is answered")
        )
        self._undo = Button(
            themes,
            tr("Discard"),
            name="settings.api.discardAccess",
            kind="quiet",
            accessible_name=tr("Discard what was typed"),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        for field in self._fields.values():
            column.addWidget(field)
            field.edited.connect(self._edited)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self._undo)
        buttons.addWidget(self._save)
        column.addLayout(buttons)
        self._save.clicked.connect(self._keep)
        self._undo.clicked.connect(self._fill)
        self._shown = self._stored()
        view_model.settings_changed.connect(self._settings_changed)
        self._fill()

    def _stored(self) -> dict[str, tuple[str, ...]]:
        api = self._view_model.settings
        return {"hosts": api.hosts, "origins": api.origins, "proxies": api.trusted_proxies}

    def _settings_changed(self) -> None:
        if self._stored() != self._shown:
            self._fill()

    def _fill(self) -> None:
        self._shown = self._stored()
        for field_id, lines in self._shown.items():
            self._fields[field_id].set_lines(lines)
        self._edited()

    def _edited(self) -> None:
        differs = any(
            self._fields[field_id].text.strip() != "\n".join(lines) for field_id, lines in self._shown.items()
        )
        for button in (self._save, self._undo):
            button.setEnabled(differs)

    def _keep(self) -> None:
        wrong = self._view_model.save_access(**{name: field.text for name, field in self._fields.items()})
        for field_id, field in self._fields.items():
            field.set_error(wrong.get(field_id, ""))
        first = next((self._fields[field_id] for field_id in self._fields if field_id in wrong), None)
        if first is not None:
            first.area.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._fill_if_kept()

    def _fill_if_kept(self) -> None:
        """Entries are kept as they are written in requests, which may not be as they were typed."""
        if self._stored() == self._shown:
            self._fill()


def _fields() -> dict[str, LinesField]:
    return {
        "hosts": LinesField(
            tr("Hosts"),
            tr(
                "Names under which programs reach this computer, one a line, with the port. Its own address "
                "is always answered; a page from the web that borrows another name is not."
            ),
            name="settings.api.hosts",
            placeholder="desk.lan:8000",
        ),
        "origins": LinesField(
            tr("Origins"),
            tr(
                "Web pages that may ask, one a line. Without an entry no page in a browser can, but the demo."
            ),
            name="settings.api.origins",
            placeholder="https://notes.example",
        ),
        "proxies": LinesField(
            tr("Trusted proxies"),
            tr(
                "Addresses that are believed when they say whom they ask for, such as nginx on this "
                "computer. It is shown in the log, and lets nobody in."
            ),
            name="settings.api.proxies",
            placeholder="127.0.0.1",
        ),
    }
