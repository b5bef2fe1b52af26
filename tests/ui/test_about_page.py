"""About: what it tells of the application, of a crash, and of what this computer has not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.services import surroundings
from aiproxy_desktop.storage.crashes import CrashReports, note_error
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.ui.settings.api.code_area import CodeArea
from aiproxy_desktop.ui.settings.components_card import ComponentRow, ComponentsCard
from aiproxy_desktop.ui.widgets.buttons import Button
from tests.application import Person, running
from tests.waiting import until

SECRET = "sk-proj-very-secret-0123456789"


def shown(person: Person, name: str) -> str:
    """The text that stands in the area of this name."""
    areas = (one for one in person.window.findChildren(CodeArea) if one.isVisible())
    proxies = ((one.focusProxy(), one.text) for one in areas)
    return next((text for proxy, text in proxies if proxy is not None and proxy.objectName() == name), "")


def focus() -> str:
    """The name of what the keys go to."""
    widget: QWidget | None = QApplication.focusWidget()
    return widget.objectName() if widget is not None else ""


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


async def test_diagnostics_are_shown_and_copied_without_keys_or_names(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME\nand more")
    async with running(aiproxy_home) as person:
        person.window.show_page("settings.about")
        await person.click("settings.about.diagnostics.show")
        await until(lambda: shown(person, "settings.about.diagnostics.text"), "the diagnostics")
        assert focus() == "settings.about.diagnostics.show"
        text = shown(person, "settings.about.diagnostics.text")
        for fact in (
            "Platform: xcb",
            "Screen 1: ",
            "builtin ready",
            "[Packages]",
        ):
            assert fact in text, text
        assert "XDG_CURRENT_DESKTOP: GNOME and more\n" in text
        for personal in (SECRET, str(aiproxy_home), Path.home().name + "/"):
            assert personal not in text
        await person.click("settings.about.diagnostics.show")
        await until(lambda: not shown(person, "settings.about.diagnostics.text"), "it is closed")
        await person.click("settings.about.diagnostics.copy")
        await until(lambda: person.sees("shell.toast"), "it is said")
        assert clipboard().startswith("[AI Proxy Desktop]\nVersion: ")


async def test_a_crash_is_told_of_once_and_its_report_can_be_copied_and_deleted(aiproxy_home: Path) -> None:
    paths = AppPaths.resolve(str(aiproxy_home), {})
    paths.ensure()
    note_error(paths.crash_file, ValueError("dear Anna"), ended=True)
    async with running(aiproxy_home) as person:
        await until(lambda: person.reads("The app ended by itself last time."), "the notice")
        await person.click("shell.banner.action")
        await until(lambda: "ValueError" in shown(person, "settings.about.crash.text"), "the report")
        await person.click("settings.about.crash.copy")
        await until(lambda: "ValueError" in clipboard(), "it is copied")
        assert "Anna" not in clipboard()
    async with running(aiproxy_home) as person:
        person.window.show_page("settings.about")
        await until(lambda: person.sees("settings.about.crash"), "it is still there")
        assert not person.sees("shell.banner"), "but nobody is told again"
        await person.click("settings.about.crash.delete")
        await until(lambda: not person.sees("settings.about.crash"), "it is gone")
        assert CrashReports(paths, Redactor()).newest() is None


async def test_an_error_that_ended_nothing_is_no_news(aiproxy_home: Path) -> None:
    paths = AppPaths.resolve(str(aiproxy_home), {})
    paths.ensure()
    note_error(paths.crash_file, ValueError(), ended=False)
    async with running(aiproxy_home) as person:
        person.window.show_page("settings.about")
        await until(lambda: person.sees("settings.about.crash"), "the report")
        assert not person.sees("shell.banner")


async def test_what_is_missing_is_told_at_the_first_start_and_stands_in_about(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "sound_missing", lambda _environ: True)
    async with running(aiproxy_home) as person:
        await until(lambda: person.reads("No sound system was found."), "it is told")
        await person.click("shell.banner.action")
        await until(lambda: person.reads("Missing on this computer"), "the whole")
        assert person.reads("No keyring answers.")
    async with running(aiproxy_home) as person:
        person.window.show_page("settings.about")
        await until(lambda: person.reads("No sound system was found."), "it stands there")
        assert not person.sees("shell.banner"), "nobody is told twice"


async def test_licences_of_a_checkout_have_their_texts(aiproxy_home: Path) -> None:
    async with running(aiproxy_home) as person:
        person.window.show_page("settings.about")
        await until(lambda: person.window.findChildren(ComponentRow), "the components")
        rows = person.window.findChildren(ComponentRow)
        assert rows[0].accessibleName().startswith("Qt for Python, 6.")
        row = next(row for row in rows if row.component.name == "qasync")
        row.click()
        await until(lambda: "Copyright" in shown(person, f"{row.objectName()}.text"), "its text")
        row.setFocus(Qt.FocusReason.TabFocusReason)
        await person.press("Tab")
        await until(lambda: focus() == f"{row.objectName()}.text", "Tab goes on to it")
        row.click()
        await until(lambda: not shown(person, f"{row.objectName()}.text"), "it is closed")


async def test_an_inventory_is_listed_whole_when_asked_for(
    aiproxy_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "licences"
    folder.mkdir()
    parts = [
        {"name": f"part {at:02}", "version": "1", "licence": "MIT", "text": f"{at}.txt"} for at in range(40)
    ]
    (folder / "components.json").write_text(json.dumps(parts))
    (folder / "0.txt").write_text("the words of it")
    (folder / "QT.txt").write_text("how they are exchanged")
    monkeypatch.setattr("aiproxy_desktop.services.components.licences_dir", lambda: folder)
    async with running(aiproxy_home) as person:
        person.window.show_page("settings.about")
        await until(lambda: person.window.findChildren(ComponentRow), "the components")
        card = person.window.findChild(ComponentsCard)
        assert card is not None
        assert len(card.findChildren(ComponentRow)) == 16
        await person.click("settings.about.component.1")
        await until(lambda: shown(person, "settings.about.component.1.text") == "the words of it", "its text")
        await person.click("settings.about.component.2")
        await until(lambda: "did not come along" in shown(person, "settings.about.component.2.text"), "none")
        await person.click("settings.about.qt.show")
        await until(lambda: shown(person, "settings.about.qt.text") == "how they are exchanged", "Qt")
        person.find("settings.about.components.all", Button).click()
        await until(lambda: len(card.findChildren(ComponentRow)) == 40, "all of them")
        assert not person.sees("settings.about.components.all")
