"""Usage and speed of models over a real history and a real chat, and who said what of a model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.catalog import Catalog
from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import UnreachableError
from aiproxy_desktop.core.events import Finished, Started, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.requirements import UNSEEN, Seen
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.model_facts import ModelFactsService
from aiproxy_desktop.services.model_sources import Fact, sourced
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.usage import UsageStore
from tests.waiting import until

SCRIPT = (
    Started("scripted", "script"),
    TextDelta("Hello."),
    UsageReported(Usage(9, 3)),
    Finished("stop"),
)
MODEL = ModelInfo("script", "scripted", "Script")


class Parts:
    """A chat and what is known of its models."""

    def __init__(self, db: Database, provider: ScriptedProvider) -> None:
        self.registry = Registry((provider,), catalog=Catalog())
        self.client = CompletionClient(self.registry)
        self.chat = ChatService(ConversationStore(db), self.client)
        self.unexpected: list[Exception] = []
        self.facts = ModelFactsService(
            *(UsageStore(db), self.chat.answered, self.registry, self.client.model_manager.latency),
            self.unexpected.append,
        )
        self.changes: list[frozenset[str]] = []
        self.facts.changed.add(self.changes.append)

    async def ask(self) -> None:
        turn = await self.chat.begin("Hi", "scripted:script")
        async with aclosing(self.chat.run(turn)) as events:
            async for _ in events:
                pass


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "conversations.db")
    yield database
    await database.close()


@pytest.fixture
async def parts(db: Database) -> AsyncIterator[Parts]:
    made = Parts(db, ScriptedProvider(SCRIPT))
    yield made
    await made.facts.close()
    await made.client.aclose()
    assert made.unexpected == []


async def test_what_the_history_has_is_there_after_the_start(parts: Parts) -> None:
    await parts.ask()
    assert parts.facts.usage("scripted:script") is None
    parts.facts.start()
    await until(lambda: bool(parts.changes), "the history is read")
    used = parts.facts.usage("scripted:script")
    assert used is not None
    assert (used.answers, used.input_tokens, used.output_tokens) == (1, 9, 3)


async def test_an_answer_that_ends_is_counted(parts: Parts) -> None:
    parts.facts.start()
    await until(lambda: bool(parts.changes), "the history is read")
    await parts.ask()
    await until(lambda: len(parts.changes) == 2, "the answer is counted")
    assert parts.changes[-1] == {"scripted:script"}
    used = parts.facts.usage("scripted:script")
    assert used is not None
    assert used.answers == 1
    assert parts.facts.seen("scripted:script").wait == used.wait == parts.facts.latency("scripted:script")


async def test_an_answer_that_ends_meanwhile_is_counted_once(parts: Parts) -> None:
    parts.facts.start()
    await parts.ask()
    await until(lambda: parts.facts.usage("scripted:script") is not None, "the answer is counted")
    parts.facts.refresh()
    parts.facts.refresh()
    count = len(parts.changes)
    await until(lambda: len(parts.changes) > count, "the history is read again")
    used = parts.facts.usage("scripted:script")
    assert used is not None
    assert used.answers == 1


async def test_what_is_imported_while_the_history_is_read_is_read_as_well(parts: Parts) -> None:
    parts.facts.start()
    parts.facts.refresh()
    parts.facts.refresh()
    await until(lambda: len(parts.changes) == 2, "it is read once more")


async def test_this_run_tells_of_what_the_history_does_not(parts: Parts) -> None:
    book = parts.client.model_manager.latency
    assert parts.facts.seen("scripted:script") == UNSEEN
    book.note("scripted:script", 2.5)
    book.note_speed("scripted:script", 30.0)
    assert parts.facts.seen("scripted:script") == Seen(2.5, 30.0)
    assert parts.facts.rate("scripted:script") == 30.0


async def test_a_provider_that_tells_more_is_asked(parts: Parts) -> None:
    class Telling(ScriptedProvider):
        async def show(self, model: str) -> ModelDetails:
            if model == "gone":
                raise UnreachableError("Not there", "Start it.", provider=self.id)
            return ModelDetails(MODEL, license="MIT")

    assert not parts.facts.can_describe(MODEL)
    assert await parts.facts.details(MODEL) is None
    assert await parts.facts.details(replace(MODEL, provider="nobody")) is None
    await parts.registry.replace(Telling(SCRIPT))
    assert parts.facts.can_describe(MODEL)
    assert await parts.facts.details(MODEL) == ModelDetails(MODEL, license="MIT")
    with pytest.raises(UnreachableError):
        await parts.facts.details(replace(MODEL, id="gone"))


REPORTED = ModelInfo(
    "m", "p", "M", context_window=8_000, capabilities=Capabilities(vision=False), released_on=date(2026, 9, 1)
)
DESCRIBED = ModelInfo(
    *("m", "p", "m"),
    context_window=8_000,
    output_limit=4_000,
    capabilities=Capabilities(vision=True, tools=True),
    price=Price(1.0, 2.0),
)
COMPLETE = replace(
    REPORTED, output_limit=4_000, capabilities=Capabilities(vision=False, tools=True), price=Price(1.0, 2.0)
)


def test_only_what_the_provider_left_out_is_the_tables() -> None:
    told = sourced(COMPLETE, REPORTED, DESCRIBED)
    assert told.table == (
        Fact("output_limit", 4_000),
        Fact("capabilities.tools", True),
        Fact("price.input", 1.0),
        Fact("price.output", 2.0),
    )
    assert told.provider == (
        Fact("context_window", 8_000),
        Fact("capabilities.vision", False),
        Fact("released_on", date(2026, 9, 1)),
    )
    assert "price.cached_input" in told.unknown
    assert "capabilities.audio" in told.unknown
    assert "retires_on" in told.unknown
    assert not {"id", "provider", "display_name", "local"} & set(told.unknown)


def test_without_the_providers_own_words_what_the_table_has_is_the_tables() -> None:
    told = sourced(COMPLETE, None, DESCRIBED)
    assert Fact("context_window", 8_000) in told.table
    assert told.provider == (Fact("capabilities.vision", False), Fact("released_on", date(2026, 9, 1)))


def test_that_this_machine_costs_nothing_is_not_in_the_table() -> None:
    local = ModelInfo("m", "p", "M", local=True, price=Price(0.0, 0.0))
    told = sourced(local, ModelInfo("m", "p", "M", local=True), ModelInfo("m", "p", "m"))
    assert told.table == ()
    assert {fact.field for fact in told.provider} == {"price.input", "price.output"}


async def test_the_providers_own_words_are_found_in_its_state(parts: Parts) -> None:
    state = ProviderState("p", "P", "endpoint", "ready", models=(COMPLETE,), reported=(REPORTED,))
    told = parts.facts.sources(COMPLETE, state)
    assert Fact("context_window", 8_000) in told.provider
    assert Fact("output_limit", 4_000) in told.table
    assert parts.facts.sources(COMPLETE, None).table == ()
    assert parts.facts.table_day is None
