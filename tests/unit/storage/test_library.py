from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from aiproxy_desktop.storage.conversations import Conversation, ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.library import (
    ARCHIVE,
    EVERYTHING,
    Counts,
    LibraryStore,
    Shelf,
    page_statement,
    pinned_statement,
)

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(db: Database) -> ConversationStore:
    # Every three have the same time, as fast machines make them.
    ticks = count()
    return ConversationStore(db, lambda: START + timedelta(seconds=next(ticks) // 3))


@pytest.fixture
def library(db: Database) -> LibraryStore:
    ticks = count()
    return LibraryStore(db, lambda: START + timedelta(hours=1, seconds=next(ticks)))


async def titles(library: LibraryStore, shelf: Shelf = EVERYTHING) -> list[str]:
    return [item.title for item in await library.page(shelf)]


async def made(store: ConversationStore, *names: str) -> list[Conversation]:
    return [await store.create(name) for name in names]


@pytest.mark.parametrize("kind", ["all", "folder", "archived"])
async def test_pages_go_through_a_shelf_without_gap_or_repeat(
    store: ConversationStore, library: LibraryStore, kind: str
) -> None:
    folder = await library.create_folder("Work")
    for number in range(50):
        item = await store.create(f"{number}")
        if number % 2:
            await library.move(item.id, folder.id)
            if kind == "archived":
                await library.set_archived(item.id, archived=True)
    shelf = {"all": EVERYTHING, "folder": Shelf("folder", folder.id), "archived": ARCHIVE}[kind]
    seen: list[Conversation] = []
    while page := await library.page(shelf, 7, seen[-1] if seen else None):
        seen += page
    wanted = range(50) if kind == "all" else range(1, 50, 2)
    assert sorted(int(item.title) for item in seen) == list(wanted)
    places = [(item.updated_at, item.id) for item in seen]
    assert places == sorted(places, reverse=True)
    assert all(shelf.holds(item) for item in seen)


async def test_pins_stand_apart_in_the_order_in_which_they_were_set(
    store: ConversationStore, library: LibraryStore
) -> None:
    one, two, three, four = await made(store, "one", "two", "three", "four")
    for item in (three, one, four):
        await library.set_pinned(item.id, pinned=True)
    await library.set_pinned(four.id, pinned=False)
    assert [item.title for item in await library.pinned()] == ["three", "one"]
    assert sorted(await titles(library)) == ["four", "two"]
    await library.set_archived(one.id, archived=True)
    assert [item.title for item in await library.pinned()] == ["three"]
    assert await library.pinned(ARCHIVE) == ()
    assert await titles(library, ARCHIVE) == ["one"]
    await library.set_archived(one.id, archived=False)
    assert [item.title for item in await library.pinned()] == ["three", "one"]
    folder = await library.create_folder("Work")
    await library.move(one.id, folder.id)
    await library.move(two.id, folder.id)
    assert [item.title for item in await library.pinned(Shelf("folder", folder.id))] == ["one"]
    assert await titles(library, Shelf("folder", folder.id)) == ["two"]


async def test_folders_come_and_go_and_what_was_in_them_stays(
    store: ConversationStore, library: LibraryStore
) -> None:
    one, two, three = await made(store, "one", "two", "three")
    work = await library.create_folder("work")
    home = await library.create_folder("Home")
    await library.move(one.id, work.id)
    await library.move(two.id, work.id)
    await library.move(three.id, home.id)
    await library.set_archived(two.id, archived=True)
    assert [(folder.name, folder.count) for folder in await library.folders()] == [("Home", 1), ("work", 1)]
    await library.rename_folder(work.id, "Büro")
    await library.move(three.id, work.id)
    assert [(folder.name, folder.count) for folder in await library.folders()] == [("Büro", 2), ("Home", 0)]
    await library.delete_folder(work.id)
    assert [folder.name for folder in await library.folders()] == ["Home"]
    assert {item.folder_id for item in await library.page()} == {None}
    assert len(await library.page()) == 2
    # A folder that went meanwhile takes nothing with it.
    await library.move(one.id, work.id)
    assert (await store.get(one.id)).folder_id is None


async def test_only_what_is_there_is_counted(store: ConversationStore, library: LibraryStore) -> None:
    assert await library.counts() == Counts(0, 0)
    one, two, _three = await made(store, "one", "two", "three")
    await library.set_archived(one.id, archived=True)
    assert await library.counts() == Counts(2, 1)
    await store.delete(one.id)
    await store.delete(two.id)
    assert await library.counts() == Counts(1, 0)


async def test_a_model_gives_a_title_only_where_no_person_did(
    store: ConversationStore, library: LibraryStore
) -> None:
    one, two = await made(store, "first words", "other words")
    assert await library.title_by_model(one.id, "A title")
    assert ((await store.get(one.id)).title, (await store.get(one.id)).titled_by) == ("A title", "model")
    assert not await library.title_by_model(one.id, "Another")
    await store.rename(two.id, "Mine")
    assert not await library.title_by_model(two.id, "A title")
    assert (await store.get(two.id)).title == "Mine"
    assert not await library.title_by_model("gone", "A title")


@pytest.mark.parametrize(
    "change",
    [
        lambda library: library.set_pinned("gone", pinned=True),
        lambda library: library.set_archived("gone", archived=True),
        lambda library: library.move("gone", None),
    ],
)
async def test_what_is_gone_cannot_be_arranged(
    library: LibraryStore, change: Callable[[LibraryStore], Awaitable[None]]
) -> None:
    with pytest.raises(MissingConversationError):
        await change(library)


async def test_no_list_is_sorted_or_read_whole(
    db: Database, store: ConversationStore, library: LibraryStore
) -> None:
    folder = await library.create_folder("Work")
    before = await store.create("one")
    in_folder = Shelf("folder", folder.id)

    async def plan(statement: tuple[str, list[object]]) -> list[str]:
        sql, values = statement
        rows = await db.read(
            lambda connection: connection.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()
        )
        return [row[3] for row in rows]

    for shelf, index in ((EVERYTHING, "conversations_by_update"), (ARCHIVE, "conversations_archived")):
        assert await plan(page_statement(shelf, 60, None)) == [f"SCAN conversations USING INDEX {index}"]
        later = await plan(page_statement(shelf, 60, before))
        assert later == [f"SEARCH conversations USING INDEX {index} ((updated_at,id)<(?,?))"]
    # A folder reads and sorts its own conversations and no others.
    for start in (None, before):
        found, _sorted = await plan(page_statement(in_folder, 60, start))
        assert found == "SEARCH conversations USING INDEX conversations_by_folder (folder_id=?)"
    for shelf in (EVERYTHING, in_folder):
        (pins,) = await plan(pinned_statement(shelf))
        assert pins.endswith("USING INDEX conversations_pinned (pinned_at>?)")
