from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaPart,
    Message,
    Part,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.context_budget import ContextBudget, most_tokens


class Visitor:
    """Someone who takes room and holds it until told to leave."""

    def __init__(self, budget: ContextBudget, tokens: int) -> None:
        self._leave = asyncio.Event()
        self.inside = False
        self._task = asyncio.create_task(self._visit(budget, tokens))

    async def _visit(self, budget: ContextBudget, tokens: int) -> None:
        async with budget.reserved(tokens):
            self.inside = True
            await self._leave.wait()
        self.inside = False

    async def leave(self) -> None:
        self._leave.set()
        await self._task

    async def give_up(self) -> None:
        self._task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._task


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def arrive(budget: ContextBudget, *sizes: int) -> list[Visitor]:
    visitors = [Visitor(budget, size) for size in sizes]
    await settle()
    return visitors


async def test_who_fits_comes_in_at_once() -> None:
    visitors = await arrive(ContextBudget(10), 4, 6)
    assert all(visitor.inside for visitor in visitors)
    for visitor in visitors:
        await visitor.leave()


async def test_who_does_not_fit_waits_and_nobody_overtakes() -> None:
    first, large, small = await arrive(ContextBudget(10), 6, 8, 1)
    assert (first.inside, large.inside, small.inside) == (True, False, False)
    await first.leave()
    await settle()
    assert (large.inside, small.inside) == (True, True)
    await large.leave()
    await small.leave()


async def test_more_than_there_is_means_all() -> None:
    budget = ContextBudget(10)
    giant, other = await arrive(budget, 1000, 1)
    assert (giant.inside, other.inside) == (True, False)
    await giant.leave()
    await other.leave()


async def test_who_gives_up_lets_the_next_one_in() -> None:
    first, large, small = await arrive(ContextBudget(10), 6, 8, 4)
    await large.give_up()
    await settle()
    assert small.inside
    await first.leave()
    await small.leave()


async def test_who_gives_up_as_the_turn_comes_loses_nothing() -> None:
    budget = ContextBudget(10)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(budget.reserved(10))
        (waiting,) = await arrive(budget, 10)
    # The room was handed on just now; the one who got it has not run since.
    await waiting.give_up()
    (next_one,) = await arrive(budget, 10)
    assert next_one.inside
    await next_one.leave()


async def test_all_who_wait_may_give_up_at_once() -> None:
    budget = ContextBudget(10)
    first, *others = await arrive(budget, 6, 10, 10, 10)
    await asyncio.gather(first.give_up(), *(visitor.give_up() for visitor in others))
    (next_one,) = await arrive(budget, 10)
    assert next_one.inside
    await next_one.leave()


def test_the_bound_counts_bytes_and_the_answer() -> None:
    request = CompletionRequest("m", (Message.of("system", "Be kind."), Message.of("user", "ключ")))
    assert most_tokens(request, 100) >= 8 + 8 + 100
    assert most_tokens(CompletionRequest("m", (Message.of("user", "\ud800"),)), 1) > 1


def test_the_bound_counts_every_part() -> None:
    def most(*parts: Part, tools: tuple[Tool, ...] = ()) -> int:
        return most_tokens(CompletionRequest("m", (Message("user", parts),), tools=tools), 0)

    empty, long = most(), "x" * 500
    for part in (
        TextPart(long),
        ToolCallPart("1", "f", long),
        ToolResultPart("1", "f", long),
        MediaPart("document", "text/plain", long.encode()),
    ):
        assert most(part) >= empty + 500
    assert most(tools=(Tool("f", long),)) >= empty + 500
    assert most(tools=(Tool("f", "", {"description": long}),)) >= empty + 500
    assert most(MediaPart("image", "image/png", long.encode())) == empty
