"""An export that another program lets go over the list of conversations."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl

from aiproxy_desktop.ui.chat.page import ChatPage
from tests.ui.chat_window import Window
from tests.ui.test_attachments import dragging, xdotool
from tests.ui.test_data_page import EXPORTS, Screen, opened_screen
from tests.waiting import until


def chat(screen: Screen) -> Window:
    return Window(screen.parts, screen.find("chat.page", ChatPage), screen.window)


def url(path: Path) -> str:
    return QUrl.fromLocalFile(str(path)).toString()


@pytest.mark.parametrize("onto", ["chat.sidebar", "chat.newChat"])
async def test_an_export_dropped_on_the_sidebar_is_taken_in(tmp_path: Path, onto: str) -> None:
    export = Path(shutil.copy(EXPORTS / "ours.json", tmp_path / "Mine.JSON"))
    async with opened_screen(tmp_path, "chat") as screen:
        async with dragging(chat(screen), url(export), onto=onto) as source:
            await until(lambda: screen.sees("chat.importHere"), "where to drop it")
            assert not screen.sees("chat.dropHere")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
        await screen.hears("Imported 1 conversation.")
        assert not screen.sees("chat.importHere")
        history = screen.parts.view_model.history
        await until(lambda: history.account_empty is False, "it is listed")
        assert screen.parts.view_model.attaching.items == ()


async def test_another_file_dropped_on_the_sidebar_is_attached(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("Some notes.")
    async with opened_screen(tmp_path, "chat") as screen:
        async with dragging(chat(screen), url(notes), onto="chat.sidebar") as source:
            await until(lambda: screen.sees("chat.dropHere"), "the line that says where to drop")
            assert not screen.sees("chat.importHere")
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
        await until(lambda: len(screen.parts.view_model.attaching.items) == 1, "the attachment")


async def test_an_export_dropped_elsewhere_is_attached(tmp_path: Path) -> None:
    export = Path(shutil.copy(EXPORTS / "ours.json", tmp_path / "ours.json"))
    async with opened_screen(tmp_path, "chat") as screen:
        async with dragging(chat(screen), url(export), onto="chat.sidebar"):
            await until(lambda: screen.sees("chat.importHere"), "where to drop it")
            composer = screen.window.mapToGlobal(screen.window.rect().center())
            for step in range(12):
                await xdotool("mousemove", 200 + (composer.x() - 200) * step // 11, composer.y())
                await asyncio.sleep(0.04)
            await until(lambda: screen.sees("chat.dropHere"), "the line that says where to drop")
            assert not screen.sees("chat.importHere")
            await xdotool("mouseup", 1)
            await until(lambda: len(screen.parts.view_model.attaching.items) == 1, "the attachment")
        assert screen.told == []


async def test_what_is_no_export_is_said(tmp_path: Path) -> None:
    other = tmp_path / "package.json"
    other.write_text('{"name": "something"}')
    async with (
        opened_screen(tmp_path, "chat") as screen,
        dragging(chat(screen), url(other), onto="chat.sidebar"),
    ):
        await until(lambda: screen.sees("chat.importHere"), "where to drop it")
        await xdotool("mouseup", 1)
        await screen.hears("no export of AI Proxy Desktop, ChatGPT or Open WebUI")
