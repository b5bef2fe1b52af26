"""Settings, Chat."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.setting_rows import card_of, setting_row
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.switch import Switch


class ChatSettingsPage(ScrollColumn):
    """What the composer and chats do by themselves; in force at once and remembered."""

    def __init__(
        self, view_model: SettingsViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Chat"), name="settings.chat", parent=parent)
        self._vm = view_model
        self._enter = Switch(
            themes, name="settings.chat.enterSends", accessible_name=tr("Enter sends a message")
        )
        self._titles = Switch(
            themes, name="settings.chat.autoTitles", accessible_name=tr("Name new conversations")
        )
        self._enter.toggled.connect(lambda on: view_model.set_enter_sends(on=on))
        self._titles.toggled.connect(lambda on: view_model.set_auto_titles(on=on))
        self.column.addSpacing(20)
        self.column.addWidget(
            card_of(
                setting_row(
                    tr("Enter sends a message"),
                    tr("When off, Enter makes a new line and Ctrl Enter sends."),
                    self._enter,
                ),
                setting_row(
                    tr("Name new conversations"),
                    tr(
                        "After the first answer its model is asked for a title, which costs about 300 tokens."
                        " When off, the first words of the question are the title."
                    ),
                    self._titles,
                ),
            )
        )
        self.column.addStretch(1)
        view_model.rows_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        for switch, on in ((self._enter, self._vm.enter_sends), (self._titles, self._vm.auto_titles)):
            switch.set_on(on)
            switch.update()
