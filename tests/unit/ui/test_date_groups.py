from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.chat.sidebar.date_groups import group_by_date, group_label

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (TODAY, "Today"),
        (date(2026, 11, 23), "Today"),
        (date(2026, 11, 21), "Yesterday"),
        (date(2026, 11, 20), "Previous 7 days"),
        (date(2026, 11, 15), "Previous 7 days"),
        (date(2026, 11, 14), "Earlier in November"),
        (date(2026, 11, 1), "Earlier in November"),
        (date(2026, 10, 31), "October"),
        (date(2026, 1, 1), "January"),
        (date(2025, 12, 31), "December 2025"),
        (date(2025, 11, 22), "November 2025"),
    ],
)
def test_a_day_has_the_label_people_use(day: date, label: str) -> None:
    assert group_label(day, TODAY) == label


def test_the_year_turns_within_the_last_week() -> None:
    new_year = date(2027, 1, 2)
    assert group_label(date(2027, 1, 1), new_year) == "Yesterday"
    assert group_label(date(2026, 12, 28), new_year) == "Previous 7 days"
    assert group_label(date(2026, 12, 20), new_year) == "December 2026"


def test_groups_keep_the_order_of_their_items() -> None:
    days = [TODAY, TODAY, date(2026, 11, 21), date(2026, 10, 3), date(2026, 10, 2)]
    groups = group_by_date(enumerate(days), lambda item: item[1], TODAY)
    assert [(label, [index for index, _ in items]) for label, items in groups] == [
        ("Today", [0, 1]),
        ("Yesterday", [2]),
        ("October", [3, 4]),
    ]


@given(st.lists(st.integers(-3, 1500)))
def test_nothing_is_lost_and_no_label_stands_twice(ages: list[int]) -> None:
    days = [TODAY - timedelta(days=age) for age in ages]
    groups = group_by_date(days, lambda day: day, TODAY)
    labels = [label for label, _ in groups]
    assert len(labels) == len(set(labels))
    assert sorted(day for _, items in groups for day in items) == sorted(days)
    assert all(items for _, items in groups)
