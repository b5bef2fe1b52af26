"""A stored message as the transcript shows it. No Qt here; imported with the first conversation."""

from __future__ import annotations

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.facts import answer_footer
from aiproxy_desktop.ui.chat.message_actions import actions_for
from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard, TranscriptMessage


def shown(message: StoredMessage, model_name: str, answering: bool = False) -> TranscriptMessage:
    """Everything a person sees of one message.

    Args:
        message: as stored, or as it is so far.
        model_name: what a person calls the model that answered.
        answering: whether it is an answer that arrives, or the question that such an answer is for.
    """
    actions = actions_for(message, answering)
    if message.role != "assistant":
        return TranscriptMessage(
            message.id,
            message.role,
            message.text,
            version=message.sibling_index,
            versions=message.sibling_count,
            actions=actions,
        )
    return TranscriptMessage(
        id=message.id,
        role=message.role,
        text=message.text,
        reasoning=message.reasoning,
        state=message.status,
        footer=footer(message, model_name),
        notes=() if message.status == "streaming" else message.notes,
        error=_card(message),
        version=message.sibling_index,
        versions=message.sibling_count,
        actions=actions,
    )


def footer(message: StoredMessage, model_name: str) -> str:
    """The line of figures."""
    first, last = message.first_token_at, message.finished_at
    empty = message.status == "complete" and not (
        message.text.strip() or message.notes or message.attachments
    )
    return answer_footer(
        model_name,
        empty=empty,
        first_token_seconds=None if first is None else (first - message.created_at).total_seconds(),
        writing_seconds=None if first is None or last is None else (last - first).total_seconds(),
        output_tokens=None if message.usage is None else message.usage.output_tokens,
    )


def _card(message: StoredMessage) -> ErrorCard | None:
    if message.status != "failed":
        return None
    title = message.error_title or "The answer could not be finished"
    return ErrorCard(title, message.error_advice, message.error_detail)
