from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    InterruptedStreamError,
    ProviderFailureError,
    RateLimitError,
    UnreachableError,
)
from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import NO_RETRY, RetryPolicy
from aiproxy_desktop.core.testing import ScriptedProvider

QUICK = RetryPolicy(attempts=3, first_wait=0.0)
GOOD = (Started("scripted", "script"), TextDelta("Hi"), Finished("stop"))
BUSY = ProviderFailureError("Busy")


class Improving(ScriptedProvider):
    """Plays one script after the other."""

    def __init__(self, *scripts: Sequence[StreamEvent | AIProxyError]) -> None:
        super().__init__(())
        self._scripts = scripts

    def _script(self, request: CompletionRequest) -> Sequence[StreamEvent | AIProxyError]:
        del request
        return self._scripts[min(len(self.requests), len(self._scripts)) - 1]


async def answer(provider: Improving, policy: RetryPolicy) -> list[StreamEvent]:
    client = CompletionClient(Registry((provider,)), retries=policy)
    async with client.stream([Message.of("user", "Hi")], "scripted:script") as events:
        return await collected(events)


async def collected(events: AsyncGenerator[StreamEvent]) -> list[StreamEvent]:
    return [event async for event in events]


@pytest.mark.parametrize(
    "failing",
    [(BUSY,), (GOOD[0], BUSY), (InterruptedStreamError("Cut"),), (RateLimitError("Wait", retry_after=0.0),)],
)
async def test_what_a_moment_mends_is_tried_again(failing: Sequence[StreamEvent | AIProxyError]) -> None:
    provider = Improving(failing, failing, GOOD)
    assert await answer(provider, QUICK) == list(GOOD)
    assert len(provider.requests) == provider.closed_streams == 3


@pytest.mark.parametrize(
    "failing",
    [
        (AuthenticationError("No"),),
        (UnreachableError("Away"),),
        (RateLimitError("Wait"),),
        (RateLimitError("Wait", retry_after=12.0),),
        (GOOD[0], TextDelta("Hel"), BUSY),
    ],
)
async def test_nothing_else_is(failing: Sequence[StreamEvent | AIProxyError]) -> None:
    provider = Improving(failing, GOOD)
    with pytest.raises(AIProxyError) as caught:
        await answer(provider, QUICK)
    assert caught.value is failing[-1]
    assert len(provider.requests) == provider.closed_streams == 1


@pytest.mark.parametrize(("policy", "attempts"), [(QUICK, 3), (NO_RETRY, 1)])
async def test_it_ends(policy: RetryPolicy, attempts: int) -> None:
    provider = Improving((BUSY,))
    with pytest.raises(ProviderFailureError):
        await answer(provider, policy)
    assert len(provider.requests) == attempts


def test_waits_grow_and_are_bounded() -> None:
    policy = RetryPolicy(attempts=9)
    assert [policy.wait_after(BUSY, attempt) for attempt in range(1, 6)] == [0.5, 1.0, 2.0, 2.0, 2.0]
