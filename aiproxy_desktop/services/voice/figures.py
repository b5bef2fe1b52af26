"""What a session has used: seconds, tokens, US dollars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.models import LiveModelFacts

_MILLION = 1_000_000
_COUNTS = tuple(field.name for field in fields(LiveUsage))


def tokens_of(usage: LiveUsage) -> int | None:
    """All tokens of a count; None where the service did not say."""
    if usage.total is not None:
        return usage.total
    known = [
        count
        for count in (usage.input_text, usage.input_audio, usage.output_text, usage.output_audio)
        if count is not None
    ]
    return sum(known) if known else None


def input_of(usage: LiveUsage) -> int | None:
    """Tokens that went in."""
    known = [count for count in (usage.input_text, usage.input_audio) if count is not None]
    return sum(known) if known else None


def output_of(usage: LiveUsage) -> int | None:
    """Tokens that came out."""
    known = [count for count in (usage.output_text, usage.output_audio) if count is not None]
    return sum(known) if known else None


def added(usages: Iterable[LiveUsage]) -> LiveUsage:
    """The sums; what none of them says stays unknown."""
    sums: dict[str, int | None] = dict.fromkeys(_COUNTS)
    for usage in usages:
        for name in _COUNTS:
            count = getattr(usage, name)
            if count is not None:
                sums[name] = (sums[name] or 0) + count
    return LiveUsage(**sums)


def cost_of(usage: LiveUsage, facts: LiveModelFacts) -> float | None:
    """US dollars, from prices by the million tokens; None where a count or its price is not known.

    Cached tokens are among those that went in. Services do not all say of which kind they are: they are taken
    from the dearer kind last, so that the cost is never told too low.
    """
    if input_of(usage) is None or output_of(usage) is None:
        return None
    text, audio = usage.input_text or 0, usage.input_audio or 0
    cached = min(usage.cached or 0, text + audio) if facts.cached_price is not None else 0
    from_text = min(cached, text)
    counted = (
        (text - from_text, facts.input_text_price),
        (audio - (cached - from_text), facts.input_audio_price),
        (cached, facts.cached_price),
        (usage.output_text or 0, facts.output_text_price),
        (usage.output_audio or 0, facts.output_audio_price),
    )
    whole = 0.0
    for count, price in counted:
        if not count:
            continue
        if price is None:
            return None
        whole += count * price
    return whole / _MILLION
