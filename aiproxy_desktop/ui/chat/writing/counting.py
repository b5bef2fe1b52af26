"""What a message will take: tokens, money, and whether the model can read so much. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.token_estimate import estimate_tokens
from aiproxy_desktop.services.attaching import tokens_for
from aiproxy_desktop.storage.records import Attachment, StoredMessage
from aiproxy_desktop.ui.translation import tr, tr_count

_MILLION = 1_000_000

# The words of a chat template round each message, about.
_A_MESSAGE = 4


def conversation_tokens(messages: Sequence[StoredMessage], provider: str = "") -> tuple[int, bool]:
    """About how many tokens of a conversation go with the next question.

    The last answer whose usage is known tells all up to it; what follows is estimated.

    Args:
        messages: from the first to the last.
        provider: id of the one that is asked next, by whose rules files are counted.

    Returns:
        the tokens, and whether the instructions (system prompt) are among them.
    """
    total = 0
    for message in reversed(messages):
        usage = message.usage
        if usage is not None and usage.input_tokens is not None and usage.output_tokens is not None:
            # Reasoning is not sent again.
            return total + usage.input_tokens + usage.output_tokens - (usage.reasoning_tokens or 0), True
        total += message_tokens(message, provider)
    return total, False


def message_tokens(message: StoredMessage, provider: str = "") -> int:
    """About how many tokens one message is, with what is attached to it."""
    if not message.text and not message.attachments:
        return 0
    return estimate_tokens(message.text) + _A_MESSAGE + attached_tokens(message.attachments, provider)


def about(tokens: int) -> int:
    """A number that does not claim to be exact: its first two figures, all of them below a hundred."""
    return round(tokens, 2 - len(str(tokens))) if tokens >= 100 else tokens


def count_line(tokens: int, model: ModelInfo | None) -> str:
    """`about 4,100 tokens · $0.005`: the cost only where the price is known."""
    facts = [tr_count("about {n} token", "about {n} tokens", about(tokens))]
    if model is not None and model.free:
        facts.append(tr("Free"))
    elif model is not None and model.price is not None and model.price.input is not None:
        cost = tokens * model.price.input / _MILLION
        facts.append(tr("Free") if model.price.input == 0 else money(cost))
    return " · ".join(facts)


def money(dollars: float) -> str:
    """`$0.005`, `$0.15`, `$12`: no more figures than an estimate has."""
    if dollars < 0.0001:
        return "<$0.0001"
    if dollars < 0.01:
        return f"${float(f'{dollars:.1g}'):.4f}".rstrip("0")
    return f"${dollars:.2f}" if dollars < 10 else f"${dollars:,.0f}"


def overflow(tokens: int, model: ModelInfo | None) -> str:
    """One sentence when the model cannot read so much at once, else nothing."""
    if model is None or model.context_window is None or tokens <= model.context_window:
        return ""
    return tr(
        "This is about {tokens} tokens, and {model} reads {window} at once: shorten it, or begin a new chat.",
        tokens=f"{about(tokens):,}",
        model=model.display_name,
        window=f"{model.context_window:,}",
    )


def attached_tokens(attachments: Iterable[Attachment], provider: str = "") -> int:
    """Of several attachments by a provider's rules; what is not known counts for nothing."""
    return sum(tokens_for(one, provider) or 0 for one in attachments)
