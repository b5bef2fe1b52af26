"""What an answer brings besides text, kept and sent back; answers that go on; several at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError
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
from aiproxy_desktop.core.messages import MediaPart, OpaquePart, ToolCallPart
from aiproxy_desktop.core.models import ModelInfo, Price
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.answer_parts import ChatEvent, ImageKept
from aiproxy_desktop.services.chat import ChatService, Turn
from aiproxy_desktop.services.costs import describe_from
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.records import Attachment, Passage

START = Started("scripted", "script")
PIXEL = b"GIF89a\x05\x00\x03\x00rest"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    database = await Database.open(tmp_path / "conversations.db")
    yield ConversationStore(database)
    await database.close()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "attachments")


def asking(
    store: ConversationStore, blobs: BlobStore, *scripts: Sequence[StreamEvent | AIProxyError]
) -> tuple[ChatService, ScriptedProvider]:
    provider = ScriptedProvider(scripts[0], then=scripts[1:])
    registry = Registry((provider,))
    registry.remember("scripted", [ModelInfo("script", "scripted", "Script", price=Price(1.0, 2.0))])
    return ChatService(store, CompletionClient(registry), blobs, describe_from(registry)), provider


async def drawn(chat: ChatService, turn: Turn) -> list[ChatEvent]:
    async with aclosing(chat.run(turn)) as events:
        return [event async for event in events]


async def test_everything_that_came_is_kept_and_goes_back(store: ConversationStore, blobs: BlobStore) -> None:
    script = (
        START,
        ReasoningDelta("Hm."),
        OpaqueReceived("scripted", '"sign"'),
        TextDelta("Here:"),
        ImageReceived("image/gif", b"half", preview=True),
        ImageReceived("image/gif", PIXEL),
        ToolCallDelta(0, "c1", "look_up", '{"a"'),
        ToolCallDelta(0, arguments=":1}"),
        UsageReported(Usage(1_000_000, 500_000, 10, 20)),
        Finished("tool_calls"),
    )
    chat, provider = asking(store, blobs, script, (START, TextDelta("Yes."), Finished("stop")))
    turn = await chat.begin("Draw", "scripted:script")
    events = await drawn(chat, turn)
    answer = await store.message(turn.answer.id)

    (image,) = answer.attachments
    assert (image.kind, image.mime, image.width, image.height, image.size) == ("image", "image/gif", 5, 3, 14)
    assert await blobs.read(image.hash) == PIXEL
    assert ImageKept(image) in events
    assert answer.parts == (
        Passage("reasoning", 3),
        OpaquePart("scripted", '"sign"'),
        Passage("text", 5),
        Passage("images", 1),
        ToolCallPart("c1", "look_up", '{"a":1}'),
    )
    assert answer.cost == pytest.approx(2.0)
    assert answer.usage == Usage(1_000_000, 500_000, 10, 20)
    assert answer.notes == ()
    assert answer.first_token_at is not None
    assert answer.thought_until is not None
    assert answer.first_token_at <= answer.thought_until

    await drawn(chat, await chat.begin("Nice", "scripted:script", turn.conversation.id))
    sent = provider.requests[1].messages[1]
    assert OpaquePart("scripted", '"sign"') in sent.parts
    assert MediaPart("image", "image/gif", PIXEL, "image.gif") in sent.parts
    assert sent.text == "Here:"


async def test_plain_answers_store_no_places(store: ConversationStore, blobs: BlobStore) -> None:
    chat, _ = asking(store, blobs, (START, ReasoningDelta("Hm."), TextDelta("Yes."), Finished("stop")))
    turn = await chat.begin("Well?", "scripted:script")
    await drawn(chat, turn)
    assert (await store.message(turn.answer.id)).parts == ()


async def test_the_settings_of_the_conversation_are_sent(store: ConversationStore, blobs: BlobStore) -> None:
    chat, provider = asking(store, blobs, (START, TextDelta("Yes."), Finished("stop")))
    options = ChatOptions(system="Be brief.", temperature=0.5, output_limit=9, web_search=True)
    events = await drawn(chat, await chat.begin("Well?", "scripted:script", options=options))
    (request,) = provider.requests
    assert (request.temperature, request.max_tokens, request.tools) == (0.5, 9, ())
    assert request.messages[0].text == "Be brief."
    assert Noted("web_search", "Script offers no web search, so it was left out.") in events


async def test_an_answer_goes_on_in_a_version_beside_it(store: ConversationStore, blobs: BlobStore) -> None:
    chat, provider = asking(
        store,
        blobs,
        (START, ReasoningDelta("Hm."), TextDelta("One, two, thr"), Finished("length")),
        (START, TextDelta("two, thr"), TextDelta("ee, four"), Finished("stop")),
    )
    first = await chat.begin("Count", "scripted:script")
    await drawn(chat, first)
    turn = await chat.resume(first.answer.id)
    assert (turn.answer.text, turn.answer.reasoning, turn.answer.status) == (
        "One, two, thr",
        "Hm.",
        "streaming",
    )
    await drawn(chat, turn)

    old, new = await store.siblings(first.answer.id)
    assert (old.text, old.finish_reason) == ("One, two, thr", "length")
    assert (new.text, new.reasoning, new.status) == ("One, two, three, four", "Hm.", "complete")
    assert [message.role for message in provider.requests[1].messages] == ["user", "assistant", "user"]
    assert provider.requests[1].messages[1].text == "One, two, thr"


async def test_what_goes_on_keeps_its_text_when_it_breaks_off_again(
    store: ConversationStore, blobs: BlobStore
) -> None:
    broken = AIProxyError("Gone", "Try again.")
    chat, _ = asking(store, blobs, (START, TextDelta("One, "), broken), (START, broken))
    first = await chat.begin("Count", "scripted:script")
    with pytest.raises(AIProxyError):
        await drawn(chat, first)
    turn = await chat.resume(first.answer.id)
    with pytest.raises(AIProxyError):
        await drawn(chat, turn)
    assert [version.text for version in await store.siblings(first.answer.id)] == ["One, ", "One, "]


async def test_an_edited_question_keeps_its_files_unless_others_are_given(
    store: ConversationStore, blobs: BlobStore
) -> None:
    chat, _ = asking(store, blobs, (START, TextDelta("A GIF."), Finished("stop")))
    image = Attachment(await blobs.put(PIXEL), "a.gif", "image", "image/gif", len(PIXEL))
    first = await chat.begin("What?", "scripted:script", attachments=(image,))
    kept = await chat.edit(first.question.id, "What is it?", "scripted:script")
    bare = await chat.edit(first.question.id, "And now?", "scripted:script", ())
    assert [len(turn.question.attachments) for turn in (first, kept, bare)] == [1, 1, 0]


async def test_bytes_that_nothing_refers_to_are_removed_after_a_day(
    store: ConversationStore, tmp_path: Path
) -> None:
    late = BlobStore(tmp_path / "attachments", now=lambda: 1e12)
    chat, _ = asking(store, late, (START, ImageReceived("image/gif", PIXEL), Finished("stop")))
    turn = await chat.begin("Draw", "scripted:script")
    await drawn(chat, turn)
    await late.put(b"of nobody")
    assert await chat.collect_blobs() == 1
    assert await late.read((await store.message(turn.answer.id)).attachments[0].hash) == PIXEL


async def test_several_models_answer_one_question_and_each_goes_on_below_its_own(
    store: ConversationStore, blobs: BlobStore
) -> None:
    chat, provider = asking(store, blobs, (START, TextDelta("Yes."), Finished("stop")))
    models = ["scripted:script", "scripted:script", "scripted:script"]
    first = await chat.compare("Well?", models)
    for turn in first:
        await drawn(chat, turn)
    assert len({turn.question.id for turn in first}) == 1
    assert [turn.answer.sibling_index for turn in first] == [0, 1, 2]
    conversation = await store.get(first[0].conversation.id)
    assert conversation.comparison == tuple(turn.answer.id for turn in first)
    assert conversation.leaf_id == first[0].answer.id

    ends = [turn.answer.id for turn in first]
    second = await chat.compare("And?", models, conversation.id, ends=ends)
    assert [turn.question.parent_id for turn in second] == ends
    await drawn(chat, second[1])
    assert [message.text for message in provider.requests[3].messages] == ["Well?", "Yes.", "And?"]
