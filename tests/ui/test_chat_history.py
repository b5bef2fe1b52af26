"""The conversation list: paging, search, rename, delete and bring back, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt, QTimer

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.library import ARCHIVE, EVERYTHING, LibraryStore, Shelf
from aiproxy_desktop.ui.chat.sidebar.conversation_list import ConversationListModel, ListRow
from aiproxy_desktop.ui.chat.sidebar.history import PAGE, History
from tests.waiting import until

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Stored(ConversationStore):
    """With the lists of the same database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.library = LibraryStore(database)


@asynccontextmanager
async def stored(folder: Path) -> AsyncIterator[tuple[Stored, Clock]]:
    database = await Database.open(folder / "history.sqlite")
    clock = Clock()
    try:
        yield Stored(database, clock), clock
    finally:
        await database.close()


@asynccontextmanager
async def listed(store: Stored) -> AsyncIterator[tuple[History, list[AIProxyError]]]:
    problems: list[Exception] = []
    failed: list[AIProxyError] = []
    scope = TaskScope("test", problems.append)
    history = History(store, store.library, scope, today=lambda: date(2026, 11, 22))
    history.failed.connect(failed.append)
    history.load()
    await until(lambda: history.account_empty is not None, "the first page")
    try:
        yield history, failed
    finally:
        await history.settle()
        await scope.close()
        history.deleteLater()
    assert not problems


async def fill(store: ConversationStore, clock: Clock, count: int) -> list[str]:
    """Conversations an hour apart, the newest first in the answer."""
    ids = []
    for number in reversed(range(count)):
        clock.now = NOW - timedelta(hours=number)
        ids.append((await store.create(f"Conversation {number}")).id)
    clock.now = NOW
    return ids[::-1]


def titles(history: History) -> list[str]:
    return [row.title for row in history.model.rows]


async def test_conversations_stand_under_their_dates(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        for days, title in ((400, "old"), (3, "recent"), (1, "yesterday"), (0, "today")):
            clock.now = NOW - timedelta(days=days)
            await store.create(title)
        async with listed(store) as (history, _):
            assert titles(history) == [
                "Today",
                "today",
                "Yesterday",
                "yesterday",
                "Previous 7 days",
                "recent",
                "October 2025",
                "old",
            ]
            assert history.account_empty is False


async def test_an_empty_account_is_known_as_such(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, _), listed(store) as (history, _failed):
        assert history.account_empty is True
        history.put(await store.create("First"))
        assert history.account_empty is False


async def test_pages_come_as_one_scrolls(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        await fill(store, clock, 2 * PAGE + 5)
        async with listed(store) as (history, _):

            def loaded() -> int:
                return sum(row.conversation_id is not None for row in history.model.rows)

            assert loaded() == PAGE
            nowhere = QModelIndex()
            assert history.model.canFetchMore(nowhere)
            history.model.fetchMore(nowhere)
            assert not history.model.canFetchMore(nowhere)
            await until(lambda: loaded() == 2 * PAGE)
            history.model.fetchMore(nowhere)
            await until(lambda: loaded() == 2 * PAGE + 5)
            assert not history.model.canFetchMore(nowhere)
            names = [row.title for row in history.model.rows if row.conversation_id]
            assert names == [f"Conversation {number}" for number in range(2 * PAGE + 5)]


async def test_a_renamed_conversation_stays_where_it_was(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 3)
        async with listed(store) as (history, failed):
            index = history.model.index_of(ids[1])
            assert history.model.setData(index, "  Another \n title ")
            assert titles(history) == ["Today", "Conversation 0", "Another title", "Conversation 2"]
            assert not history.model.setData(history.model.index_of(ids[1]), "   ")
            assert not history.model.setData(history.model.index_of(ids[1]), "Another title")
            await until_title(store, ids[1], "Another title")
            assert not failed


async def until_title(store: ConversationStore, identity: str, title: str) -> None:
    for _ in range(1000):
        if (await store.get(identity)).title == title:
            return
    raise AssertionError("the title never changed")


async def test_a_deleted_conversation_can_be_brought_back(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 3)
        offered: list[str] = []
        async with listed(store) as (history, failed):
            history.deleted.connect(lambda identity, _title: offered.append(identity))
            history.delete(ids[1])
            assert titles(history) == ["Today", "Conversation 0", "Conversation 2"]
            await until(lambda: offered == [ids[1]], "the offer to undo")
            history.undo_delete(ids[1])
            assert titles(history)[2] == "Conversation 1"
            history.confirm_delete(ids[1])  # its time is over, but it was brought back
            history.delete(ids[0])
            history.undo_delete(ids[0])
            await until(lambda: len(offered) == 2)
            assert not failed
        assert [item.id for item in await store.page()] == ids
        assert await store.recover() == 0
        assert [item.id for item in await store.page()] == ids


@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_deletion_is_carried_out_in_time_or_at_the_end(tmp_path: Path, *, confirmed: bool) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 2)
        async with listed(store) as (history, failed):
            offered: list[str] = []
            history.deleted.connect(lambda identity, _title: offered.append(identity))
            history.delete(ids[0])
            await until(lambda: offered)
            if confirmed:
                history.confirm_delete(ids[0])
            assert not failed
        with pytest.raises(MissingConversationError):
            await store.restore(ids[0])
        assert [item.id for item in await store.page()] == ids[1:]


async def test_a_hidden_conversation_stays_hidden_when_the_list_is_read_again(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 2)
        async with listed(store) as (history, _):
            history.delete(ids[0])
            history.load()
            history.open_shelf(ARCHIVE)
            history.open_shelf(EVERYTHING)
            history.put(await store.create("New"))
            await until(lambda: "New" in titles(history))
            assert "Conversation 0" not in titles(history)


async def test_the_account_is_empty_again_when_its_last_conversation_goes(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        (only,) = await fill(store, clock, 1)
        async with listed(store) as (history, _):
            history.delete(only)
            assert history.account_empty is True
            history.undo_delete(only)
            assert history.account_empty is False


async def test_what_is_used_moves_to_the_top_and_what_streams_is_marked(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 3)
        async with listed(store) as (history, _):
            clock.now = NOW + timedelta(minutes=1)
            await store.add_messages(ids[2], [("user", "again")])
            history.put(await store.get(ids[2]))
            history.set_current(await store.get(ids[2]))
            history.set_streaming(frozenset({ids[2], ids[0]}))
            rows = history.model.rows
            assert [row.conversation_id for row in rows] == [None, ids[2], ids[0], ids[1]]
            assert [row.current for row in rows] == [False, True, False, False]
            assert [row.streaming for row in rows] == [False, True, True, False]
            role = Qt.ItemDataRole.AccessibleTextRole
            assert history.model.index_of(ids[0]).data(role) == "Conversation 0, answering"


async def test_pinned_ones_stand_first_and_the_archived_elsewhere(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 4)
        async with listed(store) as (history, failed):
            history.set_pinned(ids[3], pinned=True)
            history.set_pinned(ids[1], pinned=True)
            history.set_archived(ids[2], archived=True)
            shown = ["Pinned", "Conversation 3", "Conversation 1", "Today", "Conversation 0"]
            assert titles(history) == shown
            history.load()
            await until(lambda: not history.reading)
            assert titles(history) == shown
            history.open_shelf(ARCHIVE)
            assert titles(history) == []
            await until(lambda: titles(history) == ["Today", "Conversation 2"])
            history.set_archived(ids[2], archived=False)
            assert history.empty
            history.open_shelf(EVERYTHING)
            await until(lambda: not history.reading)
            assert titles(history)[3:] == ["Today", "Conversation 0", "Conversation 2"]
            history.set_pinned(ids[3], pinned=False)
            assert titles(history)[-1] == "Conversation 3"
            assert not failed


async def test_an_account_whose_conversations_are_all_archived_is_not_empty(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        (only,) = await fill(store, clock, 1)
        async with listed(store) as (history, _):
            history.set_archived(only, archived=True)
            assert history.empty
            assert history.account_empty is False
            history.load()
            await until(lambda: not history.reading)
            assert history.account_empty is False


async def test_what_storage_refuses_is_taken_back(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 2)
        async with listed(store) as (history, failed):
            await store.delete(ids[0])
            await store.purge(ids[0])
            history.set_pinned(ids[0], pinned=True)
            assert titles(history)[0] == "Pinned"
            await until(lambda: failed)
            assert titles(history) == ["Today", "Conversation 0", "Conversation 1"]


async def test_a_title_from_a_model_comes_quietly_and_not_over_a_persons(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        ids = await fill(store, clock, 2)
        async with listed(store) as (history, _):
            history.titled(ids[0], "From the model")
            history.rename(ids[1], "Mine")
            history.titled(ids[1], "From the model")
            assert titles(history) == ["Today", "From the model", "Mine"]


async def test_what_was_begun_in_a_folder_is_there(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        await fill(store, clock, 2)
        folder = await store.library.create_folder("Work")
        async with listed(store) as (history, _):
            history.open_shelf(Shelf("folder", folder.id))
            await until(lambda: not history.reading)
            history.put_into(await store.create("In the folder"), folder.id)
            history.put_into(await store.create("Elsewhere"), None)
            assert titles(history) == ["Today", "In the folder"]
        assert [item.title for item in await store.library.page(Shelf("folder", folder.id))] == [
            "In the folder"
        ]


async def test_groups_move_on_at_midnight(tmp_path: Path) -> None:
    async with stored(tmp_path) as (store, clock):
        await fill(store, clock, 1)
        days = [date(2026, 11, 22)]
        problems: list[Exception] = []
        scope = TaskScope("test", problems.append)
        history = History(store, store.library, scope, today=lambda: days[-1])
        history.load()
        await until(lambda: history.account_empty is not None)
        assert titles(history)[0] == "Today"
        (timer,) = history.findChildren(QTimer)
        assert timer.isActive()
        days.append(date(2026, 11, 23))
        timer.setInterval(0)
        await until(lambda: titles(history)[0] == "Yesterday")
        assert timer.isActive()
        await history.settle()
        assert not timer.isActive()
        await scope.close()
        history.deleteLater()
        assert not problems


def test_the_model_changes_only_the_rows_that_differ() -> None:
    model = ConversationListModel()
    changes: list[tuple[str, int, int]] = []
    model.rowsRemoved.connect(lambda _p, first, last: changes.append(("-", first, last)))
    model.rowsInserted.connect(lambda _p, first, last: changes.append(("+", first, last)))
    model.dataChanged.connect(lambda first, last, _roles: changes.append(("~", first.row(), last.row())))

    def row(name: str, *, current: bool = False) -> ListRow:
        return ListRow(name, name, current)

    model.show([ListRow("Today"), row("a"), row("b"), row("c")], more=False)
    assert changes == [("+", 0, 3)]
    changes.clear()
    model.show([ListRow("Today"), row("a"), row("b", current=True), row("c")], more=False)
    assert changes == [("~", 2, 2)]
    changes.clear()
    model.show([ListRow("Today"), row("a"), row("x"), row("c")], more=False)
    assert changes == [("-", 2, 2), ("+", 2, 2)]
    changes.clear()
    model.show([], more=True)
    assert changes == [("-", 0, 3)]
    model.deleteLater()
