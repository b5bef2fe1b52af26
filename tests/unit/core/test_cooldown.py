from __future__ import annotations

import pytest

from aiproxy_desktop.core.cooldown import Cooldowns
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    ProviderFailureError,
    QuotaError,
    RateLimitError,
    UnreachableError,
)

BUSY = ProviderFailureError("Busy")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cooldowns(clock: Clock) -> Cooldowns:
    return Cooldowns(after=3, rest=30.0, clock=clock)


def test_it_rests_after_failures_in_a_row(cooldowns: Cooldowns, clock: Clock) -> None:
    for _ in range(2):
        cooldowns.failed("a", "m", BUSY)
        assert cooldowns.rest_left("a", "m") == 0
    cooldowns.failed("a", "m", UnreachableError("Away"))
    assert cooldowns.rest_left("a", "m") == 30
    assert cooldowns.rest_left("a", "other") == 30
    assert cooldowns.rest_left("b", "m") == 0
    clock.now += 29
    assert cooldowns.rest_left("a", "m") == 1
    clock.now += 1
    assert cooldowns.rest_left("a", "m") == 0


def test_one_more_failure_after_the_rest_makes_it_rest_again(cooldowns: Cooldowns, clock: Clock) -> None:
    for _ in range(3):
        cooldowns.failed("a", "m", BUSY)
    clock.now += 31
    cooldowns.failed("a", "m", BUSY)
    assert cooldowns.rest_left("a", "m") == 30


def test_an_answer_makes_up_for_what_was_before(cooldowns: Cooldowns) -> None:
    for _ in range(3):
        cooldowns.failed("a", "m", BUSY)
    cooldowns.failed("a", "m", RateLimitError("Wait", retry_after=9))
    cooldowns.answered("a", "m")
    assert cooldowns.rest_left("a", "m") == 0
    cooldowns.failed("a", "m", BUSY)
    assert cooldowns.rest_left("a", "m") == 0


def test_a_wait_that_was_asked_for_counts_at_once(cooldowns: Cooldowns) -> None:
    cooldowns.failed("a", "m", ProviderFailureError("Busy", retry_after=12.0))
    assert cooldowns.rest_left("a", "other") == 12


def test_a_rate_limit_is_that_of_one_model(cooldowns: Cooldowns) -> None:
    cooldowns.failed("a", "m", RateLimitError("Wait", retry_after=12.0))
    assert cooldowns.rest_left("a", "m") == 12
    assert cooldowns.rest_left("a", "other") == 0


def test_a_shorter_wait_does_not_end_a_longer_one(cooldowns: Cooldowns) -> None:
    for wait in (50.0, 2.0):
        cooldowns.failed("a", "m", RateLimitError("Wait", retry_after=wait))
    assert cooldowns.rest_left("a", "m") == 50


def test_a_wait_until_next_month_is_bounded(cooldowns: Cooldowns) -> None:
    cooldowns.failed("a", "m", RateLimitError("Wait", retry_after=1e9))
    assert cooldowns.rest_left("a", "m") == 3600


@pytest.mark.parametrize("error", [AuthenticationError("No"), QuotaError("Empty", retry_after=5.0)], ids=str)
def test_what_trying_again_cannot_help_is_no_reason_to_rest(
    cooldowns: Cooldowns, error: AIProxyError
) -> None:
    for _ in range(5):
        cooldowns.failed("a", "m", error)
    assert cooldowns.rest_left("a", "m") == 0
