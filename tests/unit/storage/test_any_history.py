"""Whatever is done to a history, in whatever order, what hangs together stays in step."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database, encode_text
from aiproxy_desktop.storage.migrations import MIGRATIONS
from aiproxy_desktop.storage.search import SearchStore
from tests.unit.storage.acts import ACTS, Act, Life

_EXPECTED = """
    SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.deleted_at IS NULL AND c.deleted_at IS NULL AND ' ' || m.text || ' ' LIKE '% thyme %'
"""


@settings(max_examples=100)
@given(ACTS)
def test_index_tree_and_lists_stay_in_step(acts: list[Act]) -> None:
    asyncio.run(_live(acts))


async def _live(acts: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as name:
        db = await Database.open(Path(name) / "conversations.db")
        search = SearchStore(db.path)
        try:
            life = Life.over(db)
            await life.act(acts)
            await db.run(_must_be_in_step)
            found = await search.find('"thyme"', 1000)
            expected = await db.read(lambda c: {row[0] for row in c.execute(_EXPECTED)})
            assert found is not None
            assert {hit.message_id for hit in found.messages} == expected
            counts = await life.library.counts()
            assert counts.listed + counts.archived == len(await life.archives.ids())
            await life.store.recover()
            await db.run(_must_be_in_step)
            gone = await db.read(
                lambda c: c.execute(
                    "SELECT (SELECT count(*) FROM conversations WHERE deleted_at IS NOT NULL)"
                    " + (SELECT count(*) FROM messages WHERE deleted_at IS NOT NULL OR status = 'streaming')"
                ).fetchone()
            )
            assert gone == (0,)
        finally:
            await search.close()
            await db.close()


def _must_be_in_step(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    # The index says what a new one made of the messages says: every word at every place.
    connection.execute(
        "CREATE VIRTUAL TABLE temp.new_index USING fts5 (text, tokenize='unicode61 remove_diacritics 2')"
    )
    connection.execute(
        "INSERT INTO new_index (rowid, text) SELECT rowid, text FROM messages WHERE text <> ''"
    )
    for name, schema in (("new_index", "temp"), ("message_index", "main")):
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.{name}_words USING fts5vocab ({schema}, {name}, instance)"
        )
    words, expected = (
        connection.execute(f"SELECT term, doc, offset FROM {name}_words ORDER BY 1, 2, 3").fetchall()
        for name in ("message_index", "new_index")
    )
    assert words == expected
    for name in ("new_index_words", "message_index_words", "new_index"):
        connection.execute(f"DROP TABLE temp.{name}")
    # A conversation stands at one of its own messages that is not deleted, or at none.
    astray = """
        SELECT c.id FROM conversations c LEFT JOIN messages m ON m.id = c.leaf_id
        WHERE c.leaf_id IS NOT NULL AND (m.conversation_id IS NOT c.id OR m.deleted_at IS NOT NULL)
    """
    assert connection.execute(astray).fetchall() == []
    # Nothing that is seen hangs below something that is not.
    hanging = """
        SELECT m.id FROM messages m JOIN messages p ON p.id = m.parent_id
        WHERE (m.deleted_at IS NULL AND p.deleted_at IS NOT NULL) OR m.conversation_id <> p.conversation_id
    """
    assert connection.execute(hanging).fetchall() == []


@pytest.mark.parametrize("version", [1, 2])
async def test_a_long_history_of_an_older_version_is_indexed_and_stays_in_step(
    version: int, tmp_path: Path
) -> None:
    path = tmp_path / "conversations.db"
    old = await Database.open(path, MIGRATIONS[:version])
    await old.run(_fill_as_of_old)
    await old.close()
    db = await Database.open(path)
    search = SearchStore(path)
    try:
        await db.run(_must_be_in_step)
        found = await search.find("word1234 äpfel", 10)
        assert found is not None
        assert [hit.message_id for hit in found.messages] == ["m1234"]
        store = ConversationStore(db)
        assert await store.recover() == 1
        life = Life.over(db)
        life.conversations = [f"c{number}" for number in range(20)]
        life.messages = [f"m{number}" for number in range(0, 2000, 7)]
        names = (
            "regenerate",
            "finish",
            "cut",
            "uncut",
            "cut",
            "burn",
            "edit",
            "copy",
            "delete",
            "purge",
            "again",
        )
        await life.act([(name, 13 * place, "sage") for place, name in enumerate(names)])
        await db.run(_must_be_in_step)
    finally:
        await search.close()
        await db.close()


def _fill_as_of_old(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO conversations (id, title, leaf_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        [(f"c{number}", f"Talk {number}", f"m{number * 100 + 99}", number, number) for number in range(20)],
    )
    texts = ("Äpfel word{}", "", "日本 word{} \ud800", "x\x00y word{}", "C++ " * 300)
    connection.executemany(
        "INSERT INTO messages (id, conversation_id, parent_id, role, text, status, created_at)"
        " VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, ?)",
        [
            (
                *(f"m{number}", f"c{number // 100}", f"m{number - 1}" if number % 100 else None),
                "assistant" if number % 2 else "user",
                encode_text(texts[(number + 1) % 5].format(number)),
                "streaming" if number == 1999 else "complete",
                number,
            )
            for number in range(2000)
        ],
    )
