from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import ToolCallPart
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import Attachment, DeletedBranch, Outcome, StoredMessage

FILE = Attachment("a" * 64, "sky.png", "image", "image/png", 9, 640, 480)


async def test_a_branch_is_copied_with_everything_in_it(store: ConversationStore) -> None:
    options = ChatOptions(system="Be brief.")
    first = await store.add_turn("One?", "p:m", title="Numbers", attachments=(FILE,), options=options)
    outcome = Outcome(
        "complete", usage=Usage(1, 2), notes=("So.",), parts=(ToolCallPart("c", "f", "{}"),), cost=0.5
    )
    await store.finish(first.answer.id, outcome, "Yes.", "Hm.")
    await store.add_turn("Two?", "p:m", conversation_id=first.conversation.id)

    copy = await store.copy_branch(first.answer.id)

    assert (copy.title, copy.titled_by, copy.options, copy.model) == ("Numbers (2)", "prompt", options, "p:m")
    old = (await store.thread(first.conversation.id))[:2]
    new = await store.thread(copy.id)
    assert len(new) == 2
    assert new[0].attachments == (FILE,)
    assert new[1].id == copy.leaf_id
    for one, other in zip(old, new, strict=True):
        as_old = replace(other, id=one.id, conversation_id=one.conversation_id, parent_id=one.parent_id)
        assert as_old == one
    assert not {one.id for one in old} & {other.id for other in new}


async def test_a_conversation_never_stands_at_what_was_deleted(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    second = await store.add_answer(first.answer.id)
    await store.delete_branch(second.answer.id)
    with pytest.raises(MissingConversationError):
        await store.select(second.answer.id)
    assert (await store.get(first.conversation.id)).leaf_id == first.answer.id


async def test_an_answer_that_still_arrives_is_copied_as_far_as_it_came(store: ConversationStore) -> None:
    turn = await store.add_turn("One?", "p:m")
    await store.append(turn.answer.id, "So far", "Hm.")
    copy = await store.copy_branch(turn.answer.id)
    last = (await store.thread(copy.id))[-1]
    assert (last.text, last.reasoning, last.status) == ("So far", "Hm.", "interrupted")


async def test_a_deleted_branch_gives_way_to_the_version_beside_it(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    second = await store.add_answer(first.answer.id)
    await store.add_turn("Two?", "p:m", conversation_id=first.conversation.id)
    before = await store.thread(first.conversation.id)

    deleted = await store.delete_branch(second.answer.id)
    assert [one.id for one in await store.thread(first.conversation.id)] == [
        first.question.id,
        first.answer.id,
    ]
    assert [one.id for one in await store.siblings(first.answer.id)] == [first.answer.id]
    await store.restore_branch(deleted)
    assert await store.thread(first.conversation.id) == before


async def test_the_only_version_gives_way_to_what_stands_above(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    await store.delete_branch(first.answer.id)
    assert [one.id for one in await store.thread(first.conversation.id)] == [first.question.id]
    deleted = await store.delete_branch(first.question.id)
    assert await store.thread(first.conversation.id) == ()
    assert (await store.restore_branch(deleted)).leaf_id == first.question.id


async def test_another_branch_is_deleted_without_leaving_this_one(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    second = await store.add_answer(first.answer.id)
    await store.delete_branch(first.answer.id)
    assert (await store.get(first.conversation.id)).leaf_id == second.answer.id


async def test_nothing_is_written_below_what_is_deleted(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    await store.delete_branch(first.answer.id)
    with pytest.raises(MissingConversationError):
        await store.add_turn("Two?", "p:m", conversation_id=first.conversation.id, parent_id=first.answer.id)
    with pytest.raises(MissingConversationError):
        await store.delete_branch(first.answer.id)


async def test_what_is_not_brought_back_is_purged(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m", attachments=(FILE,))
    gone = await store.delete_branch(first.answer.id)
    await store.purge_branch(gone)
    with pytest.raises(MissingConversationError):
        await store.message(first.answer.id)
    assert await store.referenced_hashes() == {FILE.hash}
    await store.delete_branch(first.question.id)
    await store.recover()
    assert await store.referenced_hashes() == frozenset()


async def test_a_deletion_that_was_undone_is_not_purged(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    gone = await store.delete_branch(first.answer.id)
    await store.restore_branch(gone)
    await store.purge_branch(gone)
    assert (await store.message(first.answer.id)).id == first.answer.id


async def test_what_was_deleted_below_a_deleted_message_comes_back_with_it(store: ConversationStore) -> None:
    first = await store.add_turn("One?", "p:m")
    inner = await store.delete_branch(first.answer.id)
    outer = await store.delete_branch(first.question.id)
    await store.restore_branch(inner)
    assert await store.thread(first.conversation.id) == ()
    await store.restore_branch(outer)
    assert len(await store.thread(first.conversation.id, first.answer.id)) == 2
    await store.recover()
    assert len(await store.siblings(first.answer.id)) == 1


async def test_columns_hold_what_stands_below_the_shared_question(store: ConversationStore) -> None:
    before = await store.add_turn("Before", "p:m")
    models = ["p:a", "p:b"]
    first = await store.add_comparison("One?", models, conversation_id=before.conversation.id)
    ends = [turn.answer.id for turn in first]
    second = await store.add_comparison("Two?", models, conversation_id=before.conversation.id, ends=ends)
    late = await store.add_answer(second[0].answer.id, "p:c")
    ends = [*(turn.answer.id for turn in second), late.answer.id]

    asked, columns = await store.columns(ends)

    assert asked is not None
    assert asked.text == "One?"
    assert [[one.id for one in column] for column in columns] == [
        [first[0].answer.id, second[0].question.id, second[0].answer.id],
        [first[1].answer.id, second[1].question.id, second[1].answer.id],
        [first[0].answer.id, second[0].question.id, late.answer.id],
    ]
    await store.delete_branch(second[1].answer.id)
    asked, columns = await store.columns([ends[0], ends[1]])
    assert asked is not None
    assert (asked.id, [len(column) for column in columns]) == (second[0].question.id, [1])
    assert await store.columns(["gone"]) == (None, ())


async def test_a_column_changes_without_the_others(store: ConversationStore) -> None:
    first = await store.add_comparison("One?", ["p:a", "p:b"])
    one, two = (turn.answer.id for turn in first)
    identity = first[0].conversation.id
    assert await store.change_column(identity, two, "again") == (one, "again")
    assert await store.change_column(identity, None, "more") == (one, "again", "more")
    assert await store.change_column(identity, one, None) == ("again", "more")
    assert await store.change_column(identity, "gone", "late") == ("again", "more")
    assert (await store.get(identity)).comparison == ("again", "more")


async def test_ten_thousand_messages_deep(store: ConversationStore) -> None:
    conversation = await store.create("Deep")
    added = await store.add_messages(conversation.id, [("user", "q"), ("assistant", "a")] * 5_000)
    copy = await store.copy_branch(added[-1].id)
    assert len(await store.thread(copy.id)) == 10_000
    deleted = await store.delete_branch(added[0].id)
    assert await store.thread(conversation.id) == ()
    await store.restore_branch(deleted)
    assert (await store.select(added[0].id)).leaf_id == added[-1].id
    await store.purge_branch(await store.delete_branch(added[1].id))
    assert (await store.get(conversation.id)).leaf_id == added[0].id


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "edit", "again", "go on", "select", "delete", "undo", "branch"]),
        st.integers(0, 50),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_whatever_is_done_no_message_is_lost_and_undo_restores_exactly(steps: list[Step]) -> None:
    asyncio.run(_do(steps))


async def _do(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(Path(folder, "history.sqlite"))
        try:
            await _live(ConversationStore(database), steps)
        finally:
            await database.close()


async def _live(store: ConversationStore, steps: list[Step]) -> None:
    first = await store.add_turn("root", "p:m")
    await store.finish(first.answer.id, Outcome("complete"), "answer")
    texts = {first.question.id: "root", first.answer.id: "answer"}
    out: list[tuple[DeletedBranch, dict[str, object]]] = []
    for number, (what, which) in enumerate(steps):
        there = await _tree(store, first.conversation.id)
        messages = [one for one in there if one != "leaf"]
        if what == "undo" and out:
            deleted, before = out.pop()
            await store.restore_branch(deleted)
            assert await _tree(store, first.conversation.id) == before
        elif what == "delete" and messages:
            out.append((await store.delete_branch(messages[which % len(messages)]), there))
        elif what != "undo" and messages:
            # What is done between a deletion and its undo makes another history.
            out.clear()
            one = await store.message(messages[which % len(messages)])
            texts |= await _written(store, what, one, f"{number}")
    for message_id, text in texts.items():
        assert (await store.message(message_id)).text == text
    await store.recover()  # nothing that is there hangs below what is purged


async def _written(store: ConversationStore, what: str, one: StoredMessage, text: str) -> dict[str, str]:
    """Do one thing to a message; the texts that were written."""
    if what == "branch":
        assert (await store.thread((await store.copy_branch(one.id)).id))[-1].text == one.text
        return {}
    if what == "select":
        await store.select(one.id)
        return {}
    if what == "ask":
        turn = await store.add_turn(text, "p:m", conversation_id=one.conversation_id)
    elif one.role == "user":
        turn = await store.add_turn(text, "p:m", conversation_id=one.conversation_id, version_of=one.id)
    else:
        turn = await store.add_answer(one.id, go_on=what == "go on")
    await store.finish(turn.answer.id, Outcome("complete"), text)
    return {turn.question.id: turn.question.text, turn.answer.id: turn.answer.text + text}


async def _tree(store: ConversationStore, conversation_id: str) -> dict[str, object]:
    """Everything that can be reached, by walking versions down from the first question."""
    conversation = await store.get(conversation_id)
    found: dict[str, object] = {"leaf": conversation.leaf_id}
    rows = await store._db.read(
        lambda connection: connection.execute(
            "SELECT id, parent_id FROM messages WHERE conversation_id = ? AND deleted_at IS NULL"
            " ORDER BY rowid",
            [conversation_id],
        ).fetchall()
    )
    there = {row[0] for row in rows}
    for message_id, parent_id in rows:
        assert parent_id is None or parent_id in there
        found[message_id] = parent_id
    return found


async def test_branches_of_branches_are_counted(store: ConversationStore) -> None:
    turn = await store.add_turn("One?", "p:m", title="A talk (about 2)")
    made = [await store.copy_branch(turn.answer.id)]
    made.append(await store.copy_branch(turn.question.id))
    made.append(await store.copy_branch((await store.thread(made[0].id))[0].id))
    assert [one.title for one in made] == [f"A talk (about 2) ({n})" for n in (2, 3, 4)]


async def test_a_question_can_have_its_first_answer(store: ConversationStore) -> None:
    turn = await store.add_turn("One?", "p:m", title="t")
    await store.delete_branch(turn.answer.id)
    again = await store.add_answer(turn.question.id, "p:other")
    assert (again.question.id, again.answer.model) == (turn.question.id, "p:other")
    with pytest.raises(MissingConversationError):
        await store.add_answer(turn.question.id)
