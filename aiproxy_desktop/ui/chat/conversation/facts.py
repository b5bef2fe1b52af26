"""The figures under answers and over a conversation: only what is known, never a guess and never a zero."""

from __future__ import annotations

from math import floor, log10

from aiproxy_desktop.ui.translation import tr, tr_count

SEPARATOR = "  ·  "
_CLOSE = " · "
_LEAST = 0.000001


def tokens(number: int) -> str:
    """`1 token`, `1,204 tokens`."""
    return tr_count("{n} token", "{n} tokens", number)


def money(dollars: float) -> str:
    """`$0.0031`, `$12.40`; nothing costs `Free`. Small sums keep two significant digits."""
    if dollars <= 0:
        return tr("Free")
    if dollars < _LEAST:
        return tr("less than ${amount}", amount=f"{_LEAST:.6f}")
    if dollars >= 0.1:
        return tr("${amount}", amount=f"{dollars:,.2f}")
    digits = f"{dollars:.{1 - floor(log10(dollars))}f}"
    whole, _, cents = digits.partition(".")
    return tr("${amount}", amount=f"{whole}.{cents.rstrip('0').ljust(2, '0')}")


def file_size(size: int) -> str:
    """`512 bytes`, `184 KB`, `2.4 MB`, `98 MB`: thousands, as file managers count."""
    if size < 1000:
        return tr_count("{n} byte", "{n} bytes", size)
    if size < 999_500:
        return tr("{size} KB", size=round(size / 1000))
    if size < 999_500_000:
        return tr("{size} MB", size=_short(size / 1e6))
    return tr("{size} GB", size=_short(size / 1e9))


def _short(number: float) -> str:
    """With a decimal where one tells something."""
    return f"{number:.1f}" if number < 9.95 else f"{number:,.0f}"


def conversation_totals(total_tokens: int | None, total_cost: float | None) -> str:
    """`3,918 tokens · $0.0094 in total`; empty where nothing is known."""
    if not total_tokens:
        return ""
    if total_cost is None:
        return tr("{tokens} in total", tokens=tokens(total_tokens))
    if total_cost <= 0:
        return tr("{tokens} in total", tokens=tokens(total_tokens)) + _CLOSE + money(0)
    return tokens(total_tokens) + _CLOSE + tr("{cost} in total", cost=money(total_cost))


def seconds_to_first_token(seconds: float) -> str:
    """`0.6 s to first token`; at least a tenth, for nothing takes no time."""
    shown = f"{max(seconds, 0.1):.1f}" if seconds < 10 else f"{seconds:.0f}"
    return tr("{seconds} s to first token", seconds=shown)


def answer_footer(
    model: str | None,
    *,
    empty: bool = False,
    first_token_seconds: float | None = None,
    writing_seconds: float | None = None,
    output_tokens: int | None = None,
    cost: float | None = None,
) -> str:
    """What is known about one answer.

    Args:
        model: the model's name as a person knows it.
        empty: it ended well, and there is no word in it.
        first_token_seconds: from asking to the first piece of text.
        writing_seconds: from the first piece of text to the last.
        output_tokens: the provider's own count of the answer.
        cost: US dollars; 0 is free.
    """
    facts = [tr("The answer is empty")] if empty else []
    facts += [model] if model else []
    if first_token_seconds is not None and first_token_seconds >= 0:
        facts.append(seconds_to_first_token(first_token_seconds))
    if output_tokens:
        # A rate over a few milliseconds says more about the network than about the model.
        if writing_seconds is not None and writing_seconds >= 0.05 and output_tokens > 1:
            facts.append(tr("{rate} tok/s", rate=f"{output_tokens / writing_seconds:,.0f}"))
        facts.append(tokens(output_tokens))
    if cost is not None:
        facts.append(money(cost))
    return SEPARATOR.join(facts)
