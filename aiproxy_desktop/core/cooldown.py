"""Providers that are left alone for a while, because they asked for it or keep failing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiproxy_desktop.core.errors import AIProxyError, RateLimitError

# A wait that a provider names may be a date of next month.
_LONGEST_REST = 3600.0


@dataclass(slots=True)
class _Condition:
    """How a provider, or one of its models, has been lately."""

    failures: int = 0
    until: float = 0.0


class Cooldowns:
    """Who rests, and for how long. One for each client; nothing of it is kept.

    A provider rests for `rest` seconds after `after` failures in a row, and each one that follows makes
    it rest again, until it answers. A wait that it names itself counts at once: of a rate limit for that
    one model, since limits are set by model; of anything else for the whole provider.

    To rest means to be asked after those that do not. It never means to be refused: where nobody else is
    left, a resting provider is asked all the same, so that a person who tries again is not told an old
    answer.
    """

    def __init__(
        self, after: int = 3, rest: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._after = after
        self._rest = rest
        self._clock = clock
        self._conditions: dict[tuple[str, str], _Condition] = {}
        # Told of every outcome: the provider's id, and None where it answered.
        self.heard: Callable[[str, AIProxyError | None], None] | None = None

    def failed(self, provider: str, model: str, error: AIProxyError) -> None:
        """Take note of a failure. One that trying again cannot help says nothing about the provider."""
        if self.heard is not None:
            self.heard(provider, error)
        if not error.retryable:
            return
        narrow = isinstance(error, RateLimitError)
        condition = self._conditions.setdefault((provider, model if narrow else ""), _Condition())
        condition.failures += 1
        rest = error.retry_after
        if rest is None and condition.failures >= self._after:
            rest = self._rest
        if rest is not None:
            condition.until = max(condition.until, self._clock() + min(rest, _LONGEST_REST))

    def answered(self, provider: str, model: str) -> None:
        """Forget what was before: it answers."""
        if self.heard is not None:
            self.heard(provider, None)
        if self._conditions:
            self._conditions.pop((provider, ""), None)
            self._conditions.pop((provider, model), None)

    def rest_left(self, provider: str, model: str) -> float:
        """Seconds until this model of this provider has rested; 0 when it does not rest."""
        if not self._conditions:
            return 0.0
        now = self._clock()
        found = (self._conditions.get(key) for key in ((provider, ""), (provider, model)))
        return max((one.until - now for one in found if one is not None and one.until > now), default=0.0)
