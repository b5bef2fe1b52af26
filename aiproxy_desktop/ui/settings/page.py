"""The settings tab: a list of pages, and the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from aiproxy_desktop.ui.settings.about import AboutFacts
from aiproxy_desktop.ui.settings.about_page import AboutPage
from aiproxy_desktop.ui.settings.appearance_page import AppearancePage
from aiproxy_desktop.ui.settings.chat_page import ChatSettingsPage
from aiproxy_desktop.ui.settings.nav import Nav
from aiproxy_desktop.ui.settings.page_actions import api_actions, data_actions
from aiproxy_desktop.ui.settings.presets_page import PresetsPage
from aiproxy_desktop.ui.settings.presets_viewmodel import PresetsViewModel
from aiproxy_desktop.ui.settings.providers_page import ProvidersPage
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.toast import ToastMessage

if TYPE_CHECKING:
    from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel
    from aiproxy_desktop.ui.settings.about_viewmodel import AboutViewModel
    from aiproxy_desktop.ui.settings.api.page import ApiPage
    from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
    from aiproxy_desktop.ui.settings.data_page import DataPage
    from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel


class SettingsPage(PageWidget):
    """Pages are made when they are first shown."""

    def __init__(
        self,
        view_model: SettingsViewModel,
        themes: ThemeController,
        facts: AboutFacts,
        open_folder: Callable[[Path], object],
        presets: PresetsViewModel,
        parent: QWidget | None = None,
        *,
        data: DataViewModel | None = None,
        api: ApiViewModel | None = None,
        updates: UpdatesViewModel | None = None,
        about: AboutViewModel | None = None,
    ) -> None:
        """Build the list and the first page.

        Args:
            view_model: state and actions.
            themes: to paint with, and what Appearance changes.
            facts: for About.
            open_folder: shows a folder in the system's file manager.
            presets: saved prompts and personas.
            parent: of the widget.
            data: for Data, which is left out without it.
            api: for Local API, likewise.
            updates: for the card of new versions in About, likewise.
            about: for what About can find out, likewise.
        """
        super().__init__(parent)
        self.setObjectName("settings")
        self._built: dict[str, ScrollColumn] = {}
        self._builders: dict[str, Callable[[], ScrollColumn]] = {
            "providers": lambda: ProvidersPage(view_model, themes),
            "chat": lambda: ChatSettingsPage(view_model, themes),
            "presets": lambda: PresetsPage(presets, themes),
            "appearance": lambda: AppearancePage(view_model, themes),
            "about": lambda: AboutPage(facts, open_folder, themes, about=about, updates=updates),
        }
        if data is not None:
            self._builders["data"] = lambda: _data_page(data, themes, open_folder)
        self._api = api
        if api is not None:
            self._builders["api"] = lambda: _api_page(api, themes)
            api.noticed.connect(self._say)
        if updates is not None:
            updates.noticed.connect(self._say)
        if about is not None:
            about.noticed.connect(self._say)
        self._nav = Nav(themes, tuple(entry for entry in _entries() if entry[0] in self._builders))
        self._stack = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._nav, 1)
        row.addWidget(self._stack, 3)
        self._nav.chosen.connect(self._show)
        view_model.noticed.connect(self._say)
        view_model.page_wanted.connect(self.page_requested)
        presets.noticed.connect(self._say)
        self._nav.set_current("providers")
        view_model.start()

    def regions(self) -> Sequence[QWidget]:
        return [self._nav, self._stack]

    def focus_start(self) -> None:
        self._nav.current_item().setFocus(Qt.FocusReason.OtherFocusReason)

    def show_part(self, part: str) -> None:
        self._nav.set_current(part)

    def actions_here(self) -> Sequence[Action]:
        data = data_actions(self._data_page) if "data" in self._builders else ()
        api = api_actions(self._api, self._api_page) if self._api is not None else ()
        return (*api, *data)

    def _api_page(self) -> ApiPage:
        from aiproxy_desktop.ui.settings.api.page import ApiPage

        self._nav.set_current("api")
        page = self._built["api"]
        assert isinstance(page, ApiPage)
        return page

    def _data_page(self) -> DataPage:
        from aiproxy_desktop.ui.settings.data_page import DataPage

        self._nav.set_current("data")
        page = self._built["data"]
        assert isinstance(page, DataPage)
        return page

    def _show(self, page_id: str) -> None:
        if page_id not in self._built:
            page = self._builders[page_id]()
            self._stack.addWidget(page)
            self._built[page_id] = page
        self._stack.setCurrentWidget(self._built[page_id])

    def _say(self, notice: Notice) -> None:
        action = tr("Undo") if notice.undo is not None else ""
        self.toast_requested.emit(ToastMessage(notice.text, action, notice.undo))


def _entries() -> tuple[tuple[str, str, str], ...]:
    """Each page: its id, its name, its icon."""
    return (
        ("providers", tr("Providers and keys"), "key"),
        ("chat", tr("Chat"), "chat-20"),
        ("presets", tr("Prompts and personas"), "edit"),
        ("appearance", tr("Appearance"), "appearance"),
        ("api", tr("Local API"), "server"),
        ("data", tr("Data"), "db"),
        ("about", tr("About"), "info"),
    )


def _data_page(
    data: DataViewModel, themes: ThemeController, open_folder: Callable[[Path], object]
) -> ScrollColumn:
    from aiproxy_desktop.ui.settings.data_page import DataPage

    return DataPage(data, themes, open_folder)


def _api_page(api: ApiViewModel, themes: ThemeController) -> ScrollColumn:
    from aiproxy_desktop.ui.settings.api.page import ApiPage
    from aiproxy_desktop.ui.shell.open_url import open_url

    return ApiPage(api, themes, open_url)
