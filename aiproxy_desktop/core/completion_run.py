"""One completion from an ordered list of targets: attempts, waits, fallback and bounds of time.

Everything that may still be mended is mended before the first visible event, which is any but Started and
Noted. From then on events are passed through, and what goes wrong is raised as it is.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.cooldown import Cooldowns
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ProviderTimeoutError,
)
from aiproxy_desktop.core.events import Finished, Noted, Started, StreamEvent, Usage, UsageReported
from aiproxy_desktop.core.fallback import Fallbacks, LookUp, Target
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.retry import PATIENT, RetryPolicy
from aiproxy_desktop.core.timeouts import Timeouts

if TYPE_CHECKING:
    from aiproxy_desktop.core.telemetry import Operation, Telemetry

_NO_BOUNDS = Timeouts()

# A rate over a few milliseconds says more about the network than about the model.
_SHORTEST = 0.05


class CompletionRunner:
    """Runs completions; holds what they share and nothing of any one of them.

    Args:
        cooldowns: which providers rest.
        info: looks up a model by provider and native name, for the size of its context window.
        telemetry: where to report; None reports nothing.
        on_first_token: told the reference of the target and the seconds from asking it to its first
            visible event.
        on_speed: told the reference and the tokens a second of an answer that is whole, where its provider
            counted them and it was long enough to tell.
        explain: may better the advice of an error before it is raised.
        clock: seconds that only go forward.
        draw: numbers from 0 to 1 for the waits; by default `random.random`.
        sleep: waits so many seconds; by default `asyncio.sleep`.
    """

    def __init__(
        self,
        *,
        cooldowns: Cooldowns | None = None,
        info: LookUp | None = None,
        telemetry: Telemetry | None = None,
        on_first_token: Callable[[str, float], None] | None = None,
        on_speed: Callable[[str, float], None] | None = None,
        explain: Callable[[AIProxyError], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self.cooldowns = cooldowns or Cooldowns(clock=clock)
        self.info = info
        self.telemetry = telemetry
        self.on_first_token = on_first_token
        self.on_speed = on_speed
        self.explain = explain
        self.clock = clock
        self.draw = draw
        self.sleep = sleep

    async def stream(
        self,
        request: CompletionRequest,
        targets: Sequence[Target],
        policy: RetryPolicy = PATIENT,
        context: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[StreamEvent]:
        """One answer, event by event (see `events`); closing the generator closes the connection at once.

        `Started` comes once for each target that got as far; the last one names who answers. Notes come
        right before the first visible event: those of the answering attempt, "retry" for each time its
        provider was asked again, and "fallback" where another target than the first one answers.

        Args:
            request: what to ask. Its `model` is replaced by that of each target.
            targets: whom to ask, the first one first.
            policy: how often to ask each, and how long to wait.
            context: the caller's own facts for telemetry; see `telemetry`.

        Raises:
            AIProxyError: that of the first target, with what became of the others in `attempts`; after
                the first visible event, that of the target that answered.
            ValueError: there is no target.
        """
        run = _Run(self, request, targets, policy, context)
        try:
            while True:
                events = await run.begin()
                failure: AIProxyError | None = None
                event: StreamEvent | None = None
                try:
                    while (started := await run.head(events)) is not None:
                        yield started
                    for event in run.held:
                        yield event
                    if run.unwatched:
                        async for event in events:
                            run.saw(event)
                            yield event
                    else:
                        while (passing := await run.next_of(events)) is not None:
                            event = passing
                            yield event
                    failure = run.ended_with(event)
                except AIProxyError as error:
                    failure = error
                finally:
                    run.deadline.close()
                    await events.aclose()
                if failure is None:
                    break
                # Outside `except`, so that no failure hangs from another one as its context.
                await run.recover(failure)
            run.succeeded()
        except BaseException as error:
            run.failed(error)
            raise


class _Run:
    """Where one completion stands."""

    def __init__(
        self,
        runner: CompletionRunner,
        request: CompletionRequest,
        targets: Sequence[Target],
        policy: RetryPolicy,
        context: Mapping[str, Any] | None,
    ) -> None:
        import asyncio

        from aiproxy_desktop.core.deadline import Deadline

        self._runner = runner
        self._request = request
        self._policy = policy
        self._context = context
        self._bounds = request.timeouts or _NO_BOUNDS
        self._fallbacks = Fallbacks(targets, runner.cooldowns, runner.info)
        target = self._fallbacks.take()
        assert target is not None
        self._target = target
        self._attempt = 0
        self._retries: list[Noted] = []
        self._notes: list[Noted] = []
        self._operation: Operation | None = None
        self._told: Started | None = None
        self._visible = False
        self._bound_by_total = False
        self._overdue = False
        self._sleep = runner.sleep or asyncio.sleep
        self._loop_time = asyncio.get_running_loop().time
        total = self._bounds.total
        self._ends_at = None if total is None else self._loop_time() + total
        self._begun_at = self._attempted_at = runner.clock()
        self._opened_at: float | None = None
        self.deadline = Deadline()
        self._usage: Usage | None = None
        self.held: Sequence[StreamEvent] = ()

    @property
    def unwatched(self) -> bool:
        """Whether the rest of the stream concerns nobody but the consumer."""
        return self._operation is None and self._ends_at is None

    async def begin(self) -> AsyncGenerator[StreamEvent]:
        """Ask the target."""
        telemetry = self._runner.telemetry
        if telemetry is not None and self._operation is None:
            self._operation = await telemetry.begin(self._target, self._request, self._context)
        self._attempt += 1
        self._attempted_at = self._runner.clock()
        self._notes = []
        first, ends = self._bounds.first_token, self._ends_at
        when = None if first is None else self._loop_time() + first
        self._bound_by_total = ends is not None and (when is None or ends < when)
        self.deadline.move(ends if self._bound_by_total else when)
        model = self._target.model
        request = self._request if self._request.model == model else replace(self._request, model=model)
        return self._target.provider.stream(request)

    async def head(self, events: AsyncGenerator[StreamEvent]) -> Started | None:
        """The next Started to pass on; None once the first visible event is there, in `held`."""
        while True:
            event = await self._next(events)
            if isinstance(event, Noted):
                self._notes.append(event)
            elif event is None:
                raise self._broken_off()
            elif not isinstance(event, Started):
                self.held = self._opened(event)
                return None
            elif event != self._told:
                self._told = event
                return event

    async def next_of(self, events: AsyncGenerator[StreamEvent]) -> StreamEvent | None:
        """The next event, or None at the end, watched over."""
        event = await self._next(events)
        if event is not None:
            self.saw(event)
            if self._operation is not None:
                self._operation.feed(event)
        return event

    def saw(self, event: StreamEvent) -> None:
        """Remember the provider's count, which the speed is worked out from at the end."""
        if type(event) is UsageReported:
            self._usage = event.usage

    async def recover(self, error: AIProxyError) -> None:
        """Wait until the next attempt may begin, at this target or the next one.

        Raises:
            AIProxyError: there is none.
        """
        target = self._target
        self._runner.cooldowns.failed(target.provider.id, target.model, error)
        if self._visible or self._overdue:
            raise error
        wait = self._wait_after(error)
        if wait is not None:
            when = f"after {wait:.1f} s" if wait >= 0.05 else "at once"
            self._retries.append(
                Noted("retry", f"{target.provider.label} was asked again {when}: {error.title}.")
            )
            await self._sleep(wait)
            return
        self.failed(error)
        following = self._fallbacks.take() if self._fallbacks.failed(target, error) else None
        if following is None:
            raise self._fallbacks.error()
        self._target, self._attempt, self._retries = following, 0, []

    def succeeded(self) -> None:
        """The answer is whole."""
        told, opened = self._runner.on_speed, self._opened_at
        tokens = self._usage.output_tokens if self._usage is not None else None
        if told is not None and opened is not None and tokens is not None and tokens > 1:
            seconds = self._runner.clock() - opened
            if seconds >= _SHORTEST:
                told(self._target.reference, tokens / seconds)
        if self._operation is not None:
            self._operation.succeeded()

    def failed(self, error: BaseException) -> None:
        """The target could not answer, or nobody wants the rest."""
        if self._operation is not None:
            self._operation.failed(error)
            self._operation = None
        if self._runner.explain is not None and isinstance(error, AIProxyError):
            self._runner.explain(error)

    def ended_with(self, last: StreamEvent | None) -> AIProxyError | None:
        """What is wrong with a stream of which this was the last event, if anything."""
        return None if isinstance(last, Finished) else self._broken_off()

    def _broken_off(self) -> InterruptedStreamError:
        provider = self._target.provider
        return InterruptedStreamError(
            f"The answer from {provider.label} broke off",
            "It ended before it was whole. What came is kept; try again.",
            provider=provider.id,
        )

    def _opened(self, first: StreamEvent) -> list[StreamEvent]:
        """What is passed on with the first visible event, the notes before it."""
        self._visible = self._bound_by_total = True
        self.deadline.move(self._ends_at)
        target, runner = self._target, self._runner
        runner.cooldowns.answered(target.provider.id, target.model)
        fallback = self._fallbacks.note(target)
        held: list[StreamEvent] = [*self._notes, *self._retries]
        if fallback is not None:
            held.append(fallback)
        held.append(first)
        self._opened_at = runner.clock()
        seconds = self._opened_at - self._attempted_at
        if runner.on_first_token is not None:
            runner.on_first_token(target.reference, seconds)
        if self._operation is not None:
            self._operation.first_token(seconds)
            self._operation.feed(first)
        return held

    async def _next(self, events: AsyncGenerator[StreamEvent]) -> StreamEvent | None:
        try:
            return await self.deadline.next_of(events)
        except TimeoutError:
            pass
        raise self._timed_out()

    def _timed_out(self) -> ProviderTimeoutError:
        provider, bounds = self._target.provider, self._bounds
        if self._bound_by_total:
            self._overdue = True
            kept = "What came is kept. " if self._visible else ""
            return ProviderTimeoutError(
                f"{provider.label} took too long",
                f"The answer was not whole within {bounds.total:g} s, the bound set for all of it. {kept}"
                "Try again, or allow more time.",
                provider=provider.id,
            )
        return ProviderTimeoutError(
            f"{provider.label} did not begin to answer",
            f"Nothing came within {bounds.first_token:g} s, the bound set for the first token. "
            "Try again, or allow more time.",
            provider=provider.id,
        )

    def _wait_after(self, error: AIProxyError) -> float | None:
        """How long to wait for the same provider; None where that is no use."""
        wait = self._policy.wait_after(error, self._attempt, self._runner.draw or _draw)
        if wait is None:
            return None
        if wait > self._policy.longest_stay and self._fallbacks.has_awake():
            return None
        budget = self._policy.budget
        if budget is not None and self._runner.clock() - self._begun_at + wait > budget:
            return None
        if self._ends_at is not None and self._loop_time() + wait >= self._ends_at:
            return None
        return wait


def _draw() -> float:
    from random import random  # which takes hashlib along

    return random()  # noqa: S311  # nothing secret about it
