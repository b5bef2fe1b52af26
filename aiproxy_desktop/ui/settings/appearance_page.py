"""Settings, Appearance."""

from __future__ import annotations

from typing import cast

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.storage.settings import ThemeMode
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.segmented import Segmented


class AppearancePage(ScrollColumn):
    """The theme, applied at once and remembered."""

    def __init__(
        self, view_model: SettingsViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Appearance"), name="settings.appearance", parent=parent)
        self._view_model = view_model
        self._themes = themes
        card = QFrame()
        card.setProperty("card", True)
        row = QHBoxLayout(card)
        row.setContentsMargins(17, 13, 17, 13)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("Theme"), "body_medium"))
        names.addWidget(Label(tr("System follows the theme of your desktop."), "meta", "muted"))
        row.addLayout(names, 1)
        self.theme = Segmented(
            themes,
            [("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark"))],
            name="settings.appearance.theme",
            accessible_name=tr("Theme"),
        )
        self.theme.set_value(themes.mode)
        self.theme.chosen.connect(self._choose)
        themes.mode_changed.connect(self.theme.set_value)
        row.addWidget(self.theme)
        self.column.addSpacing(20)
        self.column.addWidget(card)
        self.column.addStretch(1)

    def _choose(self, value: str) -> None:
        mode = cast("ThemeMode", value)  # the segments offer nothing else
        self._themes.set_mode(mode)
        self._view_model.set_theme(mode)
