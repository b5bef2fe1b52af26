"""Settings, Chat."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.switch import Switch


class ChatSettingsPage(ScrollColumn):
    """What chats do by themselves; in force at once and remembered."""

    def __init__(
        self, view_model: SettingsViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Chat"), name="settings.chat", parent=parent)
        self._vm = view_model
        self.titles = Switch(
            themes, name="settings.chat.autoTitles", accessible_name=tr("Name new conversations")
        )
        self.enter = Switch(
            themes, name="settings.chat.enterSends", accessible_name=tr("Enter sends a message")
        )
        self.titles.toggled.connect(lambda on: view_model.set_auto_titles(on=on))
        self.enter.toggled.connect(lambda on: view_model.set_enter_sends(on=on))
        self.column.addSpacing(20)
        self.column.addWidget(
            _card(
                tr("Enter sends a message"),
                tr("When off, Enter makes a new line and Ctrl Enter sends."),
                self.enter,
            )
        )
        self.column.addSpacing(12)
        self.column.addWidget(
            _card(
                tr("Name new conversations"),
                tr(
                    "After the first answer its model is asked for a title, which costs about 300 tokens."
                    " When off, the first words of the question are the title."
                ),
                self.titles,
            )
        )
        self.column.addStretch(1)
        # What is switched elsewhere shows here as well: the command palette knows what Enter does.
        view_model.rows_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        for switch, on in ((self.titles, self._vm.auto_titles), (self.enter, self._vm.enter_sends)):
            switch.set_on(on)
            switch.update()


def _card(title: str, help_text: str, control: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("card", True)
    row = QHBoxLayout(card)
    row.setContentsMargins(17, 13, 17, 13)
    row.setSpacing(16)
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addWidget(Label(title, "body_medium"))
    names.addWidget(Label(help_text, "meta", "muted", wrap=True))
    row.addLayout(names, 1)
    row.addWidget(control)
    return card
