"""Editing, asking again, going on, branching and deleting: the view-model over a real database."""

from __future__ import annotations

from pathlib import Path

from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta
from aiproxy_desktop.storage.records import DeletedBranch, StoredMessage
from aiproxy_desktop.ui.chat.conversation.message_actions import actions_for
from tests.ui.chat_parts import ChatParts, answer, chat_parts
from tests.waiting import until

ENDLESS: tuple[StreamEvent, ...] = (Started("builtin", "x"), *[TextDelta("word ")] * 100_000)


def texts(parts: ChatParts) -> list[str]:
    return [message.text for message in parts.view_model.messages]


def last(parts: ChatParts) -> StoredMessage:
    return parts.view_model.messages[-1]


async def ask(parts: ChatParts, prompt: str, expected: int = 2) -> None:
    parts.view_model.edit_draft(prompt)
    parts.view_model.send()
    await until(lambda: len(parts.view_model.messages) == expected, "the question is taken")


async def ended(parts: ChatParts, *wanted: str) -> None:
    await until(lambda: texts(parts) == list(wanted) and not parts.view_model.answering, f"{wanted}")


async def test_an_edited_question_stands_beside_the_old_one(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await ended(parts, "One", "Good day")
        question = vm.messages[0]
        vm.edit(question.id, "Uno")
        await ended(parts, "Uno", "Good day")
        assert (vm.messages[0].sibling_index, vm.messages[0].sibling_count) == (1, 2)
        vm.branching.show_version(vm.messages[0].id, -1)
        await ended(parts, "One", "Good day")


async def test_another_answer_comes_from_the_model_that_gave_the_first(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await ended(parts, "One", "Good day")
        parts.model.play(*answer("Hello"))
        vm.branching.regenerate(last(parts).id, "")
        await ended(parts, "One", "Hello")
        assert (last(parts).model, last(parts).sibling_count) == ("builtin:smollm2-135m", 2)


async def test_an_answer_that_was_stopped_goes_on(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(Started("builtin", "x"), TextDelta("One, two"), *ENDLESS[1:], delay=0.01)
        await ask(parts, "Count")
        question, arriving = vm.messages
        assert vm.is_answering(question)
        assert vm.is_answering(arriving)
        await until(lambda: last(parts).text.startswith("One, two"))
        vm.stop()
        await until(lambda: last(parts).status == "interrupted")
        assert not vm.is_answering(question)
        assert "continue" in actions_for(last(parts), answering=False)
        so_far = last(parts).text
        parts.model.play(Started("builtin", "x"), TextDelta("and the end."), Finished("stop"))
        vm.branching.resume(last(parts).id)
        await ended(parts, "Count", so_far + "and the end.")
        assert last(parts).sibling_count == 2


async def test_a_branch_becomes_a_conversation_of_its_own(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await ended(parts, "One", "Good day")
        await ask(parts, "Two", 4)
        await ended(parts, "One", "Good day", "Two", "Good day")
        assert vm.conversation is not None
        former = vm.conversation.id
        vm.branching.branch(vm.messages[1].id)
        await ended(parts, "One", "Good day")
        assert vm.conversation.id != former
        assert vm.title == "One (2)"
        assert parts.view_model.history.title(vm.conversation.id) == "One (2)"
        vm.open(former)
        await ended(parts, "One", "Good day", "Two", "Good day")


async def test_a_deleted_branch_comes_back_by_undo_and_goes_when_nobody_wants_it(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        offered: list[DeletedBranch] = []
        vm.branch_delete_offered.connect(offered.append)
        await ask(parts, "One")
        await ended(parts, "One", "Good day")
        await ask(parts, "Two", 4)
        await ended(parts, "One", "Good day", "Two", "Good day")
        vm.branching.delete(vm.messages[2].id)
        await ended(parts, "One", "Good day")
        await until(lambda: offered, "the offer")
        vm.branching.undo_delete(offered[0])
        await ended(parts, "One", "Good day", "Two", "Good day")
        vm.branching.confirm_delete(offered[0])  # too late: it was brought back
        vm.branching.delete(vm.messages[2].id)
        await until(lambda: len(offered) == 2, "the second offer")
        vm.branching.confirm_delete(offered[1])
        await ended(parts, "One", "Good day")


async def test_deleting_above_an_answer_that_arrives_stops_it(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await ended(parts, "One", "Good day")
        parts.model.play(*ENDLESS, delay=0.01)
        await ask(parts, "Two", 4)
        vm.branching.delete(vm.messages[0].id)
        await until(lambda: not vm.messages and not vm.answers.conversations(), "it is stopped and gone")
