from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import Outcome, StoredTurn

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def answered(store: ConversationStore, turn: StoredTurn, text: str) -> None:
    await store.finish(turn.answer.id, Outcome("complete", finish_reason="stop"), text)


async def texts(store: ConversationStore, conversation_id: str, leaf_id: str | None = None) -> list[str]:
    return [message.text for message in await store.thread(conversation_id, leaf_id)]


async def test_pages_go_from_the_last_used_to_the_first_without_gap_or_repeat(db: Database) -> None:
    # Every three have the same time, as fast machines make them.
    ticks = count()
    store = ConversationStore(db, now=lambda: START + timedelta(seconds=next(ticks) // 3))
    for number in range(25):
        await store.create(f"number {number}")

    seen: list[str] = []
    before = None
    while page := await store.page(limit=4, before=before):
        seen += [item.title for item in page]
        before = page[-1]

    assert sorted(seen) == sorted(f"number {number}" for number in range(25))
    times = [item.updated_at for item in await store.page(limit=100)]
    assert times == sorted(times, reverse=True)


async def test_asking_moves_a_conversation_to_the_top_and_renaming_does_not(store: ConversationStore) -> None:
    old = await store.create("old")
    await store.create("new")
    await store.rename(old.id, "still old")
    assert [item.title for item in await store.page()] == ["new", "still old"]

    await store.add_turn("again", "openai:gpt-6-luna", conversation_id=old.id)

    top = (await store.page())[0]
    assert (top.title, top.model, top.titled_by) == ("still old", "openai:gpt-6-luna", "person")


async def test_a_thread_runs_from_the_first_message_to_the_leaf(store: ConversationStore) -> None:
    first = await store.add_turn("one", "m:m", title="one")
    await answered(store, first, "answer one")
    second = await store.add_turn("two", "m:m", conversation_id=first.conversation.id)

    assert await texts(store, first.conversation.id) == ["one", "answer one", "two", ""]
    assert await texts(store, first.conversation.id, first.question.id) == ["one"]
    assert second.question.parent_id == first.answer.id
    assert second.conversation.leaf_id == second.answer.id


async def test_retry_makes_a_sibling_and_keeps_the_first_answer(store: ConversationStore) -> None:
    first = await store.add_turn("question", "openai:a", title="t")
    await answered(store, first, "first")

    again = await store.add_answer(first.answer.id, "gemini:b")
    await answered(store, again, "second")

    assert again.question.id == first.question.id
    assert await texts(store, first.conversation.id) == ["question", "second"]
    versions = await store.siblings(first.answer.id)
    assert [(item.text, item.model, item.sibling_index, item.sibling_count) for item in versions] == [
        ("first", "openai:a", 0, 2),
        ("second", "gemini:b", 1, 2),
    ]


async def test_selecting_a_version_goes_down_to_its_newest_end(store: ConversationStore) -> None:
    first = await store.add_turn("question", "m:a", title="t")
    await answered(store, first, "first")
    follow = await store.add_turn("follow-up", "m:a", conversation_id=first.conversation.id)
    await answered(store, follow, "more")
    again = await store.add_answer(first.answer.id)
    await answered(store, again, "second")

    await store.select(first.answer.id)
    assert await texts(store, first.conversation.id) == ["question", "first", "follow-up", "more"]
    conversation = await store.select(again.answer.id)
    assert conversation.leaf_id == again.answer.id
    assert await texts(store, first.conversation.id) == ["question", "second"]


async def test_an_edited_first_question_is_a_second_root(store: ConversationStore) -> None:
    first = await store.add_turn("clumsy", "m:a", title="t")
    await answered(store, first, "what?")

    edited = await store.add_turn(
        "clear", "m:a", conversation_id=first.conversation.id, version_of=first.question.id
    )

    assert edited.question.parent_id is None
    assert await texts(store, first.conversation.id) == ["clear", ""]
    question = (await store.thread(first.conversation.id))[0]
    assert (question.sibling_index, question.sibling_count) == (1, 2)


async def test_an_answer_is_whole_while_and_after_it_arrives(store: ConversationStore) -> None:
    turn = await store.add_turn("question", "m:a", title="t")
    for number in range(10):
        await store.append(turn.answer.id, f"{number} ", "hm " if number < 2 else "")
    arriving = await store.message(turn.answer.id)
    assert (arriving.status, arriving.text) == ("streaming", "0 1 2 3 4 5 6 7 8 9 ")

    outcome = Outcome("complete", finish_reason="length", usage=Usage(None, 12), first_token_at=START)
    done = await store.finish(turn.answer.id, outcome, "end", " so")

    assert done == await store.message(turn.answer.id)
    assert done is not None
    assert (done.text, done.reasoning) == ("0 1 2 3 4 5 6 7 8 9 end", "hm hm  so")
    assert (done.status, done.finish_reason, done.usage) == ("complete", "length", Usage(None, 12))
    assert done.first_token_at == START
    assert done.finished_at is not None


async def test_what_ended_is_not_changed_by_what_comes_late(store: ConversationStore, db: Database) -> None:
    turn = await store.add_turn("question", "m:a", title="t")
    await answered(store, turn, "whole")

    await store.append(turn.answer.id, "late")
    assert await store.finish(turn.answer.id, Outcome("failed"), "later") is None

    assert (await store.message(turn.answer.id)).text == "whole"
    assert await db.read(lambda c: c.execute("SELECT count(*) FROM journal").fetchone()) == (0,)


async def test_recovering_interrupts_what_still_streamed(store: ConversationStore) -> None:
    cut = await store.add_turn("question", "m:a", title="t")
    await store.append(cut.answer.id, "as far as it", "thought")
    await store.append(cut.answer.id, " came")
    whole = await store.add_turn("other", "m:a", title="t")
    await answered(store, whole, "whole")

    assert await store.recover() == 1
    assert await store.recover() == 0

    message = await store.message(cut.answer.id)
    assert (message.status, message.text, message.reasoning) == (
        "interrupted",
        "as far as it came",
        "thought",
    )
    assert (await store.message(whole.answer.id)).status == "complete"


async def test_deleting_can_be_undone_until_it_is_purged(store: ConversationStore, db: Database) -> None:
    kept = await store.add_turn("kept", "m:a", title="kept")
    gone = await store.add_turn("secret of mine", "m:a", title="gone")
    await store.append(gone.answer.id, "answer")
    await store.delete(gone.conversation.id)
    assert [item.title for item in await store.page()] == ["kept"]
    with pytest.raises(MissingConversationError):
        await store.get(gone.conversation.id)

    await store.restore(gone.conversation.id)
    assert {item.title for item in await store.page()} == {"kept", "gone"}

    await store.delete(gone.conversation.id)
    await store.purge(gone.conversation.id)

    def rows(connection: sqlite3.Connection) -> list[int]:
        tables = ("conversations", "messages", "journal")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    assert await db.read(rows) == [1, 2, 0]
    assert await texts(store, kept.conversation.id) == ["kept", ""]
    with pytest.raises(MissingConversationError):
        await store.restore(gone.conversation.id)
    # An answer that still arrives for it has nowhere to go, and that is no error.
    await store.append(gone.answer.id, "late")
    assert await store.finish(gone.answer.id, Outcome("complete"), "late") is None


async def test_purging_leaves_only_what_was_not_deleted(store: ConversationStore) -> None:
    kept = await store.create("kept")
    await store.purge(kept.id)
    assert [item.title for item in await store.page()] == ["kept"]


async def test_what_was_purged_is_gone_from_the_file(store: ConversationStore, db: Database) -> None:
    turn = await store.add_turn("a-rare-word-8412", "m:a", title="t")
    await store.delete(turn.conversation.id)
    await store.recover()
    await db.close()

    assert all(b"a-rare-word-8412" not in file.read_bytes() for file in db.path.parent.iterdir())


async def test_a_conversation_deeper_than_sqlite_cascades_can_be_read_and_purged(
    store: ConversationStore, db: Database
) -> None:
    conversation = await store.create("long")
    added = await store.add_messages(conversation.id, [("user", str(number)) for number in range(3000)])
    assert await texts(store, conversation.id) == [str(number) for number in range(3000)]
    assert (await store.select(added[0].id)).leaf_id == added[-1].id

    await store.delete(conversation.id)
    await store.purge()

    assert await db.read(lambda c: c.execute("SELECT count(*) FROM messages").fetchone()) == (0,)


async def test_turns_in_two_conversations_at_once_do_not_mix(store: ConversationStore) -> None:
    turns = await asyncio.gather(*(store.add_turn(f"q{n}", "m:a", title=f"t{n}") for n in range(8)))

    async def stream(turn: StoredTurn, word: str) -> None:
        for _ in range(20):
            await store.append(turn.answer.id, word)
        await store.finish(turn.answer.id, Outcome("complete"))

    await asyncio.gather(*(stream(turn, f"{n}.") for n, turn in enumerate(turns)))
    for n, turn in enumerate(turns):
        assert await texts(store, turn.conversation.id) == [f"q{n}", f"{n}." * 20]


async def test_a_turn_that_cannot_be_placed_writes_nothing(store: ConversationStore, db: Database) -> None:
    first = await store.create("first")
    other = await store.add_turn("elsewhere", "m:a", title="other")

    with pytest.raises(MissingConversationError):
        await store.add_turn("q", "m:a", conversation_id="no such id")
    with pytest.raises(MissingConversationError):
        await store.add_turn("q", "m:a", conversation_id=first.id, parent_id=other.answer.id)
    with pytest.raises(MissingConversationError):
        await store.add_answer(other.question.id)

    assert await db.read(lambda c: c.execute("SELECT count(*) FROM messages").fetchone()) == (2,)
