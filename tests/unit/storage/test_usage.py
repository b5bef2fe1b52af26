"""What the history says of each model, from real databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage import usage as usage_module
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.records import MessageStatus, Outcome, StoredTurn
from aiproxy_desktop.storage.usage import NEWEST, ModelUsage, UsageStore

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Clock:
    """Time as the test sets it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(db: Database, clock: Clock) -> ConversationStore:
    return ConversationStore(db, clock)


async def answer(
    store: ConversationStore,
    clock: Clock,
    model: str = "p:m",
    *,
    wait: float | None = 0.5,
    writing: float = 2.0,
    usage: Usage | None = None,
    cost: float | None = None,
    status: MessageStatus = "complete",
) -> StoredTurn:
    """Ask, wait, have it written, and let a minute pass."""
    turn = await store.add_turn("Question", model, title="T")
    first = None if wait is None else clock.now + timedelta(seconds=wait)
    clock.now += timedelta(seconds=(wait or 0.0) + writing)
    outcome = Outcome(status, usage=usage, first_token_at=first, cost=cost)
    await store.finish(turn.answer.id, outcome, "Answer")
    clock.now += timedelta(minutes=1)
    return turn


async def usage_of(db: Database, reference: str) -> ModelUsage | None:
    return (await UsageStore(db).read()).usage(reference)


async def test_nothing_is_known_of_what_never_answered(db: Database) -> None:
    book = await UsageStore(db).read()
    assert (book.references(), book.usage("p:m")) == ((), None)


async def test_answers_are_added_up(db: Database, store: ConversationStore, clock: Clock) -> None:
    await answer(store, clock, usage=Usage(10, 40, 2, 8), cost=0.25, writing=2.0)
    await answer(store, clock, usage=Usage(5, 60), cost=None, wait=1.5, writing=2.0)
    last = clock.now
    await answer(store, clock, usage=Usage(None, 20, 1), cost=0.5, wait=0.7, writing=2.0)
    await answer(store, clock, "p:other")
    assert await usage_of(db, "p:m") == ModelUsage(
        "p:m",
        answers=3,
        input_tokens=15,
        output_tokens=120,
        cached_tokens=3,
        reasoning_tokens=8,
        cost=0.75,
        priced=2,
        wait=0.7,
        speed=20.0,
        last_used=last,
    )


async def test_what_nobody_counted_is_not_nothing(
    db: Database, store: ConversationStore, clock: Clock
) -> None:
    await answer(store, clock)
    used = await usage_of(db, "p:m")
    assert used is not None
    assert (used.answers, used.input_tokens, used.output_tokens, used.cost, used.priced, used.speed) == (
        *(1, None, None, None, 0),
        None,
    )


async def test_free_is_a_known_cost(db: Database, store: ConversationStore, clock: Clock) -> None:
    await answer(store, clock, cost=0.0)
    used = await usage_of(db, "p:m")
    assert used is not None
    assert (used.cost, used.priced) == (0.0, 1)


async def test_an_answer_of_which_nothing_came_is_none(
    db: Database, store: ConversationStore, clock: Clock
) -> None:
    await answer(store, clock, wait=None, status="failed")
    await store.add_turn("Asked just now", "p:m", title="T")
    assert await usage_of(db, "p:m") is None


async def test_a_part_of_an_answer_is_paid_for_and_tells_no_speed(
    db: Database, store: ConversationStore, clock: Clock
) -> None:
    await answer(store, clock, usage=Usage(10, 40), cost=0.25, status="interrupted")
    used = await usage_of(db, "p:m")
    assert used is not None
    assert (used.answers, used.cost, used.wait, used.speed) == (1, 0.25, None, None)


async def test_a_branched_conversation_pays_nothing_twice(
    db: Database, store: ConversationStore, clock: Clock
) -> None:
    turn = await answer(store, clock, usage=Usage(10, 40), cost=0.25)
    await store.copy_branch(turn.answer.id)
    used = await usage_of(db, "p:m")
    assert used is not None
    assert (used.answers, used.cost, used.output_tokens) == (1, 0.25, 40)


async def test_only_the_newest_answers_tell_how_fast_it_is(
    db: Database, store: ConversationStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_module, "_SLICE", 7)
    for _ in range(NEWEST + 5):
        await answer(store, clock, wait=9.0, usage=Usage(1, 10), writing=10.0)
    for _ in range(NEWEST):
        await answer(store, clock, wait=0.4, usage=Usage(1, 100), writing=2.0)
    used = await usage_of(db, "p:m")
    assert used is not None
    assert (used.answers, used.wait, used.speed) == (2 * NEWEST + 5, 0.4, 50.0)


async def test_a_few_milliseconds_tell_no_speed(db: Database, store: ConversationStore, clock: Clock) -> None:
    await answer(store, clock, usage=Usage(1, 100), writing=0.01)
    await answer(store, clock, usage=Usage(1, 1), writing=1.0)
    used = await usage_of(db, "p:m")
    assert used is not None
    assert (used.wait, used.speed) == (0.5, None)


async def test_one_more_answer_is_added_without_reading_all(
    db: Database, store: ConversationStore, clock: Clock
) -> None:
    await answer(store, clock, cost=1.0)
    usage = UsageStore(db)
    book = await usage.read()
    turn = await answer(store, clock, cost=2.0)
    rows = await usage.answer(turn.answer.id)
    assert book.add(rows) == {"p:m"}
    assert book.add(rows) == frozenset()
    used = book.usage("p:m")
    assert used is not None
    assert (used.answers, used.cost) == (2, 3.0)
    assert used == await usage_of(db, "p:m")
