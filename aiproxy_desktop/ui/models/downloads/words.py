"""How far a download is, in words. No Qt."""

from __future__ import annotations

from math import ceil

from aiproxy_desktop.services.download_values import Download
from aiproxy_desktop.ui.translation import tr

_DOT = " · "
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "KB"))


def _unit(size: float) -> tuple[int, str]:
    return next(((step, unit) for step, unit in _UNITS if size >= step), (1, "bytes"))


def _number(size: float, step: int) -> str:
    value = size / step
    return f"{value:.0f}" if step == 1 or value >= 100 else f"{value:.1f}"


def amount(completed: int, total: int | None) -> str:
    """`1.2 of 1.9 GB`, in the unit of the whole; `1.2 GB` where that is not known."""
    step, unit = _unit(completed if total is None else total)
    if total is None:
        return tr("{size} {unit}", size=_number(completed, step), unit=unit)
    return tr(
        "{completed} of {total} {unit}",
        completed=_number(completed, step),
        total=_number(total, step),
        unit=unit,
    )


def speed(bytes_per_second: float) -> str:
    """`18 MB/s`."""
    step, unit = _unit(bytes_per_second)
    value = bytes_per_second / step
    shown = f"{value:.0f}" if step == 1 or value >= 10 else f"{value:.1f}"
    return tr("{speed} {unit}/s", speed=shown, unit=unit)


def time_left(seconds: float) -> str:
    """`40 s left`, `3 min left`, `2 h 5 min left`: rounded up, and no finer than anyone can know."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < 90:
        return tr("{n} s left", n=ceil(seconds / 5) * 5)
    minutes = ceil(seconds / 60)
    if minutes < 90:
        return tr("{n} min left", n=minutes)
    if minutes < 48 * 60:
        return tr("{hours} h {minutes} min left", hours=minutes // 60, minutes=minutes % 60)
    return tr("more than two days left")


def percent(download: Download) -> str:
    """`62 %`; empty where no size is known. Never 100 before the end."""
    fraction = download.fraction
    if fraction is None or download.status == "done":
        return ""
    return tr("{n} %", n=min(99, int(fraction * 100)))


def facts(download: Download) -> str:
    """What stands behind the percentage."""
    moved = amount(download.completed, download.total) if download.completed or download.total else ""
    if download.status == "done":
        return tr("Done")
    if download.status == "waiting":
        return tr("Waiting for its turn")
    if download.status == "checking":
        return tr("Checking what came")
    if download.status == "paused":
        return _DOT.join(filter(None, (tr("Paused"), moved)))
    if download.retry_in is not None:
        return tr("{problem}, trying again", problem=download.error_title)
    if not moved:
        return tr("Starting")
    rate, left = download.bytes_per_second, download.seconds_left
    moving = speed(rate) if rate else tr("waiting for data") if rate is not None else ""
    parts = (moved, moving, time_left(left) if left is not None else "")
    return _DOT.join(filter(None, parts))


def problem(download: Download) -> str:
    """What is wrong and what to do, of one that has failed."""
    if not download.error_advice:
        return download.error_title
    return f"{download.error_title}. {download.error_advice}"


def spoken(download: Download) -> str:
    """All of it, for a screen reader."""
    said = problem(download) if download.status == "failed" else facts(download)
    return f"{download.name}: {' '.join(filter(None, (percent(download), said)))}"
