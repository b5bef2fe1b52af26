"""The sidebar in a real window: search, folders, pins, the archive; with the keys and with the mouse."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QMenu, QWidget

from aiproxy_desktop.core.events import Finished, Started, TextDelta
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.ui.chat.sidebar.list_view import SidebarList
from tests.ui.chat_parts import MODEL, answer
from tests.ui.chat_window import Window, opened
from tests.waiting import until

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@asynccontextmanager
async def filled(folder: Path, count: int = 4) -> AsyncIterator[tuple[Window, list[str]]]:
    """A window over conversations "Talk 0" (the newest), "Talk 1", …, an hour apart."""
    async with opened(folder) as window:
        store = window.parts.store
        ids = []
        for number in range(count):
            made = await store.create(f"Talk {number}", MODEL)
            asked = f"Why is the query number {number} slow?"
            await store.add_messages(made.id, [("user", asked), ("assistant", f"Index {number} is missing.")])
            then = datetime.now(UTC) - timedelta(hours=number)
            at = [int(then.timestamp() * 1e6), made.id]
            await window.parts.database.run(partial(_use, values=at))
            ids.append(made.id)
        window.parts.view_model.library.load()
        await until(lambda: len(listed(window)) == min(count, 60), "the list")
        yield window, ids


def _use(connection: sqlite3.Connection, values: list[object]) -> None:
    connection.execute("UPDATE conversations SET updated_at = ? WHERE id = ?", values)


def listed(window: Window) -> list[str]:
    model = window.parts.view_model.history.model
    return [row.title for row in model.rows if row.conversation_id]


def rows(view: QListView) -> list[str]:
    return [str(view.model().index(row, 0).data()) for row in range(view.model().rowCount())]


def found(window: Window) -> list[str]:
    return rows(window.find(QListView, "chat.found"))


def search_field(window: Window) -> QLineEdit:
    return window.find(QLineEdit, "chat.search")


def says(window: Window, words: str) -> bool:
    return any(words in label.text() for label in window.window.findChildren(QLabel) if label.isVisible())


def click_row(view: SidebarList, key: str) -> None:
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.index_of(key)).center()
    )


def choose(name: str) -> None:
    """Trigger one entry of the menu that is open."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = menu.findChild(QAction, f"chat.conversations.menu.{name}")
    assert action is not None
    action.trigger()
    menu.close()


async def open_menu(window: Window, key: str) -> None:
    view = window.page.sidebar.view
    view.setCurrentIndex(view.index_of(key))
    view.setFocus()
    place = view.visualRect(view.index_of(key)).center()
    QTest.mouseMove(view.viewport(), place)
    view.menu_wanted.emit(key, view.viewport().mapToGlobal(place))
    await until(lambda: QApplication.activePopupWidget() is not None, "the menu")


async def test_typing_finds_titles_and_messages(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        window.press(Qt.Key.Key_F, CONTROL_SHIFT)
        field = search_field(window)
        assert field.hasFocus()
        QTest.keyClicks(field, "talk 2")
        await until(lambda: window.shows("chat.found") and found(window)[:2] == ["1 title", "Talk 2"])
        field.selectAll()
        QTest.keyClicks(field, "query number 1")
        await until(lambda: found(window) == ["1 message", "Talk 1"], "the message")
        # Down goes into the hits, Enter opens the conversation at the message.
        wanted: list[tuple[str, object]] = []
        window.parts.view_model.message_wanted.connect(lambda *told: wanted.append(told))
        window.press(Qt.Key.Key_Down)
        view = window.find(QListView, "chat.found")
        assert view.hasFocus()
        assert view.currentIndex().row() == 1
        window.press(Qt.Key.Key_Return)
        await until(lambda: wanted, "the message is wanted")
        assert window.parts.view_model.title == "Talk 1"
        (question, _answer) = window.parts.view_model.messages
        assert wanted == [(question.id, ("query", "number", "1"))]
        assert ids[1] == question.conversation_id
        # Esc in the field brings the list back.
        field.setFocus()
        window.press(Qt.Key.Key_Escape)
        assert window.shows("chat.conversations")
        assert field.text() == ""
        assert not window.shows("chat.found")


async def test_nothing_found_is_said(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, _):
        QTest.keyClicks(search_field(window), "no such words")
        await until(lambda: says(window, "Nothing found"))
        assert not says(window, "No conversations yet")
        search_field(window).clear()
        await until(lambda: not says(window, "Nothing found"))
        assert len(listed(window)) == 4


async def test_only_the_newest_search_is_shown(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, _):
        field = search_field(window)
        for text in ("q", "qu", "que", "query number 3", "talk 0"):
            field.setText(text)
        await until(lambda: window.shows("chat.found") and found(window)[:2] == ["1 title", "Talk 0"])
        assert window.parts.view_model.library.finding.words == ("talk", "0")
        field.setText("anything")
        field.setText("")
        assert window.shows("chat.conversations")


async def test_a_hit_on_another_branch_is_shown_with_its_branch(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        store, model = window.parts.store, window.parts.view_model
        first = await store.add_turn("How do birds fly?", MODEL, title="Birds")
        other = await store.add_turn(
            "How do penguins swim?",
            MODEL,
            conversation_id=first.conversation.id,
            version_of=first.question.id,
        )
        await store.recover()
        model.library.load()
        assert (await store.get(first.conversation.id)).leaf_id == other.answer.id
        QTest.keyClicks(search_field(window), "birds fl")
        await until(lambda: window.shows("chat.found") and found(window) == ["1 message", "Birds"])
        QTest.keyClick(search_field(window), Qt.Key.Key_Return)
        # It opens where it stood, and goes over to the branch of the hit.
        await until(lambda: [it.text for it in model.messages][:1] == ["How do birds fly?"], "the branch")
        # The branch that is open stays open where the message is on it.
        QTest.keyClick(search_field(window), Qt.Key.Key_Return)
        await until(lambda: model.conversation is not None)
        assert model.messages[0].id == first.question.id


async def test_a_long_list_of_hits_comes_page_by_page(tmp_path: Path) -> None:
    async with filled(tmp_path, 3) as (window, ids):
        said = [("user", f"needle {number}") for number in range(120)]
        await window.parts.store.add_messages(ids[0], said)  # type: ignore[arg-type]  # only users
        QTest.keyClicks(search_field(window), "needle")
        await until(lambda: window.shows("chat.found") and len(found(window)) > 50)
        view = window.find(QListView, "chat.found")
        assert rows(view)[0] == "50 messages and more"
        view.setFocus()
        while rows(view)[0] != "120 messages":
            view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
            await asyncio.sleep(0)
        assert len(rows(view)) == 121


async def test_a_conversation_is_pinned_and_archived_by_keys(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        view = window.page.sidebar.view
        view.setFocus(Qt.FocusReason.TabFocusReason)
        view.setCurrentIndex(view.index_of(ids[2]))
        window.press(Qt.Key.Key_P, CONTROL_SHIFT)
        assert rows(view)[:2] == ["Pinned", "Talk 2"]
        view.setCurrentIndex(view.index_of(ids[1]))
        window.press(Qt.Key.Key_H, CONTROL_SHIFT)
        assert listed(window) == ["Talk 2", "Talk 0", "Talk 3"]
        await until(lambda: says(window, "“Talk 1” archived"), "the toast")
        await until(lambda: window.parts.view_model.library.shelves.counts.archived == 1)
        library = LibraryStore(window.parts.database)
        assert [item.title for item in await library.pinned()] == ["Talk 2"]
        window.click("chat.shelf.archived")
        await until(lambda: listed(window) == ["Talk 1"], "the archive")
        assert says(window, "“Talk 1” archived")
        window.click("shell.toast.action")
        await until(lambda: says(window, "Nothing is archived"))
        window.click("chat.back")
        await until(lambda: listed(window) == ["Talk 2", "Talk 0", "Talk 1", "Talk 3"])


async def test_folders_are_made_named_opened_and_deleted(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        window.click("chat.shelf.folders")
        assert says(window, "No folders yet")
        window.click("chat.newFolder")
        await until(lambda: window.shows("chat.folders.rename"), "its name can be typed")
        QTest.keyClicks(window.find(QLineEdit, "chat.folders.rename"), "Work")
        QTest.keyClick(window.find(QLineEdit, "chat.folders.rename"), Qt.Key.Key_Return)
        library = LibraryStore(window.parts.database)
        folders = window.find(SidebarList, "chat.folders")
        await until(lambda: rows(folders) == ["Work"])
        (work,) = await library.folders()
        assert work.name == "Work"
        window.click("chat.back")
        await until(lambda: not window.parts.view_model.history.reading)
        await open_menu(window, ids[1])
        choose(f"move.{work.id}")
        await until(lambda: says(window, "“Talk 1” moved to Work"))
        window.click("chat.shelf.folders")
        click_row(folders, work.id)
        await until(lambda: listed(window) == ["Talk 1"], "what is in it")
        # A new chat begins in the folder that is open.
        window.click("chat.newChat")
        await window.ask("In the folder")
        await window.answered()
        await until(lambda: listed(window) == ["In the folder", "Talk 1"])
        assert {item.folder_id for item in await library.page() if item.title != "Talk 0"} >= {work.id}


async def test_a_folder_goes_and_its_conversations_stay(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        library = LibraryStore(window.parts.database)
        work = await library.create_folder("Work")
        await library.move(ids[0], work.id)
        window.parts.view_model.library.load()
        window.click("chat.shelf.folders")
        folders = window.find(SidebarList, "chat.folders")
        await until(lambda: rows(folders) == ["Work"])
        folders.setCurrentIndex(folders.index_of(work.id))
        QTest.keyClick(folders, Qt.Key.Key_Delete)
        await until(lambda: says(window, "Its conversations stay"))
        window.window.toasts.leave_all()
        shelves = window.parts.view_model.library.shelves
        await until(lambda: not shelves.folders)
        window.click("chat.back")
        await until(lambda: not window.parts.view_model.history.reading)
        assert len(listed(window)) == 4


async def test_a_deleted_folder_can_be_brought_back(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        library = LibraryStore(window.parts.database)
        work = await library.create_folder("Work")
        await library.move(ids[0], work.id)
        window.parts.view_model.library.load()
        window.click("chat.shelf.folders")
        folders = window.find(SidebarList, "chat.folders")
        await until(lambda: rows(folders) == ["Work"])
        folders.setCurrentIndex(folders.index_of(work.id))
        QTest.keyClick(folders, Qt.Key.Key_Delete)
        await until(lambda: rows(folders) == [])
        window.click("shell.toast.action")
        assert rows(folders) == ["Work"]
        assert (await library.folders())[0].count == 1


def _move(view: SidebarList, to: QPoint) -> None:
    place = QPointF(view.viewport().mapToGlobal(to))
    QApplication.sendEvent(
        view.viewport(),
        QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(to),
            place,
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )


async def test_a_conversation_is_dragged_onto_a_folder(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        library = LibraryStore(window.parts.database)
        await library.create_folder("Home")
        work = await library.create_folder("Work")
        window.parts.view_model.library.load()
        await until(lambda: len(window.parts.view_model.library.shelves.folders) == 2)
        view = window.page.sidebar.view

        async def drag(key: str, release: bool = True) -> None:
            start = view.visualRect(view.index_of(key)).center()
            QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
            _move(view, start + QPoint(0, 2))
            assert not window.shows("chat.dropFolders")
            _move(view, start + QPoint(0, 40))
            panel = window.find(QWidget, "chat.dropFolders")
            # The second of the two folders, under the label.
            spot = view.viewport().mapFromGlobal(panel.mapToGlobal(QPoint(60, 32 + 32 + 16)))
            _move(view, spot)
            if release:
                QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)

        await drag(ids[2])
        assert not window.shows("chat.dropFolders")
        await until(lambda: says(window, "“Talk 2” moved to Work"))
        shelves = window.parts.view_model.library.shelves
        await until(lambda: [folder.count for folder in shelves.folders] == [0, 1])
        assert (await window.parts.store.get(ids[2])).folder_id == work.id
        assert window.parts.view_model.conversation is None  # nothing was opened by letting go
        await drag(ids[1], release=False)
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert not window.shows("chat.dropFolders")
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        assert (await window.parts.store.get(ids[1])).folder_id is None


async def test_a_menu_moves_a_conversation_into_a_new_folder(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        await open_menu(window, ids[0])
        choose("move.new")
        await until(lambda: window.shows("chat.folders.rename"), "the new folder's name")
        QTest.keyClick(window.find(QLineEdit, "chat.folders.rename"), Qt.Key.Key_Return)
        (made,) = await LibraryStore(window.parts.database).folders()
        assert made.name == "New folder"
        assert (await window.parts.store.get(ids[0])).folder_id == made.id


async def test_export_is_asked_for(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        wanted: list[tuple[str, str]] = []
        window.page.sidebar.can_export = True
        window.page.sidebar.export_wanted.connect(lambda *asked: wanted.append(asked))
        await open_menu(window, ids[3])
        choose("export.markdown")
        assert wanted == [(ids[3], "markdown")]


async def test_keys_go_through_the_list(tmp_path: Path) -> None:
    async with filled(tmp_path, 70) as (window, ids):
        view = window.page.sidebar.view
        view.setFocus(Qt.FocusReason.TabFocusReason)
        assert view.pointed_id() == ids[0]
        window.press(Qt.Key.Key_Down)
        assert view.pointed_id() == ids[1]
        window.press(Qt.Key.Key_PageDown)
        assert view.pointed_id() not in {ids[0], ids[1]}
        window.press(Qt.Key.Key_End)
        await until(lambda: len(listed(window)) == 70, "the rest is read")
        window.press(Qt.Key.Key_End)
        assert view.pointed_id() == ids[69]
        window.press(Qt.Key.Key_Home)
        assert view.pointed_id() == ids[0]
        # Letters jump to a title; a space among them does not open anything.
        QTest.keyClicks(view, "talk 33")
        assert view.pointed_id() == ids[33]
        assert window.parts.view_model.conversation is None


async def test_a_model_names_a_new_conversation(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        said = answer("Because there is no index.")
        title = (Started("scripted", "script"), TextDelta("**Slow query**"), Finished("stop"))
        provider = ScriptedProvider(said, then=[title, said])
        await window.parts.registry.replace(provider)
        turn = await window.parts.chat.begin("Why is my query slow?", "scripted:script")
        window.parts.view_model.answers.start(turn)
        window.parts.view_model.history.put(turn.conversation)
        window.parts.view_model.open(turn.conversation.id)
        await until(lambda: listed(window) == ["Slow query"], "the title")
        assert window.parts.view_model.title == "Slow query"
        assert (await window.parts.store.get(turn.conversation.id)).titled_by == "model"
        # Switched off, the first words stay.
        await window.parts.settings.update(auto_titles=False)
        turn = await window.parts.chat.begin("Another question", "scripted:script")
        window.parts.view_model.answers.start(turn)
        window.parts.view_model.history.put(turn.conversation)
        await until(lambda: not window.parts.view_model.answers.conversations())
        assert len(provider.requests) == 3
        assert listed(window)[0] == "Another question"


async def test_a_title_being_typed_is_not_taken_away(tmp_path: Path) -> None:
    async with filled(tmp_path) as (window, ids):
        view = window.page.sidebar.view
        view.rename(ids[1])
        editor = window.find(QLineEdit, "chat.conversations.rename")
        QTest.keyClicks(editor, "My own")
        window.parts.view_model.history.titled(ids[1], "From the model")
        assert editor.text() == "My own"
        QTest.keyClick(editor, Qt.Key.Key_Return)
        await until(lambda: "My own" in listed(window))
