"""How the models tab writes numbers, dates and places. Unknown says so; what costs nothing is free. No Qt."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import floor

from aiproxy_desktop.storage.model_settings import Place
from aiproxy_desktop.ui.chat.conversation.facts import file_size
from aiproxy_desktop.ui.moments import day
from aiproxy_desktop.ui.translation import tr, tr_count

_LEAST_PRICE = 0.0001


def unknown() -> str:
    """What stands for every fact that nobody has told."""
    return tr("Unknown")


def tokens(number: int | None) -> str:
    """`512`, `128k`, `1M`: a window of 131,072 tokens is one of 128k, as everyone calls it."""
    if number is None:
        return unknown()
    if number < 1000:
        return f"{number}"
    binary = number % 1000 != 0 and (number % 1024 == 0 or (number + 1) % 1024 == 0)
    step = 1024 if binary else 1000
    if number >= 999_500:
        # A million is what everyone calls 1,047,576 and 1,050,000; the details have them all.
        return tr("{n}M", n=_short(floor(number / step / step * 10 + 0.01) / 10, 1))
    return tr("{n}k", n=_short(number / step, 1) if number < 10 * step else round(number / step))


def all_tokens(number: int | None) -> str:
    """`400,000 tokens`."""
    return unknown() if number is None else tr_count("{n} token", "{n} tokens", number)


def price(dollars: float | None, local: bool) -> str:
    """For a column of US dollars a million tokens: `0.075`, `5.00`, `Free`, `Unknown`."""
    if local or dollars == 0:
        return tr("Free")
    return unknown() if dollars is None else _amount(dollars)


def price_a_million(dollars: float | None, local: bool) -> str:
    """The same where no head of a column explains it: `$0.60 a million`."""
    if dollars is None or dollars == 0 or local:
        return price(dollars, local)
    return tr("${amount} a million", amount=_amount(dollars))


def size(size_bytes: int | None) -> str:
    """`1.9 GB`."""
    return unknown() if size_bytes is None else file_size(size_bytes)


def speed(tokens_per_second: float | None) -> str:
    """`84 tok/s`, `2.4 tok/s`."""
    if tokens_per_second is None:
        return unknown()
    rate = f"{tokens_per_second:,.0f}" if tokens_per_second >= 9.95 else f"{tokens_per_second:.1f}"
    return tr("{rate} tok/s", rate=rate)


def wait(seconds: float | None) -> str:
    """`0.6 s`; at least a tenth, for nothing takes no time."""
    if seconds is None:
        return unknown()
    return tr("{seconds} s", seconds=f"{max(seconds, 0.1):.1f}" if seconds < 9.95 else f"{seconds:,.0f}")


def retires(when: date | None, today: date | None = None) -> str:
    """`Retires 11 Dec 2026`, `Retired 11 Dec 2025`; empty where no date is given."""
    if when is None:
        return ""
    if when <= (today or datetime.now(UTC).date()):
        return tr("Retired {date}", date=day(when))
    return tr("Retires {date}", date=day(when))


def place(where: Place) -> str:
    """Where a model runs."""
    return {"computer": tr("This computer"), "network": tr("Network"), "cloud": tr("Cloud")}[where]


def capability_words() -> dict[str, str]:
    """The word for each field of `Capabilities`, those people look for first."""
    return {
        "vision": tr("Vision"),
        "tools": tr("Tools"),
        "thinking": tr("Think"),
        "audio": tr("Audio"),
        "video": tr("Video"),
        "documents": tr("Documents"),
        "json_mode": tr("JSON"),
        "json_schema": tr("JSON schema"),
        "web_search": tr("Web search"),
        "images_out": tr("Makes images"),
        "audio_out": tr("Speaks"),
        "streaming": tr("Streams"),
        "sampling": tr("Temperature"),
    }


def _amount(dollars: float) -> str:
    if dollars < _LEAST_PRICE:
        return tr("under {amount}", amount=f"{_LEAST_PRICE:.4f}")
    whole, _, cents = f"{dollars:,.4f}".partition(".")
    return f"{whole}.{cents.rstrip('0').ljust(2, '0')}"


def _short(number: float, decimals: int) -> str:
    """At most so many decimals, and none that are nothing."""
    return f"{number:,.{decimals}f}".rstrip("0").rstrip(".")
