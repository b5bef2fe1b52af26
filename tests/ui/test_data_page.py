from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from aiproxy_desktop.services.backups import BackupService
from aiproxy_desktop.services.exchange.service import ExchangeService
from aiproxy_desktop.storage.archives import ArchiveStore
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.ui.chat.page import ChatPage
from aiproxy_desktop.ui.chat.sidebar.conversation_view import ConversationView
from aiproxy_desktop.ui.exchange.pdf import write_pdf
from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel, Told
from aiproxy_desktop.ui.exchange.words import InterfaceWords
from aiproxy_desktop.ui.settings.about import AboutFacts
from aiproxy_desktop.ui.settings.page import SettingsPage
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.page import Page
from aiproxy_desktop.ui.widgets.buttons import Button
from tests.ui.chat_parts import ChatParts, chat_parts, themes
from tests.ui.screen import Shown
from tests.ui.settings_parts import settings_parts
from tests.waiting import until

EXPORTS = Path(__file__).parents[1] / "exports"


@dataclass
class Screen(Shown):
    """The window with the chat tab and Settings over one history."""

    window: MainWindow
    parts: ChatParts
    data: DataViewModel
    backups: BackupService
    opened: list[Path] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    restarts: list[bool] = field(default_factory=list)

    async def choose(self, name: str, path: Path) -> None:
        """Answer the file dialog of this name."""
        await until(lambda: self.sees(name), name)
        dialog = self.find(name, QFileDialog)
        dialog.selectFile(str(path))
        dialog.accept()

    async def hears(self, words: str) -> Told:
        await until(lambda: any(words in one.text for one in self.told), words)
        return next(one for one in self.told if words in one.text)


@asynccontextmanager
async def opened_screen(folder: Path, page: str) -> AsyncIterator[Screen]:
    (folder / "settings").mkdir()
    async with chat_parts(folder) as parts, settings_parts(folder / "settings") as settings:
        backups = BackupService(
            BackupFolder(parts.database.path, folder / "backups"), parts.settings, parts.unexpected.append
        )
        words = InterfaceWords(parts.view_model.models.name)
        exchange = ExchangeService(
            ArchiveStore(parts.database), BlobStore(folder / "attachments"), words, write_pdf
        )
        data = DataViewModel(exchange, backups, parts.settings, parts.unexpected.append)
        data.imported.connect(parts.view_model.history.load)
        opened: list[Path] = []
        facts = AboutFacts("1", folder, folder)
        settings_model: SettingsViewModel = settings.view_model
        window = MainWindow(
            themes(),
            [
                Page("chat", "Chat", "chat-20", lambda: ChatPage(parts.view_model, themes(), data=data)),
                Page(
                    "settings",
                    "Settings",
                    "settings-20",
                    lambda: SettingsPage(
                        settings_model, themes(), facts, opened.append, settings.presets, data=data
                    ),
                    at_bottom=True,
                ),
            ],
        )
        screen = Screen(window, parts, data, backups, opened)
        data.noticed.connect(screen.told.append)
        data.restart_wanted.connect(lambda: screen.restarts.append(True))
        window.show_page("chat")
        window.show_page(page)
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the window has the keyboard")
        parts.view_model.start()
        await until(lambda: parts.view_model.history.account_empty is not None)
        try:
            yield screen
        finally:
            window.toasts.leave_all()
            window.close_for_good()
            window.deleteLater()
            await data.close()
            data.deleteLater()
            await backups.close()


@pytest.fixture
async def data_page(tmp_path: Path) -> AsyncIterator[Screen]:
    async with opened_screen(tmp_path, "settings.data") as screen:
        yield screen


@pytest.fixture
async def chat_page(tmp_path: Path) -> AsyncIterator[Screen]:
    async with opened_screen(tmp_path, "chat") as screen:
        turn = await screen.parts.store.add_turn("What is thyme?", "m:a", title="About thyme")
        screen.parts.view_model.history.load()
        screen.parts.view_model.open(turn.conversation.id)
        await until(lambda: screen.sees("chat.export"), "the conversation")
        yield screen


async def test_an_export_is_imported_and_all_is_exported_again(data_page: Screen, tmp_path: Path) -> None:
    data_page.click("settings.data.import")
    await data_page.choose("exchange.source", EXPORTS / "ours.json")
    await data_page.hears("Imported 1 conversation.")
    data_page.click("settings.data.import")
    await data_page.choose("exchange.source", EXPORTS / "ours.json")
    await data_page.hears("1 was there already.")
    data_page.click("settings.data.export")
    await until(lambda: data_page.sees("settings.data.export.list"), "the formats")
    QTest.keyClick(data_page.find("settings.data.export.list", QWidget), Qt.Key.Key_End)
    QTest.keyClick(data_page.find("settings.data.export.list", QWidget), Qt.Key.Key_Return)
    await data_page.choose("exchange.target", tmp_path / "all.zip")
    told = await data_page.hears("Exported 1 conversation")
    assert told.folder == tmp_path
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        document = json.loads(packed.read("conversations.json"))
        assert len(packed.namelist()) == 2
    expected = json.loads((EXPORTS / "ours.json").read_text())
    assert document["conversations"] == expected["conversations"]


async def test_a_damaged_export_is_told_in_one_sentence(data_page: Screen, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"format": "aiproxy-desktop", "version": 1, "conv')
    data_page.click("settings.data.import")
    await data_page.choose("exchange.source", tmp_path / "bad.json")
    await data_page.hears("Nothing was imported.")
    assert not data_page.sees("settings.data.busy")


async def test_a_backup_is_made_and_restored_after_a_question(data_page: Screen) -> None:
    assert data_page.says("There is no backup yet")
    data_page.click("settings.data.backUp")
    await data_page.hears("Backed up")
    (row,) = data_page.data.backups
    await until(lambda: data_page.sees(f"settings.data.{row.id}.restore"), "its row")
    data_page.click(f"settings.data.{row.id}.restore")
    await until(lambda: data_page.sees(f"settings.data.{row.id}.confirm"), "the question")
    QTest.keyClick(data_page.find(f"settings.data.{row.id}.keep", QWidget), Qt.Key.Key_Return)
    await until(lambda: data_page.sees(f"settings.data.{row.id}.restore"), "no")
    assert not data_page.restarts
    data_page.click(f"settings.data.{row.id}.restore")
    await until(lambda: data_page.sees(f"settings.data.{row.id}.confirm"), "the question again")
    data_page.click(f"settings.data.{row.id}.confirm")
    await until(lambda: data_page.restarts, "the wish to begin again")


async def test_the_question_is_answered_with_the_keyboard(data_page: Screen) -> None:
    await data_page.backups.back_up()
    (row,) = data_page.data.backups
    await until(lambda: data_page.sees(f"settings.data.{row.id}.restore"), "its row")
    restore = data_page.find(f"settings.data.{row.id}.restore", Button)
    restore.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(restore, Qt.Key.Key_Return)
    keep = data_page.find(f"settings.data.{row.id}.keep", Button)
    assert keep.hasFocus()
    assert keep.keyboard_focus
    QTest.keyClick(keep, Qt.Key.Key_Escape)
    restore = data_page.find(f"settings.data.{row.id}.restore", Button)
    assert restore.hasFocus()
    assert restore.keyboard_focus
    assert not data_page.restarts


async def test_a_damaged_backup_is_not_restored(data_page: Screen) -> None:
    made = await data_page.backups.back_up()
    made.path.write_bytes(b"nothing")
    data_page.data.restore(made.path.name)
    await data_page.hears("damaged")
    assert not data_page.restarts


async def test_the_schedule_is_set_and_kept(data_page: Screen) -> None:
    data_page.click("settings.data.every.week")
    await until(lambda: data_page.parts.settings.current.backup_every == "week", "weekly")
    data_page.click("settings.data.backups")
    await until(lambda: not data_page.parts.settings.current.backups, "off")
    assert not data_page.find("settings.data.every.week", QWidget).isEnabled()
    data_page.click("settings.data.folder")
    assert data_page.opened == [data_page.data.folder]


async def test_everything_has_a_name(data_page: Screen) -> None:
    for widget in data_page.window.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()


@pytest.mark.parametrize(
    ("form", "ending", "begins"),
    [
        ("markdown", "md", b"# About thyme"),
        ("html", "html", b"<!DOCTYPE html>"),
        ("pdf", "pdf", b"%PDF-"),
        ("json", "json", b'{"format":"aiproxy-desktop"'),
    ],
)
async def test_a_conversation_is_exported_from_its_header(
    chat_page: Screen, tmp_path: Path, form: str, ending: str, begins: bytes
) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(
        focused,
        Qt.Key.Key_E,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    await until(lambda: chat_page.sees("chat.export.menu"), "the menu")
    menu = chat_page.find("chat.export.menu", QMenu)
    action = next(one for one in menu.actions() if one.objectName() == f"chat.export.menu.{form}")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    await until(lambda: chat_page.sees("exchange.target"), "the dialog")
    dialog = chat_page.find("exchange.target", QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == f"About thyme.{ending}"
    await chat_page.choose("exchange.target", tmp_path / f"it.{ending}")
    await chat_page.hears("Exported 1 conversation")
    assert (tmp_path / f"it.{ending}").read_bytes().startswith(begins)


async def test_a_row_offers_the_formats(chat_page: Screen, tmp_path: Path) -> None:
    (conversation,) = await chat_page.parts.store.page()
    chat_page.parts.view_model.new_conversation()
    view = chat_page.find("chat.conversations", ConversationView)
    view.setFocus()
    view.setCurrentIndex(view.model().index(1, 0))
    where = view.visualRect(view.currentIndex()).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, view.mapToGlobal(where))
    QApplication.sendEvent(view.viewport(), event)
    await until(lambda: chat_page.sees("chat.conversations.menu"), "the row's menu")
    formats = view.findChild(QMenu, "chat.conversations.menu.export")
    assert isinstance(formats, QMenu)
    menu = chat_page.find("chat.conversations.menu", QMenu)
    formats.actions()[0].trigger()
    menu.close()
    assert conversation.title == "About thyme"
    await chat_page.choose("exchange.target", tmp_path / "it.md")
    await chat_page.hears("Exported 1 conversation")
    assert "What is thyme?" in (tmp_path / "it.md").read_text()


@pytest.mark.parametrize(("page", "name"), [("chat", "chat.exchange"), ("settings.data", "settings.data")])
async def test_a_long_import_says_how_far_it_is_and_can_be_stopped(
    tmp_path: Path, page: str, name: str
) -> None:
    document = json.loads((EXPORTS / "ours.json").read_text())
    (one,) = document["conversations"]
    document["conversations"] = [one | {"id": f"{number:032x}"} for number in range(3000)]
    (tmp_path / "long.json").write_text(json.dumps(document))
    async with opened_screen(tmp_path, page) as screen:
        assert not screen.sees(f"{name}.busy")
        screen.data.import_from(tmp_path / "long.json")
        await until(lambda: screen.says("conversations so far"), "how far it is")
        screen.click(f"{name}.cancel")
        await until(lambda: not screen.sees(f"{name}.busy"), "the end")
        assert await ArchiveStore(screen.parts.database).ids() == ()
        # It can be begun again at once.
        screen.data.import_from(EXPORTS / "ours.json")
        await screen.hears("Imported 1 conversation.")
