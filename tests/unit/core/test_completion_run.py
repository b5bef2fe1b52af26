from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from aiproxy_desktop.core.completion_run import CompletionRunner
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    ContentBlockedError,
    InterruptedStreamError,
    MissingKeyError,
    ModelNotFoundError,
    ProviderFailureError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    RequestError,
    RequestTooLargeError,
    UnreachableError,
)
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
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.retry import INTERACTIVE, NO_RETRY, PATIENT, RetryPolicy
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.core.timeouts import Timeouts

Script = Sequence[StreamEvent | AIProxyError]

REQUEST = CompletionRequest("m", (Message.of("user", "Hi"),))
HI = (TextDelta("Hi"), Finished("stop"))
BUSY = ProviderFailureError("A failed on its side")
LIMITED = RateLimitError("A asks to wait 12 s", retry_after=12.0)


@dataclass
class Hours:
    """Time that passes by being slept through."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def runner(hours: Hours) -> CompletionRunner:
    return CompletionRunner(clock=hours.clock, sleep=hours.sleep, draw=lambda: 1.0)


def provider(name: str, *scripts: Script) -> ScriptedProvider:
    started = Started(name, "m")
    played = [
        script if script and isinstance(script[0], AIProxyError) else (started, *script) for script in scripts
    ]
    return ScriptedProvider(played[0], id=name, label=name.upper(), then=played[1:])


def targets(*providers: ScriptedProvider) -> tuple[Target, ...]:
    return tuple(Target(one, "m") for one in providers)


async def collected(events: AsyncGenerator[StreamEvent]) -> list[StreamEvent]:
    return [event async for event in events]


async def cut_short(events: AsyncGenerator[StreamEvent]) -> tuple[list[StreamEvent], AIProxyError | None]:
    """What came, and the error that ended it."""
    seen: list[StreamEvent] = []
    try:
        async for event in events:
            seen.append(event)  # noqa: PERF401  # a comprehension would lose what came before the error
    except AIProxyError as error:
        return seen, error
    return seen, None


async def answered(
    runner: CompletionRunner, *providers: ScriptedProvider, policy: RetryPolicy = PATIENT
) -> list[StreamEvent]:
    events = await collected(runner.stream(REQUEST, targets(*providers), policy))
    assert all(len(one.requests) == one.closed_streams for one in providers)
    return events


async def refused(
    runner: CompletionRunner, *providers: ScriptedProvider, policy: RetryPolicy = PATIENT
) -> AIProxyError:
    with pytest.raises(AIProxyError) as caught:
        await answered(runner, *providers, policy=policy)
    assert all(len(one.requests) == one.closed_streams for one in providers)
    return caught.value


async def test_a_whole_answer_passes_as_it_is(runner: CompletionRunner) -> None:
    a = provider("a", (ReasoningDelta("Hm"), *HI))
    assert await answered(runner, a) == [Started("a", "m"), ReasoningDelta("Hm"), *HI]


async def test_notes_come_once_although_the_attempt_was_repeated(runner: CompletionRunner) -> None:
    note = Noted("temperature", "left out")
    a = provider("a", (note, BUSY), (note, *HI))
    assert await answered(runner, a) == [
        Started("a", "m"),
        note,
        Noted("retry", "A was asked again after 0.5 s: A failed on its side."),
        *HI,
    ]


async def test_waits_grow_until_the_attempts_are_used_up(runner: CompletionRunner, hours: Hours) -> None:
    a = provider("a", (BUSY,))
    assert await refused(runner, a, policy=replace(PATIENT, attempts=5)) is BUSY
    assert hours.slept == [0.5, 1.0, 2.0, 4.0]


async def test_what_the_provider_asks_for_is_waited(runner: CompletionRunner, hours: Hours) -> None:
    a = provider("a", (LIMITED,), HI)
    assert (await answered(runner, a))[-2:] == list(HI)
    assert hours.slept == [12.0]


async def test_no_wait_goes_beyond_the_budget(runner: CompletionRunner, hours: Hours) -> None:
    slow = RateLimitError("Wait", retry_after=40.0)
    a = provider("a", (slow,))
    assert await refused(runner, a, policy=replace(PATIENT, attempts=9)) is slow
    assert hours.slept == [40.0, 40.0]


async def test_no_wait_goes_beyond_the_bound_of_the_whole(runner: CompletionRunner, hours: Hours) -> None:
    a = provider("a", (LIMITED,))
    request = replace(REQUEST, timeouts=Timeouts(total=10.0))
    with pytest.raises(RateLimitError):
        await collected(runner.stream(request, targets(a)))
    assert hours.slept == []


async def test_a_person_is_not_kept_waiting(runner: CompletionRunner, hours: Hours) -> None:
    a = provider("a", (LIMITED,), HI)
    assert await refused(runner, a, policy=INTERACTIVE) is LIMITED
    assert hours.slept == []


@pytest.mark.parametrize(
    "first",
    [
        TextDelta("Hel"),
        ReasoningDelta("Hm"),
        ToolCallDelta(0, "1", "look"),
        ImageReceived("image/png", b"x"),
        OpaqueReceived("a", "{}"),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_nothing_is_mended_after_the_first_visible_event(
    runner: CompletionRunner, first: StreamEvent
) -> None:
    a, b = provider("a", (first, BUSY)), provider("b", HI)
    seen, error = await cut_short(runner.stream(REQUEST, targets(a, b)))
    assert error is BUSY
    assert seen == [Started("a", "m"), first]
    assert (len(a.requests), len(b.requests)) == (1, 0)


@pytest.mark.parametrize(
    "error",
    [
        LIMITED,
        QuotaError("No credit"),
        BUSY,
        UnreachableError("Away"),
        ProviderTimeoutError("Slow"),
        InterruptedStreamError("Cut"),
        ModelNotFoundError("No such model"),
        MissingKeyError("No key"),
        RequestTooLargeError("Too long"),
        RequestError("Conflict", status=409),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_another_target_answers_instead(runner: CompletionRunner, error: AIProxyError) -> None:
    a, b = provider("a", (error,)), provider("b", HI)
    assert await answered(runner, a, b, policy=NO_RETRY) == [
        Started("b", "m"),
        Noted("fallback", f"B (m) answers instead of A (m): {error.title}."),
        *HI,
    ]


@pytest.mark.parametrize(
    "error",
    [ContentBlockedError("Blocked"), RequestError("Bad", status=400), AuthenticationError("Wrong key")],
    ids=lambda error: type(error).__name__,
)
async def test_what_lies_with_the_request_is_told_at_once(
    runner: CompletionRunner, error: AIProxyError
) -> None:
    a, b = provider("a", (error,)), provider("b", HI)
    assert await refused(runner, a, b) is error
    assert b.requests == []


async def test_each_target_is_asked_for_its_own_model(runner: CompletionRunner) -> None:
    a, b = provider("a", (BUSY,)), provider("b", HI)
    await collected(runner.stream(REQUEST, (Target(a, "one"), Target(b, "two")), NO_RETRY))
    assert [a.requests[0].model, b.requests[0].model] == ["one", "two"]


async def test_a_long_wait_is_not_waited_where_another_target_is_at_hand(
    runner: CompletionRunner, hours: Hours
) -> None:
    a, b = provider("a", (LIMITED,)), provider("b", HI)
    assert (await answered(runner, a, b))[0] == Started("b", "m")
    assert hours.slept == []


async def test_all_failed_is_the_first_failure_with_the_others_in_it(runner: CompletionRunner) -> None:
    first = RateLimitError("A asks to slow down", "Wait a little.")
    b, c = (
        provider("b", (UnreachableError("B cannot be reached"),)),
        provider("c", (QuotaError("No credit"),)),
    )
    error = await refused(runner, provider("a", (first,)), b, c, policy=NO_RETRY)
    assert error is first
    assert error.attempts == ("B (m): B cannot be reached", "C (m): No credit")
    assert str(error) == (
        "A asks to slow down. Wait a little. Asked instead, in vain: "
        "B (m): B cannot be reached; C (m): No credit."
    )
    assert error.__context__ is None


async def test_a_conversation_that_is_too_long_goes_to_a_larger_window(hours: Hours) -> None:
    windows = {"a": 8_000, "same": 8_000, "small": 4_000, "large": 100_000}
    runner = CompletionRunner(
        clock=hours.clock, info=lambda owner, model: ModelInfo(model, owner, model, windows[owner])
    )
    a = provider("a", (RequestTooLargeError("Too long"),))
    others = [provider(name, HI) for name in ("same", "small", "large")]
    assert (await answered(runner, a, *others))[0] == Started("large", "m")
    assert [len(one.requests) for one in others] == [0, 0, 1]


async def test_a_window_nobody_knows_is_tried() -> None:
    runner = CompletionRunner(info=lambda *_: None)
    a, b = provider("a", (RequestTooLargeError("Too long"),)), provider("b", HI)
    assert (await answered(runner, a, b))[0] == Started("b", "m")


async def test_who_rests_is_asked_last(runner: CompletionRunner) -> None:
    a, b = provider("a", (LIMITED,), HI), provider("b", HI, HI, (BUSY,))
    await answered(runner, a, b)
    assert (await answered(runner, a, b))[:2] == [
        Started("b", "m"),
        Noted(
            "fallback", "B (m) answers instead of A (m): A is left alone for a while, as it failed lately."
        ),
    ]
    assert (await answered(runner, a, b))[-3:] == [Started("a", "m"), *HI]
    assert (len(a.requests), len(b.requests)) == (2, 5)


async def test_who_rests_is_asked_where_nobody_else_is_left(runner: CompletionRunner) -> None:
    a = provider("a", (LIMITED,), HI)
    assert await refused(runner, a, policy=NO_RETRY) is LIMITED
    assert (await answered(runner, a))[-2:] == list(HI)


async def test_rest_ends(runner: CompletionRunner, hours: Hours) -> None:
    a, b = provider("a", (LIMITED,), HI), provider("b", HI)
    await answered(runner, a, b)
    hours.now += 13
    assert (await answered(runner, a, b))[0] == Started("a", "m")


async def test_silence_before_the_first_token(runner: CompletionRunner) -> None:
    a = ScriptedProvider((Started("a", "m"), *HI), delay=30.0, id="a", label="A")
    request = replace(REQUEST, timeouts=Timeouts(first_token=0.02))
    with pytest.raises(ProviderTimeoutError) as caught:
        await collected(runner.stream(request, targets(a)))
    assert caught.value.title == "A did not begin to answer"
    assert "0.02 s, the bound set for the first token" in caught.value.advice
    assert (len(a.requests), a.closed_streams) == (1, 1)


async def test_another_target_is_not_silent(runner: CompletionRunner) -> None:
    a = ScriptedProvider((Started("a", "m"), *HI), delay=30.0, id="a", label="A")
    b = provider("b", HI)
    request = replace(REQUEST, timeouts=Timeouts(first_token=0.3))
    events = await collected(runner.stream(request, targets(a, b)))
    assert events[-2:] == list(HI)
    assert a.closed_streams == 1


async def test_the_first_token_lifts_its_bound(runner: CompletionRunner) -> None:
    a = ScriptedProvider((*[TextDelta("x")] * 8, Finished("stop")), delay=0.1)
    request = replace(REQUEST, timeouts=Timeouts(first_token=0.5))
    assert len(await collected(runner.stream(request, targets(a)))) == 9


async def test_the_whole_has_a_bound_which_keeps_what_came(runner: CompletionRunner) -> None:
    a = ScriptedProvider([TextDelta("x")] * 100_000, delay=0.001, id="a", label="A")
    b = provider("b", HI)
    request = replace(REQUEST, timeouts=Timeouts(first_token=10.0, total=0.5))
    seen, error = await cut_short(runner.stream(request, targets(a, b)))
    assert seen
    assert type(error) is ProviderTimeoutError
    assert error.title == "A took too long"
    assert "0.5 s, the bound set for all of it. What came is kept." in error.advice
    assert (a.closed_streams, b.requests) == (1, [])


async def test_the_bound_of_the_whole_ends_all_attempts(runner: CompletionRunner) -> None:
    a = ScriptedProvider((Started("a", "m"), *HI), delay=30.0, id="a", label="A")
    request = replace(REQUEST, timeouts=Timeouts(first_token=10.0, total=0.02))
    b = provider("b", HI)
    with pytest.raises(ProviderTimeoutError) as caught:
        await collected(runner.stream(request, targets(a, b)))
    assert "the bound set for all of it. Try again" in caught.value.advice
    assert b.requests == []


async def test_leaving_closes_at_once(runner: CompletionRunner) -> None:
    a = provider("a", [TextDelta("x")] * 100)
    events = runner.stream(REQUEST, targets(a))
    assert await anext(events) == Started("a", "m")
    await events.aclose()
    assert a.closed_streams == 1


async def test_a_cancel_in_a_wait_closes_nothing_twice() -> None:
    waiting = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    a = provider("a", (BUSY,))
    task = asyncio.create_task(collected(CompletionRunner(sleep=sleep).stream(REQUEST, targets(a))))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(a.requests), a.closed_streams) == (1, 1)


async def test_the_time_to_the_first_token_is_told(hours: Hours) -> None:
    told: list[tuple[str, float]] = []
    runner = CompletionRunner(
        clock=hours.clock,
        sleep=hours.sleep,
        draw=lambda: 1.0,
        on_first_token=lambda reference, seconds: told.append((reference, seconds)),
    )
    await answered(runner, provider("a", (BUSY,), HI))
    assert told == [("a:m", 0.0)]


@pytest.mark.parametrize("total", [None, 60.0])
@pytest.mark.parametrize(
    ("tokens", "seconds", "expected"),
    [(40, 2.0, [("a:m", 20.0)]), (40, 0.01, []), (1, 2.0, []), (None, 2.0, [])],
)
async def test_the_speed_of_a_whole_answer_is_told(
    hours: Hours, tokens: int | None, seconds: float, expected: list[tuple[str, float]], total: float | None
) -> None:
    told: list[tuple[str, float]] = []
    runner = CompletionRunner(
        clock=hours.clock, on_speed=lambda reference, speed: told.append((reference, speed))
    )
    a = provider("a", (TextDelta("Hi"), UsageReported(Usage(8, tokens)), Finished("stop")))
    request = replace(REQUEST, timeouts=Timeouts(total=total))
    async for event in runner.stream(request, targets(a)):
        if isinstance(event, UsageReported):
            hours.now += seconds
    assert told == expected


async def test_no_target_is_an_error_of_the_caller(runner: CompletionRunner) -> None:
    with pytest.raises(ValueError, match="target"):
        await collected(runner.stream(REQUEST, ()))


@pytest.mark.parametrize("total", [None, 60.0])
async def test_an_answer_without_its_end_is_none(runner: CompletionRunner, total: float | None) -> None:
    """A provider of somebody else's may forget it, and half an answer would pass for all of it."""
    request = replace(REQUEST, timeouts=Timeouts(total=total))
    events = runner.stream(request, targets(provider("a", (TextDelta("Half"),))), NO_RETRY)
    seen, error = await cut_short(events)
    assert seen == [Started("a", "m"), TextDelta("Half")]
    assert isinstance(error, InterruptedStreamError)


async def test_an_answer_of_nothing_is_asked_for_again_and_elsewhere(runner: CompletionRunner) -> None:
    a, b = provider("a", ()), provider("b", HI)
    assert (await answered(runner, a, b))[-1] == Finished("stop")
    assert len(a.requests) == PATIENT.attempts
