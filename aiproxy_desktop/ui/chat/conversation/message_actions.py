"""What can be done with a message now. No Qt here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiproxy_desktop.storage.records import StoredMessage

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.messages import MessageAction


def actions_for(message: StoredMessage, answering: bool, *, last: bool = False) -> tuple[MessageAction, ...]:
    """In the order in which they are offered.

    Args:
        message: as stored, or as it is so far.
        answering: whether it is an answer that arrives, or the question that such an answer is for.
        last: whether nothing follows it: a question can then be answered.
    """
    if message.role == "assistant":
        return _of_answer(message, answering)
    if message.role != "user":
        return ("copy",)
    if answering:
        return ("copy", "branch")
    return ("edit", "copy", "answer", "branch", "delete") if last else ("edit", "copy", "branch", "delete")


def can_go_on(message: StoredMessage) -> bool:
    """Whether an answer broke off behind some words, or at its limit."""
    if message.role != "assistant" or not message.text.strip():
        return False
    return message.status in {"interrupted", "failed"} or message.finish_reason == "length"


def _of_answer(message: StoredMessage, answering: bool) -> tuple[MessageAction, ...]:
    if answering or message.status == "streaming":
        return ("copy",)
    if can_go_on(message):
        return ("copy", "regenerate", "continue", "branch", "delete")
    return ("copy", "regenerate", "branch", "delete")
