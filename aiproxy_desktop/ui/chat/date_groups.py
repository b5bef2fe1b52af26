"""Conversations under the words people use for when they were: Today, Yesterday, October."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TypeVar

Item = TypeVar("Item")

# Not strftime("%B"): the interface is in English whatever the system's locale says.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def group_label(day: date, today: date) -> str:
    """The group that a day belongs to, seen from `today`.

    A day in the future (a clock that was set back) counts as today.
    """
    age = today - day
    month = _MONTHS[day.month - 1]
    if age <= timedelta(days=0):
        return "Today"
    if age == timedelta(days=1):
        return "Yesterday"
    if age <= timedelta(days=7):
        return "Previous 7 days"
    if day.year != today.year:
        return f"{month} {day.year}"
    return f"Earlier in {month}" if day.month == today.month else month


def group_by_date(
    items: Iterable[Item], day_of: Callable[[Item], date], today: date
) -> list[tuple[str, list[Item]]]:
    """Items in their own order (newest first), cut into labelled groups.

    A group is as long as its label does not change, so an item out of order never splits a label
    into two places: it joins the group that stands already.
    """
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(group_label(day_of(item), today), []).append(item)
    return list(groups.items())
