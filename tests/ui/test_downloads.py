"""The strip of downloads and the panel that fetches more: a real mouse, real keys, real parts below."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from aiproxy_desktop.services.downloads import Download
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.model_settings import ModelAddress
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.models.downloads.get_panel import GetModelPanel
from aiproxy_desktop.ui.models.downloads.strip import DownloadStrip
from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from tests.download_parts import DownloadParts, download_parts
from tests.file_server import FileServer, gguf
from tests.ollama_server import OllamaServer, stored
from tests.ui.chat_parts import themes
from tests.waiting import until

W = TypeVar("W", bound=QWidget)
SIZE = 4_000_000


async def xdotool(*arguments: object) -> None:
    done = await asyncio.create_subprocess_exec("xdotool", *map(str, arguments))
    assert await done.wait() == 0


@dataclass
class Shown:
    """A window with the strip above and the panel beside."""

    parts: DownloadParts
    settings: SettingsService
    view_model: DownloadsViewModel
    window: QWidget
    strip: DownloadStrip
    panel: GetModelPanel

    def find(self, name: str, kind: type[W]) -> W:
        return next(widget for widget in self.window.findChildren(kind, name) if widget.isVisible())

    def reads(self, words: str) -> bool:
        return any(words in label.text() for label in self.window.findChildren(QLabel) if label.isVisible())

    def press(self, name: str) -> None:
        QTest.mouseClick(self.find(name, QAbstractButton), Qt.MouseButton.LeftButton)

    def write(self, name: str, text: str) -> None:
        field = self.find(name, QLineEdit)
        field.setFocus()
        QTest.keyClicks(field, text)

    async def click(self, download: Download, button: str) -> None:
        """Move the mouse to a button of a row and press it."""
        widget = self.find(f"models.downloads.{download.id}.{button}", QAbstractButton)
        at = widget.mapToGlobal(widget.rect().center())
        await xdotool("mousemove", at.x(), at.y(), "click", 1)


@asynccontextmanager
async def shown(folder: Path, ollama: str = "", undo: float = 0.0) -> AsyncIterator[Shown]:
    async with download_parts(folder, ollama, undo=undo) as parts:
        settings = SettingsService(SettingsStore(folder / "settings.json"))
        await settings.load()
        view_model = DownloadsViewModel(parts.service, settings, parts.unexpected.append)
        view_model.set_hosts([("ollama", "This computer")] if ollama else [])
        view_model.start()
        window = QWidget()
        window.resize(1200, 640)
        strip, panel = DownloadStrip(themes(), view_model), GetModelPanel(themes(), view_model)
        row, column = QHBoxLayout(window), QVBoxLayout()
        column.addWidget(strip)
        column.addStretch(1)
        row.addLayout(column, 1)
        row.addWidget(panel)
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow)
        try:
            yield Shown(parts, settings, view_model, window, strip, panel)
        finally:
            await view_model.close()
            window.close()
            window.deleteLater()
            view_model.deleteLater()


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with FileServer(gguf(SIZE)) as running:
        yield running


async def test_a_download_is_paused_resumed_and_cancelled_by_mouse(
    tmp_path: Path, server: FileServer
) -> None:
    async with shown(tmp_path) as there:
        assert not there.strip.isVisible()
        server.hold_after = 1_200_000
        begun = there.parts.service.fetch(ModelAddress(name="Tree", url=server.address))
        await until(there.strip.isVisible, "the strip appears")
        await until(lambda: there.reads("of 4.0 MB"))
        await there.click(begun, "toggle")
        await until(lambda: there.reads("Paused"), "it is paused")
        toggle = there.find(f"models.downloads.{begun.id}.toggle", QAbstractButton)
        assert (toggle.text(), toggle.accessibleName()) == ("Resume", "Resume Tree")
        await there.click(begun, "toggle")
        await until(lambda: toggle.text() == "Pause", "it goes on")
        await there.parts.reaches(begun.id, "running")
        await there.click(begun, "cancel")
        await until(lambda: not there.strip.isVisible(), "nothing is fetched any more")
        await until(lambda: not list((tmp_path / "models").iterdir()), "what came is removed")
        server.go()


async def test_a_cancel_can_be_undone(tmp_path: Path, server: FileServer) -> None:
    server.hold_after = 1_200_000
    async with shown(tmp_path, undo=600) as there:
        said: list[Notice] = []
        there.view_model.noticed.connect(said.append)
        begun = there.parts.service.fetch(ModelAddress(name="Tree", url=server.address))
        await there.parts.came(begun.id, 1_000_000)
        await until(lambda: there.strip.rows)
        await there.click(begun, "cancel")
        await until(lambda: not there.strip.isVisible())
        assert [notice.text for notice in said] == ["The download of Tree is cancelled"]
        assert said[0].undo is not None
        said[0].undo()
        await until(there.strip.isVisible)
        server.go()
        await there.parts.reaches(begun.id, "done")
        there.view_model.add_address("Tree", server.address, "")
        await until(lambda: there.view_model.addresses)
        there.view_model.remove_address(server.address)
        await until(lambda: not there.view_model.addresses)
        undo = said[-1].undo
        assert undo is not None
        undo()
        await until(lambda: there.view_model.addresses)


async def test_a_row_stays_the_same_while_bytes_come(tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        ollama.store.offer(stored("qwen3", SIZE))
        ollama.speed, ollama.piece = 2_000_000, 20_000
        async with shown(tmp_path, ollama.url) as there:
            there.write("models.getModel.name", "ollama run qwen3")
            QTest.keyClick(there.find("models.getModel.name", QLineEdit), Qt.Key.Key_Return)
            assert there.find("models.getModel.name", QLineEdit).text() == ""
            assert there.reads("It is being pulled.")
            await until(lambda: len(there.strip.rows) == 1)
            (row,) = there.strip.rows
            row.end.setFocus()
            texts = set()
            while row.download.status == "running":
                await asyncio.sleep(0.02)
                texts.add(row.accessibleName())
                assert there.strip.rows == (row,)
                assert row.end.hasFocus()
            assert len(texts) > 3
            await until(lambda: there.reads("Done"))
            # The same place is for the next thing to press.
            QTest.keyClick(row.end, Qt.Key.Key_Space)
            await until(lambda: not there.strip.isVisible())


async def test_what_failed_says_why_and_is_tried_again(tmp_path: Path, server: FileServer) -> None:
    async with shown(tmp_path) as there:
        address = ModelAddress(name="Tree", url=server.address, sha256="ab" * 32)
        begun = there.parts.service.fetch(address)
        await until(lambda: there.reads("The file does not match its checksum. It was damaged"))
        toggle = there.find(f"models.downloads.{begun.id}.toggle", QAbstractButton)
        assert toggle.text() == "Fetch again"
        assert there.strip.rows[0].height() >= 36
        await there.click(begun, "toggle")
        await until(lambda: len(server.asked) == 2, "it is fetched again")
        await there.parts.reaches(begun.id, "failed")
        await until(lambda: there.find(f"models.downloads.{begun.id}.toggle", QWidget).isEnabled())
        there.press(f"models.downloads.{begun.id}.cancel")
        await until(lambda: not there.strip.isVisible())


async def test_more_than_four_are_scrolled_and_the_keys_reach_all(tmp_path: Path, server: FileServer) -> None:
    server.hold_after = 1000
    async with shown(tmp_path) as there:
        for number in range(6):
            there.parts.service.fetch(ModelAddress(name=f"m{number}", url=f"{server.url}/{number}"))
        await until(lambda: len(there.strip.rows) == 6)
        assert there.strip.height() == 4 * 36
        last = there.strip.rows[-1]
        last.toggle.setFocus(Qt.FocusReason.TabFocusReason)
        assert last.visibleRegion().boundingRect().height() == last.height()
        QTest.keyClick(last.toggle, Qt.Key.Key_Return)
        await until(lambda: last.download.status == "paused")
        last.end.setFocus()
        QTest.keyClick(last.end, Qt.Key.Key_Return)
        await until(lambda: len(there.strip.rows) == 5)
        assert there.strip.rows[-1].end.hasFocus()
        server.go()


async def test_without_ollama_the_panel_says_how_to_get_it(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, shown(tmp_path) as there:
        assert there.reads("Ollama was not found.")
        assert there.reads("Install it from ollama.com")
        there.view_model.set_hosts([("ollama", "This computer"), ("home", "home-server")])
        assert not there.reads("Ollama was not found.")
        assert there.find("models.getModel.host", QAbstractButton).accessibleName() == "Server: This computer"
        there.write("models.getModel.name", "gemma 3 4b")
        there.press("models.getModel.pull")
        assert there.reads("“gemma 3 4b” is not the name of a model.")
        assert not ollama.asks


async def test_addresses_are_added_fetched_and_removed(tmp_path: Path, server: FileServer) -> None:
    async with shown(tmp_path) as there:
        there.press("models.getModel.way.address")
        assert there.reads("No addresses yet.")
        assert there.reads("Without it, the file is only checked to be a whole model file (GGUF).")
        there.press("models.getModel.addressAdd")
        assert there.reads("Paste the address of a model file.")
        there.write("models.getModel.addressUrl", server.address)
        there.write("models.getModel.addressSha256", "abc")
        there.press("models.getModel.addressAdd")
        assert there.reads("A SHA-256 has 64 digits; this has 3.")
        assert there.view_model.addresses == ()
        field = there.find("models.getModel.addressSha256", QLineEdit)
        field.selectAll()
        QTest.keyClicks(field, f"sha256:{server.sha256.upper()}")
        there.press("models.getModel.addressAdd")
        kept = (ModelAddress(name="tree-q4.gguf", url=server.address, sha256=server.sha256),)
        await until(lambda: there.view_model.addresses == kept, "it is kept")
        assert there.find("models.getModel.addressUrl", QLineEdit).text() == ""
        there.write("models.getModel.addressUrl", server.address)
        there.press("models.getModel.addressAdd")
        assert there.reads("in the list already")
        server.hold_after = 1000
        there.press("models.getModel.address.0.download")
        button = there.find("models.getModel.address.0.download", QAbstractButton)
        await until(lambda: not button.isEnabled(), "it is under way")
        server.go()
        await until(lambda: there.parts.done, "it came")
        await until(button.isEnabled)
        there.press("models.getModel.address.0.remove")
        await until(lambda: there.view_model.addresses == ())
        assert (tmp_path / "models" / "tree-q4.gguf").exists()
        stored_settings = SettingsStore(tmp_path / "settings.json")
        await until(lambda: stored_settings.load().settings.model_addresses == ())
