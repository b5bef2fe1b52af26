"""The providers' strip and panels in a window, over real services and loopback providers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.services.provider_refresh import ProviderRefresher
from aiproxy_desktop.ui.models.providers.add_panel import AddProviderPanel
from aiproxy_desktop.ui.models.providers.panel import ProviderPanel
from aiproxy_desktop.ui.models.providers.strip import ProviderStrip
from aiproxy_desktop.ui.models.providers.viewmodel import ProvidersViewModel
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.application import Person
from tests.ui.settings_parts import SettingsParts, settings_parts
from tests.waiting import until


class ProvidersRoom(PageWidget):
    """The strip, and one panel at a time beside nothing, as the models tab has them."""

    def __init__(self, themes: ThemeController, view_model: ProvidersViewModel) -> None:
        super().__init__()
        self.strip = ProviderStrip(themes, view_model)
        self.panel = ProviderPanel(themes, view_model)
        self.add = AddProviderPanel(themes, view_model)
        self.stack = QStackedWidget()
        self.stack.setFixedWidth(320)
        self.stack.addWidget(self.panel)
        self.stack.addWidget(self.add)
        self.stack.hide()
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.stack)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strip)
        column.addLayout(below, 1)
        self.strip.opened.connect(self.open)
        self.panel.closed.connect(self.stack.hide)
        self.add.closed.connect(self.stack.hide)

    def open(self, provider_id: str) -> None:
        """Show a provider."""
        self.panel.show_provider(provider_id)
        self.stack.setCurrentWidget(self.panel)
        self.stack.show()

    def open_add(self) -> None:
        """Show what can be added."""
        self.stack.setCurrentWidget(self.add)
        self.stack.show()
        self.add.start()


@dataclass
class Room:
    """All of it, for a test to press and to look at."""

    person: Person
    widget: ProvidersRoom
    view_model: ProvidersViewModel
    parts: SettingsParts
    added: list[str] = field(default_factory=list)

    def press(self, name: str) -> None:
        """With the mouse, in the middle."""
        QTest.mouseClick(self.person.find(name, QWidget), Qt.MouseButton.LeftButton)

    def sees(self, name: str) -> bool:
        """Whether it is there."""
        return self.person.sees(name)

    def spoken(self, name: str) -> str:
        """The accessible name of a visible widget."""
        return self.person.find(name, QWidget).accessibleName()


@asynccontextmanager
async def providers_room(
    folder: Path, environ: dict[str, str] | None = None, width: int = 1280
) -> AsyncIterator[Room]:
    """Open the window on it."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    themes = ThemeController(application, "light")
    async with settings_parts(folder, environ) as parts:
        refresher = ProviderRefresher(parts.providers, parts.unexpected.append)
        view_model = ProvidersViewModel(
            parts.providers, parts.settings, parts.keys, parts.unexpected.append, refresher
        )
        view_model.start()
        made: list[ProvidersRoom] = []

        def page() -> PageWidget:
            made.append(ProvidersRoom(themes, view_model))
            return made[0]

        window = MainWindow(themes, [Page("models", "Models", "models-20", page)])
        window.resize(width, 800)
        window.show_page("models")
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the window has the keyboard")
        room = Room(Person(window), made[0], view_model, parts)
        view_model.added.connect(room.added.append)
        try:
            yield room
        finally:
            window.close_for_good()
            window.deleteLater()
            await view_model.close()
            await refresher.close()
            view_model.deleteLater()
    themes.deleteLater()
