"""The page of the local API in the window, over a service whose server a test plays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.runner import ApiRunner
from aiproxy_desktop.services.local_api.service import LocalApiService
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.ui.settings.about import AboutFacts
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.settings.page import SettingsPage
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.page import Page
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.ui.chat_parts import themes
from tests.ui.screen import Shown
from tests.ui.settings_parts import SettingsParts, settings_parts
from tests.waiting import until


@dataclass
class ApiScreen(Shown):
    """The window with the page in it, and everything under that."""

    window: MainWindow
    parts: SettingsParts
    service: LocalApiService
    view_model: ApiViewModel
    log: RequestLog
    themes: ThemeController
    notices: list[Notice] = field(default_factory=list)
    unexpected: list[Exception] = field(default_factory=list)

    @property
    def api(self) -> ApiSettings:
        """What is set now."""
        return self.service.settings

    def write(self, name: str, text: str) -> None:
        """Put another text into a field, by the keyboard."""
        widget = self.find(name, QWidget)
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(widget, text)

    def clipboard(self) -> str:
        """What was copied."""
        return QGuiApplication.clipboard().text()

    def asked(self, client: ClientContext, path: str = "/v1/chat/completions", **facts: Any) -> int:
        """A request comes and, with `seconds`, ends; its number."""
        number = self.log.begin(client, "127.0.0.1", "POST", path)
        if facts:
            self.log.note(number, **facts)
        return number


@asynccontextmanager
async def api_screen(
    folder: Path, runner: ApiRunner, log: RequestLog | None = None, *, settings: ApiSettings | None = None
) -> AsyncIterator[ApiScreen]:
    """Open Settings at the page, as the application does.

    Args:
        folder: for the settings file and the history; it exists.
        runner: serves, or plays that.
        log: what the runner writes into.
        settings: with which it begins.
    """
    kept = log or RequestLog()
    async with settings_parts(folder) as parts:
        if settings is not None:
            await parts.settings.update(api=settings)
        unexpected: list[Exception] = []
        service = LocalApiService(parts.settings, parts.keys, runner, kept, unexpected.append)
        view_model = ApiViewModel(
            service, parts.providers, parts.keys, lambda: "builtin:smollm2", unexpected.append
        )
        look = themes()
        facts = AboutFacts("1", folder, folder)

        def made() -> SettingsPage:
            return SettingsPage(
                parts.view_model, look, facts, lambda _folder: None, parts.presets, api=view_model
            )

        window = MainWindow(look, [Page("settings", "Settings", "settings-20", made, at_bottom=True)])
        screen = ApiScreen(window, parts, service, view_model, kept, look, unexpected=unexpected)
        view_model.noticed.connect(screen.notices.append)
        service.start()
        window.resize(1280, 800)
        window.show_page("settings.api")
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the window has the keyboard")
        await until(lambda: view_model.token.known, "the token")
        try:
            yield screen
        finally:
            window.toasts.leave_all()
            window.close_for_good()
            window.deleteLater()
            await view_model.close()
            view_model.deleteLater()
            await service.close()
        assert unexpected == [], unexpected


def ended(began: datetime | None = None, **facts: Any) -> dict[str, Any]:
    """What is known of a request that went well."""
    usual = {
        "model": "openai:gpt-5-mini",
        "status": 200,
        "input_tokens": 1204,
        "output_tokens": 310,
        "cost": 0.0031,
        "first_token_seconds": 0.4,
        "seconds": 2.4,
    }
    return usual | ({"began": began or datetime.now(UTC)}) | facts
