from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError, RateLimitError, RequestTooLargeError, UnknownModelError
from aiproxy_desktop.core.events import (
    Finished,
    ImageReceived,
    Noted,
    OpaqueReceived,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider, ScriptedProvider
from aiproxy_desktop.services.answer_parts import ChatEvent
from aiproxy_desktop.services.chat import MAX_PROMPT_BYTES, MAX_TITLE, ChatService, Turn, title_of
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import DiskFullError
from tests.waiting import until

WHOLE: tuple[StreamEvent, ...] = (
    Started("scripted", "script"),
    ReasoningDelta("Hm. "),
    TextDelta("Check "),
    TextDelta("these."),
    UsageReported(Usage(9, 3)),
    Finished("stop"),
)
LONG: tuple[StreamEvent, ...] = (*[TextDelta("x" * 20_000)] * 40, Finished("stop"))
LIMITED = RateLimitError("OpenAI asks to wait 12 s", "Too many requests (429).", detail="slow down")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "conversations.db")
    yield database
    await database.close()


@pytest.fixture
def store(db: Database) -> ConversationStore:
    return ConversationStore(db)


def chat_over(store: ConversationStore, *providers: ScriptedProvider) -> ChatService:
    return ChatService(store, CompletionClient(Registry(providers)))


async def drawn(chat: ChatService, turn: Turn) -> list[ChatEvent]:
    async with aclosing(chat.run(turn)) as events:
        return [event async for event in events]


async def written(store: ConversationStore, turn: Turn, text: str) -> None:
    async with asyncio.timeout(60):
        while (await store.message(turn.answer.id)).text != text:  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.01)


async def test_a_turn_is_written_before_anything_is_sent(store: ConversationStore) -> None:
    provider = ScriptedProvider(WHOLE)
    turn = await chat_over(store, provider).begin("Why is it slow?", "scripted:script")

    question, answer = await store.thread(turn.conversation.id)
    assert (question.role, question.text, question.status) == ("user", "Why is it slow?", "complete")
    assert (answer.role, answer.text, answer.status) == ("assistant", "", "streaming")
    assert (answer.model, turn.conversation.title) == ("scripted:script", "Why is it slow?")
    assert provider.requests == []


async def test_a_whole_answer_is_passed_on_and_kept(store: ConversationStore) -> None:
    chat = chat_over(store, ScriptedProvider(WHOLE))
    turn = await chat.begin("Why?", "scripted:script")

    assert tuple(await drawn(chat, turn)) == WHOLE

    answer = await store.message(turn.answer.id)
    assert (answer.status, answer.text, answer.reasoning) == ("complete", "Check these.", "Hm. ")
    assert (answer.usage, answer.finish_reason) == (Usage(9, 3), "stop")
    assert answer.first_token_at is not None
    assert answer.finished_at is not None
    assert turn.answer.created_at <= answer.first_token_at <= answer.finished_at


async def test_the_text_is_in_storage_while_it_arrives(store: ConversationStore) -> None:
    chat = chat_over(store, ScriptedProvider(WHOLE))
    turn = await chat.begin("q", "scripted:script")
    async with aclosing(chat.run(turn)) as events:
        async for event in events:
            if event == TextDelta("these."):
                # The stream stands still here, and what came is written all the same.
                await written(store, turn, "Check these.")
    assert (await store.message(turn.answer.id)).status == "complete"


async def test_the_conversation_so_far_is_sent(store: ConversationStore) -> None:
    provider = EchoProvider(id="scripted", models=("script",))
    chat = chat_over(store, provider)
    first = await chat.begin("one", "scripted:script")
    await drawn(chat, first)
    second = await chat.begin("two", "scripted:script", first.conversation.id)
    await drawn(chat, second)

    assert provider.requests[1].messages == (
        Message.of("user", "one"),
        Message.of("assistant", "one"),
        Message.of("user", "two"),
    )
    assert provider.requests[1].model == "script"


async def test_a_failed_answer_keeps_its_text_and_its_error(store: ConversationStore) -> None:
    chat = chat_over(store, ScriptedProvider((Started("s", "s"), TextDelta("so far"), LIMITED)))
    turn = await chat.begin("q", "scripted:script")

    with pytest.raises(RateLimitError) as raised:
        await drawn(chat, turn)

    assert raised.value is LIMITED
    answer = await store.message(turn.answer.id)
    assert (answer.status, answer.text) == ("failed", "so far")
    assert (answer.error_title, answer.error_advice, answer.error_detail) == (
        "OpenAI asks to wait 12 s",
        "Too many requests (429).",
        "slow down",
    )


async def test_a_model_that_nobody_serves_fails_the_answer_and_keeps_the_question(
    store: ConversationStore,
) -> None:
    chat = chat_over(store, ScriptedProvider(WHOLE))
    turn = await chat.begin("q", "no-such-model")
    with pytest.raises(UnknownModelError):
        await drawn(chat, turn)
    question, answer = await store.thread(turn.conversation.id)
    assert (question.text, answer.status) == ("q", "failed")
    assert "no-such-model" in answer.error_title


async def test_an_empty_failed_answer_is_not_sent_and_questions_do_not_stand_side_by_side(
    store: ConversationStore,
) -> None:
    failing = ScriptedProvider((LIMITED,), id="failing")
    echo = EchoProvider()
    chat = chat_over(store, failing, echo)
    first = await chat.begin("one", "failing:script")
    with pytest.raises(RateLimitError):
        await drawn(chat, first)

    await drawn(chat, await chat.begin("two", "echo:echo", first.conversation.id))

    assert echo.requests[0].messages == (Message.of("user", "one\n\ntwo"),)


async def test_stopping_closes_the_stream_and_keeps_what_came(store: ConversationStore) -> None:
    provider = ScriptedProvider([TextDelta("word ")] * 10_000, delay=0.001)
    chat = chat_over(store, provider)
    turn = await chat.begin("q", "scripted:script")
    came: list[ChatEvent] = []

    async def follow() -> None:
        async with aclosing(chat.run(turn)) as events:
            async for event in events:
                came.append(event)  # noqa: PERF401 - what came before the cancel is wanted

    task = asyncio.ensure_future(follow())
    await until(lambda: len(came) > 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    answer = await store.message(turn.answer.id)
    assert (answer.status, answer.text) == ("interrupted", "word " * len(came))
    assert provider.closed_streams == 1


async def test_a_second_cancel_does_not_lose_the_end(store: ConversationStore) -> None:
    chat = chat_over(store, ScriptedProvider([TextDelta("word ")] * 10_000, delay=0.001))
    turn = await chat.begin("q", "scripted:script")
    task = asyncio.ensure_future(drawn(chat, turn))
    await until(lambda: len(asyncio.all_tasks()) > 2)
    for _ in range(6):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    await chat.drain()

    assert (await store.message(turn.answer.id)).status == "interrupted"


async def test_a_reader_that_leaves_early_interrupts(store: ConversationStore) -> None:
    chat = chat_over(store, ScriptedProvider([TextDelta("word ")] * 100))
    turn = await chat.begin("q", "scripted:script")
    async with aclosing(chat.run(turn)) as events:
        async for _ in events:
            break
    answer = await store.message(turn.answer.id)
    assert (answer.status, answer.text) == ("interrupted", "word ")


async def test_a_fault_of_our_own_closes_the_answer_too(store: ConversationStore) -> None:
    class Faulty(ScriptedProvider):
        def _script(self, request: CompletionRequest) -> Sequence[StreamEvent | AIProxyError]:
            raise ZeroDivisionError(request.model)

    chat = chat_over(store, Faulty(()))
    turn = await chat.begin("q", "scripted:script")
    with pytest.raises(ZeroDivisionError):
        await drawn(chat, turn)
    answer = await store.message(turn.answer.id)
    assert answer.status == "failed"
    assert "application" in answer.error_title


async def test_retry_answers_beside_the_first_answer(store: ConversationStore) -> None:
    provider, other = ScriptedProvider(WHOLE), EchoProvider()
    chat = chat_over(store, provider, other)
    first = await chat.begin("same question", "scripted:script")
    await drawn(chat, first)

    again = await chat.retry(first.answer.id, "echo:echo")
    await drawn(chat, again)

    versions = await store.siblings(first.answer.id)
    assert [(item.text, item.model) for item in versions] == [
        ("Check these.", "scripted:script"),
        ("same question", "echo:echo"),
    ]
    assert other.requests[0].messages == (Message.of("user", "same question"),)
    same = await chat.retry(again.answer.id)
    assert same.answer.model == "echo:echo"


async def test_editing_asks_again_beside_the_first_question(store: ConversationStore) -> None:
    provider = EchoProvider()
    chat = chat_over(store, provider)
    first = await chat.begin("clumsy", "echo:echo")
    await drawn(chat, first)

    edited = await chat.edit(first.question.id, "clear", "echo:echo")
    await drawn(chat, edited)

    assert [message.text for message in await store.thread(first.conversation.id)] == ["clear", "clear"]
    assert provider.requests[1].messages == (Message.of("user", "clear"),)


async def test_a_prompt_too_long_to_send_is_refused_before_anything_is_written(
    store: ConversationStore,
) -> None:
    chat = chat_over(store, EchoProvider())
    with pytest.raises(RequestTooLargeError, match=r"too long \(10\.0 MB\)"):
        await chat.begin("x" * 10 * 1024 * 1024, "echo:echo")
    assert await store.page() == ()

    longest = "é" * (MAX_PROMPT_BYTES // 2)
    turn = await chat.begin(longest, "echo:echo")
    await drawn(chat, turn)
    assert (await store.message(turn.answer.id)).text == longest


async def bound_size(db: Database, pages: int) -> None:
    """SQLite's own bound gives the very error that a full disk gives."""
    await db.read(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages:d}").fetchone())


async def test_a_full_disk_lets_the_answer_through_and_says_so_at_the_end(
    db: Database, store: ConversationStore
) -> None:
    chat = chat_over(store, ScriptedProvider(LONG, delay=0.005))
    turn = await chat.begin("q", "scripted:script")
    await bound_size(db, 1)
    came: list[ChatEvent] = []

    async def follow() -> None:
        async with aclosing(chat.run(turn)) as events:
            async for event in events:
                came.append(event)  # noqa: PERF401 - what came before the error is wanted

    with pytest.raises(DiskFullError):
        await follow()

    assert tuple(came) == LONG
    assert (await store.message(turn.answer.id)).status == "streaming"
    assert await store.recover() == 1


async def test_room_that_comes_back_saves_what_could_not_be_written(
    db: Database, store: ConversationStore
) -> None:
    chat = chat_over(store, ScriptedProvider(LONG, delay=0.005))
    turn = await chat.begin("q", "scripted:script")
    await bound_size(db, 1)
    count = 0
    async with aclosing(chat.run(turn)) as events:
        async for _ in events:
            count += 1
            if count == 35:
                await bound_size(db, 1_000_000)

    answer = await store.message(turn.answer.id)
    assert (answer.status, len(answer.text)) == ("complete", 800_000)


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("Explain a hash map", "Explain a hash map"),
        ("  two\n\n lines\tand a tab ", "two lines and a tab"),
        ("", "New chat"),
        (" \n ", "New chat"),
        (
            "Our orders query got slow after the table passed 4 million rows. The plan",
            "Our orders query got slow after the table passed 4 million…",
        ),
        ("x" * 100, "x" * (MAX_TITLE - 1) + "…"),
        ("a " + "x" * 100, "a " + "x" * (MAX_TITLE - 3) + "…"),
        ("nul\x00and\x1bescape", "nul and escape"),
    ],
)
def test_a_title_is_the_first_words_on_one_line(prompt: str, title: str) -> None:
    assert title_of(prompt) == title
    assert len(title_of(prompt * 1000)) <= MAX_TITLE


async def test_what_an_answer_notes_is_kept_with_it(store: ConversationStore) -> None:
    events: tuple[StreamEvent, ...] = (
        Started("scripted", "script"),
        Noted("effort", "It does not think,\nso the effort was left out."),
        TextDelta("Here."),
        ToolCallDelta(0, "call", "look_up", "{}"),
        OpaqueReceived("scripted", "{}"),
        ImageReceived("image/png", b"\x89PNG"),
        Finished("stop"),
    )
    chat = chat_over(store, ScriptedProvider(events))
    turn = await chat.begin("Draw it", "scripted:script")
    await drawn(chat, turn)
    answer = await store.message(turn.answer.id)
    assert (answer.status, answer.text) == ("complete", "Here.")
    assert answer.notes == (
        "It does not think, so the effort was left out.",
        "An image came with this answer and cannot be kept here.",
    )
    assert turn.question.notes == ()
