from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from aiproxy_desktop.ui.settings.about import AboutFacts
from aiproxy_desktop.ui.settings.forms import EndpointForm
from aiproxy_desktop.ui.settings.page import SettingsPage
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import load_themes
from aiproxy_desktop.ui.widgets.select import Select
from tests.ui.screen import Shown
from tests.ui.settings_parts import SettingsParts, settings_parts
from tests.waiting import until
from tests.wire import ByteServer, Reply

LEFT = Qt.MouseButton.LeftButton
TAB, BACKTAB = Qt.Key.Key_Tab, Qt.Key.Key_Backtab


def models(*names: str) -> Reply:
    return Reply.json({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


@dataclass
class Screen(Shown):
    """The settings page in the window."""

    window: MainWindow
    parts: SettingsParts
    themes: ThemeController
    opened: list[Path]

    def focus(self) -> str:
        """Name of the widget with the focus."""
        widget: QWidget | None = QApplication.focusWidget()
        return widget.objectName() if widget is not None else ""

    def key(self, key: Qt.Key) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self._focused(), key)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        QTest.keyClicks(self._focused(), text)

    def _focused(self) -> QWidget:
        widget: QWidget | None = QApplication.focusWidget()
        assert widget is not None
        return widget

    def tab_to(self, name: str) -> list[str]:
        """Press Tab until the focus is there; the names on the way."""
        way: list[str] = []
        while self.focus() != name:
            assert len(way) < 60, way
            self.key(TAB)
            way.append(self.focus())
        return way


@asynccontextmanager
async def settings_screen(folder: Path, environ: dict[str, str] | None = None) -> AsyncIterator[Screen]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    themes = ThemeController(application, "light")
    opened: list[Path] = []
    facts = AboutFacts("0.1.0", folder / "data", folder / "logs")
    async with settings_parts(folder, environ) as parts:
        window = MainWindow(
            themes,
            [
                Page("chat", "Chat", "chat-20", PageWidget),
                Page(
                    "settings",
                    "Settings",
                    "settings-20",
                    lambda: SettingsPage(parts.view_model, themes, facts, opened.append, parts.presets),
                    at_bottom=True,
                ),
            ],
        )
        window.show_page("settings")
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the window has the keyboard")
        yield Screen(window, parts, themes, opened)
        window.close_for_good()
        window.deleteLater()
    themes.set_mode("light")
    themes.deleteLater()


@pytest.fixture
async def screen(tmp_path: Path) -> AsyncIterator[Screen]:
    async with settings_screen(tmp_path) as made:
        yield made


async def test_an_endpoint_is_added_with_the_keyboard_alone(screen: Screen) -> None:
    async with ByteServer(models("a", "b")) as server:
        assert screen.focus() == "settings.nav.providers"
        await until(lambda: screen.sees("settings.keyring.lookAgain"), "all is there")
        assert screen.tab_to("settings.endpoint.add") == [
            "settings.keyring.lookAgain",
            "settings.provider.openai.addKey",
            "settings.provider.gemini.addKey",
            "settings.provider.anthropic.addKey",
            "settings.provider.ollama.test",
            "settings.provider.ollama.changeHost",
            "settings.provider.builtin.addModelFile",
            "settings.endpoint.add",
        ]
        assert screen.window.focus_ring.isVisible()
        screen.key(Qt.Key.Key_Space)
        assert screen.focus() == "settings.endpoint.name"
        screen.type("Studio Mac")
        assert screen.tab_to("settings.endpoint.url") == ["settings.endpoint.url"]
        screen.type("htp://host/v1")
        screen.key(Qt.Key.Key_Return)
        assert screen.says("Begin with http:// or https://")
        url = screen.find("settings.endpoint.url", QLineEdit)
        url.selectAll()
        screen.type(f"{server.url}/v1")
        assert not screen.says("Begin with http:// or https://")
        way = screen.tab_to("settings.endpoint.save")
        assert way == [
            "settings.endpoint.key",
            "settings.endpoint.preset",
            "settings.endpoint.cancel",
            "settings.endpoint.test",
            "settings.endpoint.save",
        ]
        screen.key(Qt.Key.Key_Space)
        await until(lambda: screen.sees("settings.endpoint.studio-mac.edit"), "the row is there")
        await screen.parts.settled("studio-mac")
        assert screen.says("Ready, 2 models")
        assert not screen.sees("settings.endpoint.save")


async def test_a_key_is_added_and_removed_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with (
        ByteServer(models("gpt-6-luna")) as server,
        settings_screen(tmp_path, {"OPENAI_BASE_URL": f"{server.url}/v1"}) as screen,
    ):
        screen.tab_to("settings.provider.openai.addKey")
        screen.key(Qt.Key.Key_Space)
        assert screen.focus() == "settings.provider.openai.editor.key"
        assert screen.says("The key is kept until you close the app.") or screen.says("Looking for a keyring")
        screen.type("sk-test-0123456789")
        assert screen.tab_to("settings.provider.openai.editor.cancel")
        screen.key(TAB)
        assert screen.focus() == "settings.provider.openai.editor.save"
        screen.key(Qt.Key.Key_Space)
        await until(lambda: screen.sees("settings.provider.openai.test"), "the key is kept")
        assert screen.says("•••• 6789")
        assert screen.focus() == "settings.provider.openai.test"
        screen.key(TAB)
        assert screen.focus() == "settings.provider.openai.removeKey"
        screen.key(Qt.Key.Key_Space)
        assert screen.focus() == "settings.provider.openai.keepKey"
        assert screen.says("Remove the key from memory?")
        screen.key(TAB)
        screen.key(Qt.Key.Key_Space)
        await until(lambda: screen.sees("settings.provider.openai.addKey"), "the key is gone")


async def test_escape_leaves_an_editor_and_goes_back_to_its_row(screen: Screen) -> None:
    screen.click("settings.provider.gemini.addKey")
    assert screen.focus() == "settings.provider.gemini.editor.key"
    screen.type("half a key")
    screen.key(Qt.Key.Key_Escape)
    assert screen.focus() == "settings.provider.gemini.addKey"
    screen.click("settings.provider.gemini.addKey")
    assert screen.find("settings.provider.gemini.editor.key", QLineEdit).text() == ""


async def test_one_editor_at_a_time(screen: Screen) -> None:
    screen.click("settings.provider.openai.addKey")
    screen.click("settings.provider.ollama.changeHost")
    assert screen.sees("settings.provider.ollama.editor.host")
    assert not screen.sees("settings.provider.openai.editor.key")
    screen.click("settings.endpoint.add")
    assert not screen.sees("settings.provider.ollama.editor.host")
    assert not screen.sees("settings.endpoint.add")


async def test_what_was_typed_outlives_a_refusal_and_a_refresh(screen: Screen) -> None:
    screen.click("settings.provider.openai.addKey")
    screen.type("sk not a key")
    screen.key(Qt.Key.Key_Return)
    assert screen.says("It holds a space; copy it again without one.")
    await screen.parts.providers.refresh()
    assert screen.find("settings.provider.openai.editor.key", QLineEdit).text() == "sk not a key"
    assert screen.focus() == "settings.provider.openai.editor.key"


async def test_a_preset_fills_the_form(screen: Screen) -> None:
    screen.click("settings.endpoint.add")
    screen.click("settings.endpoint.preset")
    assert screen.focus() == "settings.endpoint.preset.list"
    screen.key(Qt.Key.Key_Down)
    screen.key(Qt.Key.Key_Return)
    assert screen.find("settings.endpoint.name", QLineEdit).text() == "Together"
    assert screen.find("settings.endpoint.url", QLineEdit).text() == "https://api.together.xyz/v1"
    assert screen.focus() == "settings.endpoint.key"


def pick_preset(screen: Screen, name: str) -> None:
    form = screen.find("settings.endpoint", EndpointForm)
    form.findChildren(Select, "settings.endpoint.preset")[0].chosen.emit(name)


async def test_an_address_of_ones_own_is_asked_for(screen: Screen) -> None:
    screen.click("settings.endpoint.add")
    pick_preset(screen, "Azure OpenAI")
    url = screen.find("settings.endpoint.url", QLineEdit)
    assert (url.text(), url.placeholderText()) == ("", "https://NAME.openai.azure.com")
    assert screen.focus() == "settings.endpoint.url"


async def test_a_cluster_keeps_the_dialect_of_its_preset(screen: Screen) -> None:
    async with ByteServer(models("a")) as server:
        screen.click("settings.endpoint.add")
        pick_preset(screen, "vLLM")
        url = screen.find("settings.endpoint.url", QLineEdit)
        url.setText(f"{server.url}/v1")
        screen.click("settings.endpoint.save")
        await until(lambda: screen.sees("settings.endpoint.vllm"), "the new row")
        await screen.parts.settled("vllm")
        screen.click("settings.endpoint.vllm.edit")
        screen.click("settings.endpoint.save")
        await until(lambda: not screen.sees("settings.endpoint.save"), "the form is closed")
        await screen.parts.settled("vllm")
    (kept,) = screen.parts.settings.current.endpoints
    assert (kept.id, kept.vendor, kept.base_url) == ("vllm", "vllm", f"{server.url}/v1")


async def test_a_vendor_with_a_key_stands_between_the_others(tmp_path: Path) -> None:
    async with ByteServer(models("a", "b")) as server:
        environ = {"LITELLM_PROXY_API_KEY": "sk-0123456789ab", "LITELLM_PROXY_API_BASE": server.url}
        async with settings_screen(tmp_path, environ) as screen:
            row = screen.parts.row("litellm")
            assert (row.label, row.detail) == ("LiteLLM", "Ready, 2 models")
            assert (row.key_line, row.key_note) == ("LITELLM_PROXY_API_KEY", "from the environment")
            order = ["openai", "gemini", "anthropic", "litellm", "ollama", "builtin"]
            assert screen.parts.row_ids() == order
            tops = [screen.find(f"settings.provider.{name}", QWidget).y() for name in order]
            assert tops == sorted(tops)


async def test_the_test_button_reports_in_the_form(screen: Screen) -> None:
    async with ByteServer(models("a")) as server:
        screen.click("settings.endpoint.add")
        screen.type("studio")
        screen.key(TAB)
        screen.type(f"{server.url}/v1")
        screen.click("settings.endpoint.test")
        await until(lambda: screen.says("and has 1 model."), "the outcome")


async def test_a_narrow_window_keeps_every_button_in_sight(screen: Screen) -> None:
    screen.window.resize(880, 560)
    await until(lambda: screen.window.width() == 880)
    for name in ("openai.addKey", "ollama.changeHost", "builtin.addModelFile"):
        button = screen.find(f"settings.provider.{name}", QWidget)
        assert screen.window.rect().contains(button.mapTo(screen.window, button.rect().bottomRight()))


async def test_the_theme_is_chosen_and_worn(screen: Screen) -> None:
    _, dark = load_themes()
    screen.click("settings.nav.appearance")
    screen.click("settings.appearance.theme.dark")
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(dark.surface)
    await until(lambda: screen.parts.store.load().settings.theme == "dark", "it is remembered")


async def test_automatic_titles_can_be_switched_off(screen: Screen) -> None:
    screen.click("settings.nav.chat")
    assert screen.parts.view_model.auto_titles
    screen.click("settings.chat.autoTitles")
    await until(lambda: not screen.parts.store.load().settings.auto_titles, "it is remembered")
    screen.click("settings.chat.autoTitles")
    await until(lambda: screen.parts.store.load().settings.auto_titles, "it is remembered")


async def test_what_enter_does_is_switched_beside_the_titles_and_follows_the_palette(screen: Screen) -> None:
    screen.click("settings.nav.chat")
    switch = screen.find("settings.chat.enterSends", QAbstractButton)
    assert switch.isChecked()
    screen.click("settings.chat.enterSends")
    await until(lambda: not screen.parts.store.load().settings.enter_sends, "it is remembered")
    await screen.parts.settings.update(enter_sends=True, auto_titles=False)
    assert switch.isChecked()
    assert not screen.find("settings.chat.autoTitles", QAbstractButton).isChecked()
    screen.click("settings.nav.presets")
    assert not screen.sees("settings.enterSends")


async def test_arrows_move_through_the_list_of_pages(screen: Screen) -> None:
    screen.key(Qt.Key.Key_Down)
    assert screen.focus() == "settings.nav.chat"
    screen.key(Qt.Key.Key_Down)
    assert screen.focus() == "settings.nav.presets"
    screen.key(Qt.Key.Key_Down)
    assert screen.focus() == "settings.nav.appearance"
    assert screen.sees("settings.appearance.theme")
    screen.key(Qt.Key.Key_Down)
    assert screen.says("AI Proxy Desktop 0.1.0, under the MIT licence")
    screen.key(Qt.Key.Key_Down)
    assert screen.focus() == "settings.nav.about"
    screen.key(Qt.Key.Key_F6)
    assert screen.focus() == "settings.about.source"


async def test_about_opens_the_folders(screen: Screen, tmp_path: Path) -> None:
    screen.window.show_page("settings.about")
    screen.click("settings.about.data.open")
    screen.click("settings.about.logs.open")
    assert screen.opened == [tmp_path / "data", tmp_path / "logs"]


async def test_without_a_keyring_it_can_be_looked_for_again(screen: Screen) -> None:
    await until(lambda: screen.sees("settings.keyring.lookAgain"), "no keyring")
    screen.click("settings.keyring.lookAgain")
    await until(lambda: screen.says("Keys are kept until you close the app"), "still none")


async def test_every_row_action_is_named(screen: Screen) -> None:
    for widget in screen.window.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()
