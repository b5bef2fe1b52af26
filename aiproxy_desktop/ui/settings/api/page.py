"""Settings, Local API: the switch above, and below it one of four parts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.access_card import AccessCard
from aiproxy_desktop.ui.settings.api.address_card import AddressCard
from aiproxy_desktop.ui.settings.api.aliases_card import AliasesCard
from aiproxy_desktop.ui.settings.api.log_view import LogView
from aiproxy_desktop.ui.settings.api.offered_card import OfferedCard
from aiproxy_desktop.ui.settings.api.snippets_card import SnippetsCard
from aiproxy_desktop.ui.settings.api.state_card import StateCard
from aiproxy_desktop.ui.settings.api.token_card import TokenCard
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.segmented import Segmented


class ApiPage(ScrollColumn):
    """Parts are made when they are first shown."""

    def __init__(
        self,
        view_model: ApiViewModel,
        themes: ThemeController,
        open_url: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        """Build the switch and the first part.

        Args:
            view_model: state and actions; started here, closed by its owner.
            themes: to paint with.
            open_url: hands an address to the browser.
            parent: of the widget.
        """
        super().__init__(tr("Local API"), name="settings.api", parent=parent)
        self._view_model = view_model
        self._themes = themes
        self._parts: dict[str, QWidget] = {}
        self._builders: dict[str, Callable[[], QWidget]] = {
            "connect": self._connect_part,
            "access": self._access_part,
            "models": self._models_part,
            "requests": lambda: LogView(view_model, themes),
        }
        self.column.addSpacing(4)
        line = tr(
            "Other programs can ask your models through this app, as if it were OpenAI. Your keys stay here."
        )
        self.column.addWidget(Label(line, "body", "secondary", wrap=True))
        self.column.addSpacing(20)
        self._state = StateCard(view_model, themes, open_url)
        self._state.address_wanted.connect(self._to_the_address)
        self.column.addWidget(self._state)
        self.column.addSpacing(20)
        self._which = Segmented(
            themes,
            [
                ("connect", tr("Connect")),
                ("access", tr("Access")),
                ("models", tr("Models")),
                ("requests", tr("Requests")),
            ],
            name="settings.api.part",
            accessible_name=tr("Local API"),
        )
        self._which.chosen.connect(self.show_part)
        self.column.addWidget(self._which)
        self.column.addSpacing(16)
        self._room = QVBoxLayout()
        self.column.addLayout(self._room, 1)
        view_model.start()
        self.show_part("connect")

    def show_part(self, part: str) -> None:
        """Show one of `connect`, `access`, `models` and `requests`."""
        if part not in self._parts:
            made = self._parts[part] = self._builders[part]()
            self._room.addWidget(made)
        self._which.set_value(part)
        for name, widget in self._parts.items():
            widget.setVisible(name == part)

    def copy_base(self) -> None:
        """Put the base URL on the clipboard."""
        self._state.copy()

    def _to_the_address(self) -> None:
        self.show_part("access")
        address = self._parts["access"].findChild(AddressCard)
        if address is not None:
            address.focus_port()
            self.lay_out_now()
            self.ensureWidgetVisible(address, 0, 24)

    def _connect_part(self) -> QWidget:
        vm, themes = self._view_model, self._themes
        return _stacked(
            TokenCard(vm, themes),
            24,
            Label(tr("Ready to paste"), "reading_strong"),
            8,
            SnippetsCard(vm, themes),
        )

    def _access_part(self) -> QWidget:
        vm, themes = self._view_model, self._themes
        return _stacked(
            AddressCard(vm, themes),
            24,
            Label(tr("Who is answered"), "reading_strong"),
            8,
            AccessCard(vm, themes),
        )

    def _models_part(self) -> QWidget:
        vm, themes = self._view_model, self._themes
        note = tr("A program that can ask for one name alone gets the model that you mean by it.")
        return _stacked(
            OfferedCard(vm, themes),
            24,
            Label(tr("Names of your own"), "reading_strong"),
            4,
            Label(note, "meta", "muted", wrap=True),
            8,
            AliasesCard(vm, themes),
        )


def _stacked(*pieces: QWidget | int) -> QWidget:
    """Widgets below one another, numbers the space between them."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for piece in pieces:
        if isinstance(piece, int):
            column.addSpacing(piece)
        else:
            column.addWidget(piece)
    column.addStretch(1)
    return whole
