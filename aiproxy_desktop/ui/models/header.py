"""The page's head: what it is, how old the lists are, and what concerns all of them."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins


class ModelsHeader(QFrame):
    """Its buttons are the page's to connect."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("models.head")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(LAYOUT.header)
        self._age = ElidedLabel("", "meta", "muted")
        self._age.setObjectName("models.age")
        self.refresh = Button(themes, tr("Refresh"), name="models.refresh", kind="quiet", icon="refresh")
        self.add_provider = Button(
            themes, tr("Add provider"), name="models.addProvider", kind="quiet", icon="plus"
        )
        self.get_model = Button(
            themes, tr("Get a model"), name="models.get", kind="quiet", icon="download", chevron=True
        )
        self.find_best = Button(themes, tr("Find the best…"), name="models.findBest")
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(24, 0, 16, 0))
        row.setSpacing(8)
        row.addWidget(Label(tr("Models"), "reading_strong"))
        row.addSpacing(4)
        row.addWidget(self._age, 1)
        for button in (self.refresh, self.add_provider, self.get_model, self.find_best):
            row.addWidget(button)

    def show_age(self, text: str) -> None:
        """Say how old the lists are, or that they are being asked for."""
        self._age.setText(text)
