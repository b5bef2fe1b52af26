"""Which target answers when the one before it cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.cooldown import Cooldowns
from aiproxy_desktop.core.errors import AIProxyError, RequestTooLargeError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import Provider

LookUp: TypeAlias = Callable[[str, str], ModelInfo | None]

# What lies with one provider and not with the request. Blocked content, a request that is none and a key
# that was refused are for the person to know.
_ELSEWHERE: tuple[type[AIProxyError], ...] = (
    errors.RateLimitError,
    errors.QuotaError,
    errors.ProviderFailureError,
    errors.UnreachableError,
    errors.ProviderTimeoutError,
    errors.ProtocolError,
    errors.LocalModelError,
    errors.ModelNotFoundError,
    errors.MissingKeyError,
    errors.RequestTooLargeError,
)
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Target:
    """One model of one provider. `model` is the provider's own name for it."""

    provider: Provider
    model: str

    @property
    def reference(self) -> str:
        """`provider:model`."""
        return f"{self.provider.id}:{self.model}"

    @property
    def shown(self) -> str:
        """As a sentence calls it."""
        return f"{self.provider.label} ({self.model})"


class Fallbacks:
    """An ordered list of targets of which the next is taken each time one has failed.

    Those that rest come after those that do not; those known to have no larger context window than one
    that was too small are passed over.
    """

    def __init__(self, targets: Sequence[Target], cooldowns: Cooldowns, info: LookUp | None) -> None:
        if not targets:
            raise ValueError("a completion needs at least one target")
        self._wanted = targets[0]
        self._left = list(targets)
        self._cooldowns = cooldowns
        self._info = info
        self._failures: list[tuple[Target, AIProxyError]] = []
        self._too_small = 0

    def take(self) -> Target | None:
        """The next target; None where none is left that may do better."""
        if len(self._left) == 1:
            # By far the usual case: one target, which is asked whatever is known about it.
            return self._left.pop() if not self._known_too_small(self._left[0]) else None
        fitting = [target for target in self._left if not self._known_too_small(target)]
        chosen = next((target for target in fitting if self._awake(target)), fitting[0] if fitting else None)
        if chosen is not None:
            self._left.remove(chosen)
        return chosen

    def has_awake(self) -> bool:
        """Whether there is another target that does not rest."""
        return any(self._awake(target) and not self._known_too_small(target) for target in self._left)

    def failed(self, target: Target, error: AIProxyError) -> bool:
        """Take note that a target could not answer; whether another one may be asked instead."""
        self._failures.append((target, error))
        if isinstance(error, RequestTooLargeError):
            self._too_small = max(self._too_small, self._window(target) or 0)
        return isinstance(error, _ELSEWHERE) or error.status == _CONFLICT

    def note(self, target: Target) -> Noted | None:
        """That this target answers although another was wanted, and why."""
        if target is self._wanted:
            return None
        reason = next((error.title for failed, error in self._failures if failed is self._wanted), "")
        reason = reason or f"{self._wanted.provider.label} is left alone for a while, as it failed lately"
        return Noted("fallback", f"{target.shown} answers instead of {self._wanted.shown}: {reason}.")

    def error(self) -> AIProxyError:
        """The first failure, with what became of the other targets."""
        first = self._failures[0][1]
        others = [f"{target.shown}: {error.title}" for target, error in self._failures[1:]]
        if others:
            first.attempts = tuple(others)
            first.advice = f"{first.advice} Asked instead, in vain: {'; '.join(others)}.".lstrip()
        return first

    def _awake(self, target: Target) -> bool:
        return not self._cooldowns.rest_left(target.provider.id, target.model)

    def _known_too_small(self, target: Target) -> bool:
        return bool(self._too_small) and (self._window(target) or self._too_small + 1) <= self._too_small

    def _window(self, target: Target) -> int | None:
        model = self._info(target.provider.id, target.model) if self._info is not None else None
        return model.context_window if model is not None else None
