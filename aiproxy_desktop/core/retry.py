"""What a moment may mend, and how long that moment is. The loop itself is in `completion_run`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ProviderFailureError,
    RateLimitError,
    UnreachableError,
)

# Request timeout and conflict (RFC 9110, 15.5.9 and 15.5.10): the same request may pass a moment later.
_PASSING_STATUSES = frozenset({408, 409})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to ask one provider, and how long to wait in between.

    Only what a moment may mend is tried again, and only before anything of an answer was seen. Where the
    provider says how long to wait, that is waited, if it is not too long; else the wait is drawn from
    between nothing and a bound that doubles ("full jitter"), so that many clients do not come back at once.

    Attributes:
        attempts: how often one provider is asked, the first time included.
        first_wait: bound of the first wait that is drawn, in seconds.
        longest_wait: bound of every wait; where a provider asks for more, it is not asked again.
        longest_stay: a provider that asks for more is left at once while another target is at hand.
        budget: seconds from the beginning after which no wait may end; None sets no bound. First attempts
            at further targets are not held back by it.
        unasked: the errors that are tried again although the provider names no wait.
    """

    attempts: int = 2
    first_wait: float = 0.5
    longest_wait: float = 2.0
    longest_stay: float = 5.0
    budget: float | None = 60.0
    unasked: tuple[type[AIProxyError], ...] = (InterruptedStreamError, ProviderFailureError)

    def wait_after(self, error: AIProxyError, attempt: int, draw: Callable[[], float]) -> float | None:
        """Seconds to wait after this attempt (counted from 1) failed; None where it was the last.

        `draw` gives a number from 0 to 1.
        """
        if attempt >= self.attempts:
            return None
        asked = error.retry_after
        passing = error.status in _PASSING_STATUSES
        if asked is not None:
            return asked if (error.retryable or passing) and asked <= self.longest_wait else None
        if passing or isinstance(error, self.unasked):
            bound = min(self.first_wait * (1 << min(attempt - 1, 30)), self.longest_wait)
            return bound * draw()
        return None


# For a person who looks on: a hiccup is mended unseen, anything longer is theirs to decide.
INTERACTIVE = RetryPolicy()

# For programs: rather late than not at all.
PATIENT = RetryPolicy(
    attempts=3,
    longest_wait=60.0,
    budget=90.0,
    unasked=(InterruptedStreamError, ProviderFailureError, RateLimitError, UnreachableError),
)

NO_RETRY = RetryPolicy(attempts=1)
