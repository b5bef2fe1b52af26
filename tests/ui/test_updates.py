"""New versions: the card in About, and the banner above the pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.project import REPOSITORY
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.updates import UpdateService
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.settings import update_banner
from aiproxy_desktop.ui.settings.update_card import UpdateCard
from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.focus import focused_widget
from tests.file_server import FileServer
from tests.ui.screen import Shown
from tests.waiting import until

PAGE = f"{REPOSITORY}/releases/tag/v0.3.0"


class CardPage(PageWidget):
    """A page with nothing but the card."""

    def __init__(self, card: UpdateCard) -> None:
        super().__init__()
        QVBoxLayout(self).addWidget(card)


@dataclass
class Screen(Shown):
    """The card in a window."""

    window: MainWindow
    service: UpdateService
    settings: SettingsService
    server: FileServer
    opened: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeController]:
    controller = ThemeController(qapp, "light")
    yield controller
    controller.deleteLater()


@pytest.fixture
async def screen(
    themes: ThemeController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Screen]:
    async with showing(themes, tmp_path) as shown:

        def open_url(url: str) -> bool:
            shown.opened.append(url)
            return True

        monkeypatch.setattr(update_banner, "open_url", open_url)
        yield shown


@asynccontextmanager
async def showing(themes: ThemeController, folder: Path) -> AsyncIterator[Screen]:
    http, settings = HttpClient(), SettingsService(SettingsStore(folder / "settings.json"))
    unexpected: list[Exception] = []
    async with FileServer(json.dumps({"tag_name": "v0.3.0"}).encode()) as server:
        service = UpdateService(
            *(http, settings, unexpected.append),
            current="0.2.0",
            address=f"{server.url}/latest",
            settled=0,
            look=60,
        )
        view_model = UpdatesViewModel(service, unexpected.append)
        opened: list[str] = []
        card = UpdateCard(view_model, themes, opened.append)
        window = MainWindow(themes, [Page("card", "Card", "chat-20", lambda: CardPage(card))])
        shown = Screen(window, service, settings, server, opened)
        view_model.noticed.connect(shown.notices.append)
        update_banner.tell_of_new_versions(window, view_model)
        window.show_page("card")
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the keyboard")
        try:
            yield shown
        finally:
            await view_model.close()
            await service.close()
            await http.aclose()
            window.close_for_good()
            window.deleteLater()
            view_model.deleteLater()
    assert unexpected == []


async def test_it_is_off_and_says_plainly_what_it_would_do(screen: Screen) -> None:
    screen.service.start()
    await asyncio.sleep(0.1)  # its first look at the clock
    assert not screen.service.state.enabled
    assert screen.says("holds nothing about you, this computer or this version")
    assert screen.says("No new version was looked for yet.")
    assert not screen.sees("settings.about.updates.skip")
    assert screen.server.asked == []


async def test_switched_on_it_looks_and_tells_in_a_banner(screen: Screen) -> None:
    screen.service.start()
    screen.click("settings.about.updates")
    await until(lambda: screen.sees("shell.banner"), "the banner")
    assert screen.settings.current.updates.look
    assert screen.says("Version 0.3.0 of AI Proxy Desktop is out.")
    screen.click("shell.banner.action")
    assert screen.opened == [PAGE]
    await until(lambda: not screen.sees("shell.banner"), "the banner is gone")
    assert not screen.sees("settings.about.updates.look")
    screen.click("settings.about.updates.page")
    assert screen.opened == [PAGE, PAGE]


async def test_a_version_is_skipped_from_the_banner(screen: Screen) -> None:
    screen.click("settings.about.updates.look")
    await until(lambda: screen.sees("shell.banner"), "the banner")
    screen.click("shell.banner.other")
    await until(lambda: screen.says("Version 0.3.0 is skipped."), "what the card says")
    assert screen.settings.current.updates.skipped == "0.3.0"
    assert not screen.sees("shell.banner")
    assert not screen.sees("settings.about.updates.skip")


async def test_a_version_is_skipped_from_the_card(screen: Screen) -> None:
    screen.click("settings.about.updates.look")
    await until(lambda: screen.sees("settings.about.updates.skip"), "the way to skip it")
    assert focused_widget() is screen.find("settings.about.updates.page", QWidget)
    screen.click("settings.about.updates.skip")
    await until(lambda: not screen.sees("settings.about.updates.skip"), "it is skipped")
    assert not screen.sees("shell.banner"), "it says no more about it either"


async def test_of_several_versions_only_the_newest_is_told(screen: Screen) -> None:
    await screen.service.look()
    screen.server.data = b'{"tag_name": "v0.4.0"}'
    await screen.service.look()
    assert screen.says("Version 0.4.0 of AI Proxy Desktop is out.")
    assert not screen.says("Version 0.3.0 of AI Proxy Desktop is out.")


async def test_it_says_when_it_is_the_newest_and_what_went_wrong(screen: Screen) -> None:
    screen.server.data = b'{"tag_name": "v0.2.0"}'
    screen.click("settings.about.updates.look")
    await until(lambda: screen.says("This is the newest version, as of"), "the newest")
    assert focused_widget() is screen.find("settings.about.updates.look", QWidget)
    screen.server.status, screen.server.times = 500, 1
    screen.click("settings.about.updates.look")
    await until(lambda: screen.says("GitHub did not tell which version is the newest"), "what went wrong")
    assert screen.notices == []


async def test_what_cannot_be_remembered_is_said(screen: Screen, tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()
    (tmp_path / "settings.json" / "file").touch()
    screen.click("settings.about.updates")
    await until(lambda: screen.notices, "the notice")
    assert "settings.json" in screen.notices[0].text
