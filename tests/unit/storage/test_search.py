"""Search over a real database: what is found, what is not, and that no string can break it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import DamagedDatabaseError, StorageError
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.search import Found, Rest, SearchStore


@pytest.fixture
async def search(db: Database) -> AsyncIterator[SearchStore]:
    searching = SearchStore(db.path)
    yield searching
    await searching.close()


async def say(store: ConversationStore, title: str, *texts: str) -> str:
    conversation = await store.create(title)
    roles: tuple[Role, Role] = ("user", "assistant")
    said = [(roles[number % 2], text) for number, text in enumerate(texts)]
    await store.add_messages(conversation.id, said)
    return conversation.id


async def texts(search: SearchStore, typed: str) -> list[str]:
    """The snippets of all pages."""
    seen: list[str] = []
    rest: Rest | None = None
    while True:
        found = await search.find(typed, limit=3, rest=rest)
        assert found is not None
        seen += [hit.snippet.text for hit in found.messages]
        rest = found.rest
        if rest is None:
            return seen


async def test_messages_are_found_by_all_their_words_newest_first(
    store: ConversationStore, search: SearchStore
) -> None:
    first = await say(store, "Orders", "Our orders query got slow", "Look at the plan of the query")
    second = await say(store, "Other", "A slow cooker", "The QUERY planner is slow")
    assert await texts(search, "query") == [
        "The QUERY planner is slow",
        "Look at the plan of the query",
        "Our orders query got slow",
    ]
    assert await texts(search, "slow quer") == ["The QUERY planner is slow", "Our orders query got slow"]
    assert await texts(search, '"got slow"') == ["Our orders query got slow"]
    assert await texts(search, "q") == await texts(search, "query")
    assert await texts(search, "slow c") == ["A slow cooker"]
    assert await texts(search, "uery") == []
    found = await search.find("cooker")
    assert found is not None
    (hit,) = found.messages
    assert (hit.conversation_id, hit.title, hit.role, hit.archived) == (second, "Other", "user", False)
    message = await store.message(hit.message_id)
    assert (message.text, message.created_at) == ("A slow cooker", hit.at)
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.hits] == ["cooker"]
    assert first != second


async def test_titles_are_found_by_any_part_of_them(store: ConversationStore, search: SearchStore) -> None:
    for title in ("Straße nach Zürich", "ÜBER ZÜRICH", "100 % of_it", "elsewhere"):
        await store.create(title)

    async def titles(typed: str) -> list[str]:
        found = await search.find(typed)
        assert found is not None
        return [hit.title.text for hit in found.titles]

    assert await titles("zürich") == ["ÜBER ZÜRICH", "Straße nach Zürich"]
    assert await titles("zurich stra") == ["Straße nach Zürich"]
    assert await titles("% of_") == ["100 % of_it"]
    assert await titles("' OR 1=1 --") == []
    found = await search.find("üric")
    assert found is not None
    shown = found.titles[0].title
    assert [shown.text[start:end] for start, end in shown.hits] == ["ÜRIC"]


async def test_what_is_deleted_is_not_found_and_what_is_archived_is_marked(
    db: Database, store: ConversationStore, search: SearchStore
) -> None:
    library = LibraryStore(db)
    gone = await say(store, "needle one", "needle one")
    kept = await say(store, "needle two", "needle two", "needle three")
    await store.delete(gone)
    await library.set_archived(kept, archived=True)
    await db.run(
        lambda connection: connection.execute(
            "UPDATE messages SET deleted_at = 1 WHERE text = 'needle three'"
        )
    )
    found = await search.find("needle")
    assert found is not None
    assert [(hit.title.text, hit.archived) for hit in found.titles] == [("needle two", True)]
    assert [(hit.snippet.text, hit.archived) for hit in found.messages] == [("needle two", True)]
    await store.restore(gone)
    assert len(await texts(search, "needle")) == 2


async def test_what_the_index_cannot_know_is_looked_for_in_the_text(
    store: ConversationStore, search: SearchStore
) -> None:
    said = ("用户问数据库索引", "データベースが遅い", "ฐานข้อมูลช้า", "I like C++ and c", "Done 🎉", "plain C")
    await say(store, "Scripts", *said)
    assert await texts(search, "数据库") == [said[0]]
    assert await texts(search, "タベース") == [said[1]]
    assert await texts(search, "ข้อมูล") == [said[2]]
    assert await texts(search, "c++") == [said[3]]
    assert await texts(search, "c++ like") == [said[3]]
    assert await texts(search, "🎉") == [said[4]]
    assert await texts(search, "数据库 plain") == []


async def test_literal_search_goes_on_page_by_page_to_the_oldest_message(
    store: ConversationStore, search: SearchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiproxy_desktop.storage.search._WINDOW", 4)
    monkeypatch.setattr("aiproxy_desktop.storage.search._RECENT", 4)
    await say(store, "Long", "最早的", *(f"word {number}" for number in range(20)), "最新的")
    found = await search.find("最")
    assert found is not None
    assert len(found.messages) == 1
    assert found.rest is not None
    assert await texts(search, "最") == ["最新的", "最早的"]
    assert await texts(search, "w") == [f"word {number}" for number in reversed(range(20))]


@pytest.mark.parametrize("sorted_up_to", [5_000, 3])
async def test_what_was_imported_stands_where_its_time_is(
    db: Database,
    store: ConversationStore,
    search: SearchStore,
    monkeypatch: pytest.MonkeyPatch,
    sorted_up_to: int,
) -> None:
    await say(store, "New", "finch 1 today", "finch 2 today", "finch 3 today")
    await say(store, "Imported", *(f"finch {number} long ago" for number in (4, 5, 6, 7)))

    def age(connection: sqlite3.Connection) -> None:
        # Written down last, and out of order.
        connection.execute(
            "UPDATE messages SET created_at = created_at - 1000000000 * CAST(substr(text, 7, 1) AS INTEGER)"
            " WHERE text LIKE '%ago'"
        )

    await db.run(age)
    monkeypatch.setattr("aiproxy_desktop.storage.search._SORTED", sorted_up_to)
    found = [text.split()[1] for text in await texts(search, "finch")]
    if sorted_up_to == 3:  # too many to be sorted: the last that were written come first, and all of them
        assert found == ["7", "6", "5", "4", "3", "2", "1"]
    else:
        assert found == ["3", "2", "1", "4", "5", "6", "7"]


async def test_an_answer_is_found_once_it_is_whole(store: ConversationStore, search: SearchStore) -> None:
    from aiproxy_desktop.storage.records import Outcome

    turn = await store.add_turn("question", "m:a", title="t")
    await store.append(turn.answer.id, "xylophone")
    assert await texts(search, "xylophone") == []
    await store.finish(turn.answer.id, Outcome("complete"))
    assert await texts(search, "xylophone") == ["xylophone"]


async def test_a_newer_search_ends_the_older_one(store: ConversationStore, search: SearchStore) -> None:
    await say(store, "t", *("many words 数" for _ in range(300)))
    answers = await asyncio.gather(*(search.find(typed) for typed in ("m", "ma", "数", "man")))
    assert answers[:-1] == [None, None, None]
    assert answers[-1] is not None
    assert len(answers[-1].messages) == 50
    # Nothing typed ends it too.
    long, none = await asyncio.gather(search.find("many"), search.find(""))
    assert (long, none) == (None, Found())


async def test_it_reads_while_others_write(
    db: Database, store: ConversationStore, search: SearchStore
) -> None:
    await say(store, "t", "before")

    def work(connection: object) -> Found | None:
        return asyncio.run(SearchStoreOnce(db.path).find("before"))

    found = await db.run(work)  # inside a writing transaction
    assert found is not None
    assert len(found.messages) == 1


class SearchStoreOnce(SearchStore):
    """Closed after its one search."""

    async def find(self, text: str, limit: int = 50, rest: Rest | None = None) -> Found | None:
        try:
            return await super().find(text, limit, rest)
        finally:
            await self.close()


async def test_problems_are_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "not.db"
    path.write_bytes(b"no database" * 1000)
    search = SearchStore(path)
    with pytest.raises(DamagedDatabaseError):
        await search.find("word")
    await search.close()
    await search.close()
    with pytest.raises(StorageError, match="closed"):
        await search.find("word")


odd = st.one_of(
    st.text(st.characters(), max_size=60),
    st.text(st.sampled_from('ab"*^:+-(){}\\\0\ud800 数ค🎉é\u0301'), max_size=40),
    st.lists(st.sampled_from(["AND", "OR", "NOT", "NEAR", "text:", '"', "*", "a", "+", "C++"])).map(" ".join),
    st.sampled_from(
        ["x" * 100_000, "数" * 100_000, '"' * 100_000, "a " * 50_000, "\x00", "\ud800", "é" * 99]
    ),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "history.db"

    async def fill() -> None:
        database = await Database.open(path)
        store = ConversationStore(database)
        for number in range(5):
            await say(
                store, f"a {number} 数\x00", 'a "b" C++', "数ค🎉 é", "\ud800 x", "a\x00b e\u0301", "NEAR"
            )
        await database.close()

    asyncio.run(fill())
    return path


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(typed=odd)
def test_search_never_raises_on_any_string(filled: Path, typed: str) -> None:
    found = asyncio.run(SearchStoreOnce(filled).find(typed))
    assert found is not None
    for hit in found.messages:
        hit.snippet.text.encode()


@given(word=st.text(st.sampled_from("abcxyzé"), min_size=1, max_size=8), cut=st.integers(1, 8))
@settings(max_examples=40)
def test_what_was_said_is_found_by_how_it_begins(
    tmp_path_factory: pytest.TempPathFactory, word: str, cut: int
) -> None:
    async def check() -> None:
        database = await Database.open(tmp_path_factory.mktemp("search") / "h.db")
        try:
            await say(ConversationStore(database), "t", f"said {word} once")
            found = await SearchStoreOnce(database.path).find(word[:cut].upper())
            assert found is not None
            (hit,) = found.messages
            assert hit.snippet.hits
        finally:
            await database.close()

    asyncio.run(check())


async def test_what_was_found_is_shown_without_the_marks_of_its_writing(
    store: ConversationStore, search: SearchStore
) -> None:
    await say(store, "Causes", "## Causes\n\n1. **Stale statistics.** Run `ANALYZE` and **look** again.")
    assert await texts(search, "stale") == ["Causes 1. Stale statistics. Run ANALYZE and look again."]
    assert await texts(search, "statist") == ["Causes 1. Stale statistics. Run ANALYZE and look again."]
