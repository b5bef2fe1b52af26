"""When a live session connects again, how long it waits, and when it gives up."""

from __future__ import annotations

import random
import time

from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    ConfigurationError,
    ProtocolError,
    ProviderFailureError,
    QuotaError,
    RequestError,
)
from aiproxy_desktop.core.live.connection import LostError
from aiproxy_desktop.core.live.events import ReconnectReason
from aiproxy_desktop.core.live.ledger import Ledger
from aiproxy_desktop.core.live.policy import LivePolicy

# What no other connection mends, with a handle or without.
_FINAL = (AuthenticationError, ConfigurationError, QuotaError)

# So often a resumption may fail on the service's side before the handle is held to be the reason.
_RESUMPTIONS = 2

# How long it must have been quiet.
_SETTLE_SECONDS = 0.15

# A connection that stood so long was a good one, whatever came of it.
_GOOD_SECONDS = 30.0


class Trials:
    """The attempts of one outage, and the outages in a row."""

    def __init__(self, policy: LivePolicy) -> None:
        self._policy = policy
        self._since: float | None = None
        self._failures = 0
        self._resumptions = 0
        self._breaks = 0
        self._final = False

    def wait(self) -> float:
        """Seconds until the next attempt; a little of it is drawn, so that not all come back at once."""
        step = self._failures + max(0, self._breaks - 1)
        if step == 0:
            return 0.0
        bound = min(self._policy.first_wait * (1 << min(step - 1, 20)), self._policy.longest_wait)
        return bound * random.uniform(0.75, 1.0)  # noqa: S311 - no secret

    def refuse(self) -> None:
        """The next end of a connection is the end of the session."""
        self._final = True

    def broke(self, lost: LostError, *, proven: bool, lasted: float) -> None:
        """A connection that stood has ended.

        Raises:
            AIProxyError: connecting again is no use.
        """
        if proven or lasted > _GOOD_SECONDS:
            self._breaks = self._resumptions = 0
        self._breaks += 1
        self._since = time.monotonic()
        error = lost.error
        mendable = error.retryable or isinstance(error, ProtocolError)
        most = self._policy.network_breaks if lost.reason == "network" else self._policy.breaks
        if self._final or not mendable or self._breaks > most:
            raise error

    def failed(self, error: AIProxyError) -> None:
        """An attempt to connect failed.

        Raises:
            AIProxyError: another one is no use.
        """
        now = time.monotonic()
        self._since = self._since if self._since is not None else now
        self._failures += 1
        if not error.retryable or now - self._since > self._policy.give_up_seconds:
            raise error

    def suspects_handle(self, error: AIProxyError, handle: str | None) -> bool:
        """Whether an attempt with this handle may have failed because of it."""
        if handle is None or isinstance(error, _FINAL):
            return False
        if isinstance(error, ProviderFailureError):
            self._resumptions += 1
            return self._resumptions >= _RESUMPTIONS
        return isinstance(error, RequestError | ProtocolError) and not error.retryable

    def stands(self) -> None:
        """A connection stands."""
        self._failures, self._since = 0, None


class Switch:
    """Another connection is to take over; `until` is when the service closes this one (monotonic seconds)."""

    def __init__(self, reason: ReconnectReason, until: float | None) -> None:
        self.reason = reason
        self._until = until
        self._not_before = 0.0
        self._quiet_since: float | None = None
        self._wait = 0.2

    def due(self, now: float, ledger: Ledger, policy: LivePolicy) -> bool:
        """Whether this is the moment: nothing is under way, or time is nearly up.

        An answer that has begun is let finish even then, as another connection would begin it anew.
        """
        if not ledger.quiet:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        if now < self._not_before:
            return False
        if self.pressing(now, policy):
            return not ledger.answering
        # The handle that holds the last turn comes a moment after it.
        return self._quiet_since is not None and now - self._quiet_since >= _SETTLE_SECONDS

    def pressing(self, now: float, policy: LivePolicy) -> bool:
        """Whether time is nearly up."""
        return self._until is not None and now >= self._until - policy.switch_margin

    def failed(self, now: float) -> None:
        """It could not be opened; the next attempt is a little later."""
        self._not_before = now + self._wait
        self._wait = min(self._wait * 2, 2.0)
