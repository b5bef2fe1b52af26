from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError, ModelNotFoundError
from aiproxy_desktop.core.events import Finished, FinishReason, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.chat import MAX_TITLE
from aiproxy_desktop.services.titles import TitleService, clean_title
from aiproxy_desktop.storage.conversations import ConversationStore, StoredMessage
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.records import Outcome

Script = Sequence[StreamEvent | AIProxyError]


def said(*pieces: str, reason: FinishReason = "stop") -> tuple[StreamEvent, ...]:
    return (Started("scripted", "m"), *map(TextDelta, pieces), Finished(reason))


@dataclass
class Parts:
    store: ConversationStore
    library: LibraryStore
    registry: Registry
    on: bool = True
    providers: list[ScriptedProvider] = field(default_factory=list)
    service: TitleService = field(init=False)

    def __post_init__(self) -> None:
        client = CompletionClient(self.registry)
        self.service = TitleService(client, self.store, self.library, lambda: self.on)

    async def play(self, events: Script, delay: float = 0.0) -> ScriptedProvider:
        provider = ScriptedProvider(events, delay)
        await self.registry.replace(provider)
        return provider

    async def answered(
        self, question: str = "Why is the query slow?", model: str = "scripted:m", **asked: Any
    ) -> StoredMessage:
        turn = await self.store.add_turn(question, model, title="Why is the", **asked)
        done = await self.store.finish(turn.answer.id, Outcome("complete"), "There is no index.")
        assert done is not None
        return done

    async def title(self, answer: StoredMessage) -> tuple[str, str]:
        conversation = await self.store.get(answer.conversation_id)
        return conversation.title, conversation.titled_by


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    database = await Database.open(tmp_path / "history.db")
    registry = Registry()
    yield Parts(ConversationStore(database), LibraryStore(database), registry)
    await registry.aclose()
    await database.close()


async def test_the_model_that_answered_gives_the_title(parts: Parts) -> None:
    provider = await parts.play(said("**Slow ", "orders query**\n"))
    answer = await parts.answered()
    assert await parts.service.after(answer) == "Slow orders query"
    assert await parts.title(answer) == ("Slow orders query", "model")
    (request,) = provider.requests
    assert (request.model, request.max_tokens, request.effort) == ("m", 24, "none")
    assert "Why is the query slow?" in request.messages[0].text
    assert "There is no index." in request.messages[0].text
    # Once is enough.
    assert await parts.service.after(answer) is None
    assert len(provider.requests) == 1


async def test_a_long_conversation_costs_no_more(parts: Parts) -> None:
    provider = await parts.play(said("A title"))
    await parts.service.after(await parts.answered("word " * 100_000))
    assert len(provider.requests[0].messages[0].text) < 1200


async def test_nothing_is_asked_where_there_is_nothing_to_do(parts: Parts) -> None:
    provider = await parts.play(said("A title"))
    first = await parts.answered()
    later = await parts.answered(conversation_id=first.conversation_id)
    small = await parts.answered(model="builtin:smollm2-135m")
    broken = await parts.store.add_turn("question", "scripted:m", title="t")
    failed = await parts.store.finish(broken.answer.id, Outcome("interrupted"), "half")
    assert failed is not None
    for answer in (later, small, failed):
        assert await parts.service.after(answer) is None
    parts.on = False
    assert await parts.service.after(first) is None
    parts.on = True
    await parts.store.rename(first.conversation_id, "Mine")
    assert await parts.service.after(first) is None
    assert provider.requests == []
    assert await parts.title(first) == ("Mine", "person")


async def test_a_title_that_a_person_gives_meanwhile_stays(parts: Parts) -> None:
    await parts.play(said("A title"), delay=0.05)
    answer = await parts.answered()
    asking = asyncio.ensure_future(parts.service.after(answer))
    await asyncio.sleep(0.02)
    await parts.store.rename(answer.conversation_id, "Mine")
    assert await asking is None
    assert await parts.title(answer) == ("Mine", "person")


@pytest.mark.parametrize(
    "events",
    [
        said("Sure! Here is ", "a title", reason="length"),
        said(" \n "),
        said("I would say that this conversation is mostly about why a query may be slow"),
        (ModelNotFoundError("There is no such model", "Choose another."),),
    ],
)
async def test_the_first_words_stay_where_nothing_good_comes(parts: Parts, events: Script) -> None:
    await parts.play(events)
    answer = await parts.answered()
    assert await parts.service.after(answer) is None
    assert await parts.title(answer) == ("Why is the", "prompt")


async def test_a_model_that_does_not_come_to_an_end_is_left(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiproxy_desktop.services.titles._SECONDS", 0.05)
    await parts.play(said("A", " title"), delay=30.0)
    answer = await parts.answered()
    assert await parts.service.after(answer) is None
    assert await parts.title(answer) == ("Why is the", "prompt")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Slow query", "Slow query"),
        ('"Slow query."', "Slow query"),
        ("**Title:** Slow query", "Slow query"),
        ("# Title: “Slow query”\n\nBecause it is.", "Slow query"),
        ("\n\n`Slow query`", "Slow query"),
        ("标题：慢查询。", "慢查询"),
        ("...", ""),
        ("", ""),
        ("one two three four five six seven eight nine ten eleven", ""),
        ("x" * 100, "x" * 59 + "…"),
        ("longword " * 9, "longword longword longword longword longword longword…"),
    ],
)
def test_what_comes_back_is_cleaned(text: str, title: str) -> None:
    assert clean_title(text) == title


@given(st.text(st.characters()))
def test_a_title_is_one_short_line(text: str) -> None:
    title = clean_title(text)
    assert len(title) <= MAX_TITLE
    assert title == " ".join(title.split())
    assert title.isprintable()
