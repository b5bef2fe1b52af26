"""The line of figures under an answer: only what is known, never a guess and never a zero."""

from __future__ import annotations

SEPARATOR = "  ·  "


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 token`, `1,204 tokens`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def seconds_to_first_token(seconds: float) -> str:
    """`0.6 s to first token`; at least a tenth, for nothing takes no time."""
    return f"{max(seconds, 0.1):.1f} s to first token" if seconds < 10 else f"{seconds:.0f} s to first token"


def answer_footer(
    model: str | None,
    *,
    empty: bool = False,
    first_token_seconds: float | None = None,
    writing_seconds: float | None = None,
    output_tokens: int | None = None,
) -> str:
    """What is known about one answer.

    Args:
        model: the model's name as a person knows it.
        empty: it ended well, and there is no word in it.
        first_token_seconds: from asking to the first piece of text.
        writing_seconds: from the first piece of text to the last.
        output_tokens: the provider's own count of the answer.
    """
    facts = ["The answer is empty"] if empty else []
    facts += [model] if model else []
    if first_token_seconds is not None and first_token_seconds >= 0:
        facts.append(seconds_to_first_token(first_token_seconds))
    if output_tokens:
        # A rate over a few milliseconds says more about the network than about the model.
        if writing_seconds is not None and writing_seconds >= 0.05 and output_tokens > 1:
            facts.append(f"{output_tokens / writing_seconds:,.0f} tok/s")
        facts.append(count(output_tokens, "token"))
    return SEPARATOR.join(facts)
