"""What is written and not sent: there again after a restart, in each conversation, until it is sent."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.storage.drafts import NEW_CHAT, Draft, DraftStore
from aiproxy_desktop.storage.records import Attachment
from tests.ui.attachment_parts import SEEING, loaded, names, picture, text, use_models
from tests.ui.chat_window import opened
from tests.waiting import until

PICTURE = Attachment("ab" * 32, "plan.png", "image", "image/png", 1234, width=10, height=20, tokens=85)


async def test_a_draft_of_a_new_chat_is_there_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("Half a thou")
    async with opened(tmp_path) as window:
        await until(lambda: window.composer.toPlainText() == "Half a thou", "the draft")
        window.type("ght")
        QTest.keyClick(window.composer, Qt.Key.Key_Return)
        await window.answered()
    async with opened(tmp_path) as window:
        assert await DraftStore(window.parts.database).places() == frozenset()
        assert window.composer.toPlainText() == ""


async def test_a_draft_is_written_while_one_types(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        store = DraftStore(window.parts.database)
        window.type("Killed n")
        # No close: what a killed process leaves is what is in the database.
        kept = Draft()
        for _try in range(3000):
            kept = await store.read(NEW_CHAT)
            if kept:
                break
            await asyncio.sleep(0.01)
        assert kept.text == "Killed n"


async def test_each_conversation_has_its_own_draft(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        await window.ask("First")
        await window.answered()
        assert vm.conversation is not None
        first = vm.conversation.id
        window.type("for the first")
        window.page.sidebar.new_button.click()
        await until(lambda: vm.conversation is None)
        assert window.composer.toPlainText() == ""
        window.type("for a new one")
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        await until(lambda: window.composer.toPlainText() == "for a new one")
        vm.open(first)
        await until(lambda: window.composer.toPlainText() == "for the first")
        vm.new_conversation()
        assert window.composer.toPlainText() == "for a new one"


async def test_the_draft_of_a_purged_conversation_goes_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        vm = window.parts.view_model
        await window.ask("First")
        await window.answered()
        assert vm.conversation is not None
        window.type("more")
        vm.history.delete(vm.conversation.id)
        await until(lambda: vm.conversation is None)
    async with opened(tmp_path) as window:
        assert await DraftStore(window.parts.database).places() == frozenset()


async def test_attachments_come_back_with_the_text(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("Look")
        window.parts.view_model.writing.drafts.keep_attachments(NEW_CHAT, (PICTURE,))
    async with opened(tmp_path) as window:
        drafts = window.parts.view_model.writing.drafts
        await until(lambda: window.composer.toPlainText() == "Look")
        assert drafts.attachments(NEW_CHAT) == (PICTURE,)
        drafts.sent(NEW_CHAT, "Look")
        store = DraftStore(window.parts.database)
        await drafts.settle()
        assert await store.read(NEW_CHAT) == Draft()


async def test_what_a_killed_process_leaves_is_the_draft_with_its_files(tmp_path: Path) -> None:
    alive, left = tmp_path / "alive", tmp_path / "left"
    alive.mkdir()
    notes, image = text(tmp_path / "notes.md"), picture(tmp_path / "plan.png")
    async with opened(alive) as window:
        store = DraftStore(window.parts.database)
        window.type("What is planned?")
        window.parts.view_model.attaching.add_paths([notes, image])
        await loaded(window, 2)
        for _try in range(3000):
            if len((await store.read(NEW_CHAT)).attachments) == 2:
                break
            await asyncio.sleep(0.01)
        # Nothing is closed: this is what lies on the disk when the process is gone.
        shutil.copytree(alive, left)
    for blob in (left / "attachments").rglob("*"):
        os.utime(blob, (1e9, 1e9))
    notes.unlink()
    async with opened(left) as window:
        await use_models(window, ModelInfo("see", "builtin", "seeing-1", local=True, capabilities=SEEING))
        await loaded(window, 2)
        assert window.composer.toPlainText() == "What is planned?"
        assert [name.partition(",")[0] for name in names(window)] == ["notes.md", "plan.png"]
        assert await window.parts.chat.collect_blobs() == 0
        QTest.keyClick(window.composer, Qt.Key.Key_Return)
        await window.answered()
        (note, _) = window.parts.view_model.messages[0].attachments
        assert await window.parts.view_model.attaching.bytes_of(note) == b"Milk, bread, candles"
        assert not await DraftStore(window.parts.database).places()


async def test_whoever_shows_attachments_is_told_what_came_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await DraftStore(window.parts.database).write("", Draft("x", (PICTURE,)))
        drafts = type(window.parts.view_model.writing.drafts)(
            DraftStore(window.parts.database), window.parts.view_model.scope
        )
        told: list[tuple[str, object]] = []
        drafts.restored.connect(lambda place, attachments: told.append((place, attachments)))
        await drafts.load("")
        assert told == [("", (PICTURE,))]
        drafts.deleteLater()
