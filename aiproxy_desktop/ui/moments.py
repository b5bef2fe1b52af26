"""Moments as a person reads them. No Qt here."""

from __future__ import annotations

from datetime import UTC, date, datetime

from aiproxy_desktop.ui.chat.sidebar.date_groups import short_month_name
from aiproxy_desktop.ui.translation import tr, tr_count

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def clock_time(moment: datetime, now: datetime | None = None) -> str:
    """The time of day, "14:05"; of another day with its date, "2026-11-27 14:05". In the system's zone."""
    here = moment.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    return here.strftime("%H:%M" if here.date() == today else "%Y-%m-%d %H:%M")


def day(when: date) -> str:
    """`18 Sep 2026`."""
    return tr("{day} {month} {year}", day=when.day, month=short_month_name(when.month), year=when.year)


def ago(when: datetime, now: datetime | None = None) -> str:
    """`just now`, `2 minutes ago`, `3 days ago`, and the date of what is older than a month.

    Args:
        when: an aware time; one to come (a clock was set) is just now.
        now: None asks the clock.
    """
    seconds = ((now or datetime.now(UTC)) - when).total_seconds()
    if seconds < _MINUTE:
        return tr("just now")
    if seconds < _HOUR:
        return tr_count("{n} minute ago", "{n} minutes ago", int(seconds // _MINUTE))
    if seconds < _DAY:
        return tr_count("{n} hour ago", "{n} hours ago", int(seconds // _HOUR))
    if seconds < 31 * _DAY:
        return tr_count("{n} day ago", "{n} days ago", int(seconds // _DAY))
    return day(when.astimezone().date())
