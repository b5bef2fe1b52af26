"""Moments as a person reads them. No Qt here."""

from __future__ import annotations

from datetime import UTC, datetime

from aiproxy_desktop.ui.translation import tr, tr_count

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def clock_time(moment: datetime, now: datetime | None = None) -> str:
    """The time of day, "14:05"; of another day with its date, "2026-11-27 14:05". In the system's zone."""
    here = moment.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    return here.strftime("%H:%M" if here.date() == today else "%Y-%m-%d %H:%M")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago it was, "2 minutes ago"."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < _MINUTE:
        return tr("just now")
    if seconds < _HOUR:
        return tr_count("{n} minute ago", "{n} minutes ago", int(seconds // _MINUTE))
    if seconds < _DAY:
        return tr_count("{n} hour ago", "{n} hours ago", int(seconds // _HOUR))
    return tr_count("{n} day ago", "{n} days ago", int(seconds // _DAY))
