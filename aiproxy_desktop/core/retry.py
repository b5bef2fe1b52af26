"""The one retry loop: before the first visible token, and never after it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ProviderFailureError,
    RateLimitError,
)
from aiproxy_desktop.core.events import Started, StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.provider import Provider


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try, and how long to wait in between.

    Only what a moment may mend is tried again: a failure on the provider's side, a connection that
    broke off, a wait that the provider put at no more than `longest_wait` seconds. Anything longer is
    the person's to decide.
    """

    attempts: int = 2
    first_wait: float = 0.5
    longest_wait: float = 2.0

    def wait_after(self, error: AIProxyError, attempt: int) -> float | None:
        """Seconds to wait after this attempt (counted from 1) failed; None where it was the last."""
        if attempt >= self.attempts:
            return None
        asked = error.retry_after
        if asked is not None:
            return asked if error.retryable and asked <= self.longest_wait else None
        if isinstance(error, RateLimitError):
            return None
        if isinstance(error, InterruptedStreamError | ProviderFailureError):
            return min(self.first_wait * (1 << (attempt - 1)), self.longest_wait)
        return None


USUAL = RetryPolicy()
NO_RETRY = RetryPolicy(attempts=1)


async def stream_with_retries(
    provider: Provider, request: CompletionRequest, policy: RetryPolicy
) -> AsyncGenerator[StreamEvent]:
    """One answer, begun again where the policy says so. `Started` comes once.

    Raises:
        AIProxyError: that of the last attempt.
    """
    import asyncio

    attempt = 0
    started = visible = False
    while True:
        attempt += 1
        events = provider.stream(request)
        try:
            async for event in events:
                if not isinstance(event, Started):
                    visible = True
                elif started:
                    continue
                else:
                    started = True
                yield event
        except AIProxyError as error:
            wait = policy.wait_after(error, attempt)
            if visible or wait is None:
                raise
        else:
            return
        finally:
            await events.aclose()
        await asyncio.sleep(wait)
