"""Numbers, dates and places as the models tab writes them."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest

from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.moments import ago
from aiproxy_desktop.ui.widgets.breaking import breakable


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "Unknown"),
        (0, "0"),
        (512, "512"),
        (4096, "4k"),
        (8192, "8k"),
        (8191, "8k"),
        (1536, "1.5k"),
        (32_768, "32k"),
        (128_000, "128k"),
        (131_072, "128k"),
        (200_000, "200k"),
        (400_000, "400k"),
        (999_999, "1M"),
        (1_000_000, "1M"),
        (1_048_576, "1M"),
        (1_050_000, "1M"),
        (2_097_152, "2M"),
        (10_000_000, "10M"),
    ],
)
def test_tokens_are_short(number: int | None, shown: str) -> None:
    assert words.tokens(number) == shown


@pytest.mark.parametrize(
    ("dollars", "local", "shown"),
    [
        (None, False, "Unknown"),
        (None, True, "Free"),
        (0.0, False, "Free"),
        (5.0, False, "5.00"),
        (0.075, False, "0.075"),
        (0.6, False, "0.60"),
        (1200.0, False, "1,200.00"),
        (0.00001, False, "under 0.0001"),
    ],
)
def test_prices_line_up_and_free_is_said(dollars: float | None, local: bool, shown: str) -> None:
    assert words.price(dollars, local) == shown


def test_a_price_by_itself_says_for_what() -> None:
    assert words.price_a_million(0.6, False) == "$0.60 a million"
    assert words.price_a_million(0.6, True) == "Free"
    assert words.price_a_million(None, False) == "Unknown"


def test_speeds_and_waits() -> None:
    assert [words.speed(one) for one in (None, 2.44, 9.96, 84.4)] == [
        "Unknown",
        "2.4 tok/s",
        "10 tok/s",
        "84 tok/s",
    ]
    assert [words.wait(one) for one in (None, 0.01, 0.62, 12.4)] == ["Unknown", "0.1 s", "0.6 s", "12 s"]


def test_sizes() -> None:
    assert [words.size(one) for one in (None, 1_900_000_000)] == ["Unknown", "1.9 GB"]


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=30), "30 days ago"),
    ],
)
def test_ages(age: timedelta, shown: str) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert ago(now - age, now) == shown


def test_what_is_older_than_a_month_has_its_date() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert ago(datetime(2026, 9, 18, 12, tzinfo=UTC), now) == "18 Sep 2026"


def test_the_end_of_a_model_is_told() -> None:
    today = date(2026, 11, 20)
    assert words.retires(None, today) == ""
    assert words.retires(date(2026, 12, 11), today) == "Retires 11 Dec 2026"
    assert words.retires(today, today) == "Retired 20 Nov 2026"


def test_every_capability_has_a_word() -> None:
    assert set(words.capability_words()) == {one.name for one in fields(Capabilities)}


def test_a_word_of_any_length_can_be_broken() -> None:
    assert breakable("Vision, Tools") == "Vision, Tools"
    broken = breakable("x" * 60 + " end")
    assert max(map(len, broken.split("\N{ZERO WIDTH SPACE}"))) <= 16
    assert broken.replace("\N{ZERO WIDTH SPACE}", "") == "x" * 60 + " end"
