"""Conversations under the words people use for when they were: Today, Yesterday, October."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TypeVar

from aiproxy_desktop.ui.translation import tr

Item = TypeVar("Item")


def month_name(month: int) -> str:
    """January is 1."""
    # Not strftime("%B"): the interface speaks its own language, whatever the system's locale says.
    return (
        tr("January"),
        tr("February"),
        tr("March"),
        tr("April"),
        tr("May"),
        tr("June"),
        tr("July"),
        tr("August"),
        tr("September"),
        tr("October"),
        tr("November"),
        tr("December"),
    )[month - 1]


def short_month_name(month: int) -> str:
    """January is 1. Not every language shortens a name to its first letters."""
    return (
        tr("Jan"),
        tr("Feb"),
        tr("Mar"),
        tr("Apr"),
        tr("May"),
        tr("Jun"),
        tr("Jul"),
        tr("Aug"),
        tr("Sep"),
        tr("Oct"),
        tr("Nov"),
        tr("Dec"),
    )[month - 1]


def group_label(day: date, today: date) -> str:
    """The group that a day belongs to, seen from `today`.

    A day in the future (a clock that was set back) counts as today.
    """
    age = today - day
    if age <= timedelta(days=0):
        return tr("Today")
    if age == timedelta(days=1):
        return tr("Yesterday")
    if age <= timedelta(days=7):
        return tr("Previous 7 days")
    month = month_name(day.month)
    if day.year != today.year:
        return tr("{month} {year}", month=month, year=day.year)
    return tr("Earlier in {month}", month=month) if day.month == today.month else month


def short_date(day: date, today: date) -> str:
    """A day as it stands at the end of a row."""
    if day >= today:
        return tr("Today")
    if today - day == timedelta(days=1):
        return tr("Yesterday")
    month = short_month_name(day.month)
    if day.year == today.year:
        return tr("{day} {month}", day=day.day, month=month)
    return tr("{month} {year}", month=month, year=day.year)


def group_by_date(
    items: Iterable[Item], day_of: Callable[[Item], date], today: date
) -> list[tuple[str, list[Item]]]:
    """Items in their own order (newest first), cut into labelled groups.

    A group is as long as its label does not change, so an item out of order never splits a label
    into two places: it joins the group that stands already.
    """
    groups: dict[str, list[Item]] = {}
    last: date | None = None
    group: list[Item] = []
    for item in items:
        day = day_of(item)
        if day != last:
            last, group = day, groups.setdefault(group_label(day, today), [])
        group.append(item)
    return list(groups.items())
