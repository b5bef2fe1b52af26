"""Settings, About."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.about import COMPONENTS, AboutFacts
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label

if TYPE_CHECKING:
    from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel


class AboutPage(ScrollColumn):
    """Version, folders, and whose work it stands on."""

    def __init__(
        self,
        facts: AboutFacts,
        open_folder: Callable[[Path], object],
        themes: ThemeController,
        parent: QWidget | None = None,
        *,
        updates: UpdatesViewModel | None = None,
    ) -> None:
        super().__init__(tr("About"), name="settings.about", parent=parent)
        self.column.addSpacing(4)
        self.column.addWidget(
            Label(
                tr("AI Proxy Desktop {version}, under the MIT licence", version=facts.version),
                tone="secondary",
            )
        )
        self.column.addSpacing(20)
        card = QFrame()
        card.setProperty("card", True)
        rows = QVBoxLayout(card)
        rows.setContentsMargins(1, 1, 1, 1)
        rows.setSpacing(0)
        folders = (
            (
                "data",
                tr("Data folder"),
                tr("Open the data folder"),
                facts.data_folder,
                tr("Settings and conversations; keys are never in it."),
            ),
            (
                "logs",
                tr("Log folder"),
                tr("Open the log folder"),
                facts.log_folder,
                tr("What the app did, with keys left out."),
            ),
        )
        for index, (name, title, spoken, folder, note) in enumerate(folders):
            button = Button(
                themes,
                tr("Open"),
                name=f"settings.about.{name}.open",
                accessible_name=spoken,
            )
            button.clicked.connect(lambda _checked=False, path=folder: open_folder(path))
            row = _folder_row(title, folder, note, button)
            if index + 1 < len(folders):
                row.setProperty("edge", "bottom")
            rows.addWidget(row)
        self.column.addWidget(card)
        if updates is not None:
            from aiproxy_desktop.ui.settings.update_card import UpdateCard
            from aiproxy_desktop.ui.shell.open_url import open_url

            self.column.addSpacing(12)
            self.column.addWidget(UpdateCard(updates, themes, open_url))
        self.column.addSpacing(24)
        self.column.addWidget(Label(tr("Made with"), "reading_strong"))
        self.column.addSpacing(8)
        self.column.addWidget(_components())
        self.column.addStretch(1)


def _folder_row(title: str, folder: Path, note: str, button: Button) -> QFrame:
    row = QFrame()
    line = QHBoxLayout(row)
    line.setContentsMargins(16, 10, 16, 10)
    line.setSpacing(12)
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addWidget(Label(title, "body_medium"))
    place = ElidedLabel(str(folder), "meta", "secondary", mode=Qt.TextElideMode.ElideMiddle)
    names.addWidget(place)
    names.addWidget(Label(note, "meta", "muted"))
    line.addLayout(names, 1)
    line.addWidget(button)
    return row


def _components() -> QFrame:
    card = QFrame()
    card.setProperty("card", True)
    grid = QGridLayout(card)
    grid.setContentsMargins(17, 9, 17, 9)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    for row, component in enumerate(COMPONENTS):
        grid.addWidget(Label(component.name), row, 0)
        grid.addWidget(Label(component.version, tone="muted", tabular=True), row, 1)
        licence = Label(component.licence, tone="muted")
        licence.setMinimumWidth(120)
        grid.addWidget(licence, row, 2)
    grid.setHorizontalSpacing(24)
    return card
