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
        self.titles = Switch(
            themes, name="settings.chat.autoTitles", accessible_name=tr("Name new conversations")
        )
        self.titles.set_on(view_model.auto_titles)
        self.titles.toggled.connect(lambda on: view_model.set_auto_titles(on=on))
        self.column.addSpacing(20)
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
