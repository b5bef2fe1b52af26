from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    ContentBlockedError,
    InterruptedStreamError,
    LocalModelError,
    MissingKeyError,
    ProtocolError,
    ProviderFailureError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    RequestError,
    UnreachableError,
)
from aiproxy_desktop.core.events import Finished, Noted, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.messages import Message
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import INTERACTIVE, NO_RETRY, PATIENT, RetryPolicy
from aiproxy_desktop.core.testing import ScriptedProvider

QUICK = RetryPolicy(attempts=3, first_wait=0.0)
GOOD = (Started("scripted", "script"), TextDelta("Hi"), Finished("stop"))
BUSY = ProviderFailureError("Busy")


def improving(*scripts: Sequence[StreamEvent | AIProxyError]) -> ScriptedProvider:
    return ScriptedProvider(scripts[0], then=scripts[1:])


async def answer(provider: ScriptedProvider, policy: RetryPolicy) -> list[StreamEvent]:
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
    provider = improving(failing, failing, GOOD)
    events = await answer(provider, QUICK)
    assert [event for event in events if not isinstance(event, Noted)] == list(GOOD)
    assert [event.parameter for event in events if isinstance(event, Noted)] == ["retry", "retry"]
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
    provider = improving(failing, GOOD)
    with pytest.raises(AIProxyError) as caught:
        await answer(provider, QUICK)
    assert caught.value is failing[-1]
    assert len(provider.requests) == provider.closed_streams == 1


@pytest.mark.parametrize(("policy", "attempts"), [(QUICK, 3), (NO_RETRY, 1)])
async def test_it_ends(policy: RetryPolicy, attempts: int) -> None:
    provider = improving((BUSY,))
    with pytest.raises(ProviderFailureError):
        await answer(provider, policy)
    assert len(provider.requests) == attempts


def test_waits_grow_and_are_bounded() -> None:
    policy = RetryPolicy(attempts=9)
    assert [policy.wait_after(BUSY, attempt, lambda: 1.0) for attempt in range(1, 6)] == [0.5, 1, 2, 2, 2]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_drawn_wait_lies_between_nothing_and_the_bound(attempt: int, drawn: float) -> None:
    wait = replace(PATIENT, attempts=20_000).wait_after(BUSY, attempt, lambda: drawn)
    assert wait is not None
    assert 0 <= wait <= 60


@pytest.mark.parametrize(
    ("error", "interactive", "patient"),
    [
        (ProviderFailureError("Busy", status=503), 0.5, 0.5),
        (ProviderFailureError("Busy", retry_after=1.5), 1.5, 1.5),
        (ProviderFailureError("Busy", retry_after=30.0), None, 30.0),
        (InterruptedStreamError("Cut"), 0.5, 0.5),
        (UnreachableError("Away"), None, 0.5),
        (RateLimitError("Wait"), None, 0.5),
        (RateLimitError("Wait", retry_after=2.0), 2.0, 2.0),
        (RateLimitError("Wait", retry_after=60.0), None, 60.0),
        (RateLimitError("Wait", retry_after=60.5), None, None),
        (ProviderTimeoutError("Slow", status=408), 0.5, 0.5),
        (RequestError("Conflict", status=409), 0.5, 0.5),
        (RequestError("Conflict", status=409, retry_after=1.0), 1.0, 1.0),
        (ProviderTimeoutError("Silent"), None, None),
        (RequestError("No", status=400), None, None),
        (QuotaError("Empty", status=429), None, None),
        (QuotaError("Empty", retry_after=1.0), None, None),
        (ContentBlockedError("Blocked"), None, None),
        (MissingKeyError("No key"), None, None),
        (AuthenticationError("No", status=401), None, None),
        (ProtocolError("A web page"), None, None),
        (LocalModelError("Gone"), None, None),
    ],
    ids=str,
)
def test_what_is_tried_again(error: AIProxyError, interactive: float | None, patient: float | None) -> None:
    assert INTERACTIVE.wait_after(error, 1, lambda: 1.0) == interactive
    assert PATIENT.wait_after(error, 1, lambda: 1.0) == patient
