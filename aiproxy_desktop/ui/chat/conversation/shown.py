"""A stored message as the transcript shows it. No Qt here; imported with the first conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.attaching import Taken, by_folder
from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.attachments.facts import taken_facts
from aiproxy_desktop.ui.chat.conversation.facts import answer_footer
from aiproxy_desktop.ui.chat.transcript.messages import (
    ErrorCard,
    MessageAction,
    ShownAttachment,
    ToolCard,
    TranscriptMessage,
)
from aiproxy_desktop.ui.translation import tr


def shown(
    message: StoredMessage,
    model_name: str,
    *,
    path_of: Callable[[str], Path] | None = None,
    actions: Sequence[MessageAction] | None = None,
) -> TranscriptMessage:
    """Everything a person sees of one message.

    Args:
        message: as stored, or as it is so far.
        model_name: what a person calls the model that answered.
        path_of: where the bytes of an attachment's hash lie; without it they count as gone.
        actions: what can be done with it; None is what can be done with any such message.
    """
    if message.role != "assistant":
        return TranscriptMessage(
            message.id,
            message.role,
            message.text,
            version=message.sibling_index,
            versions=message.sibling_count,
            attachments=_attachments(message, path_of),
            actions=("copy",) if actions is None else tuple(actions),
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
        thought_seconds=_thought_seconds(message),
        version=message.sibling_index,
        versions=message.sibling_count,
        attachments=_attachments(message, path_of),
        tools=_tools(message),
        actions=_usual_actions(message) if actions is None else tuple(actions),
        tokens=None if message.usage is None else message.usage.output_tokens,
    )


def footer(message: StoredMessage, model_name: str) -> str:
    """The line of figures."""
    first, last = message.first_token_at, message.finished_at
    something = message.text.strip() or message.notes or message.attachments or message.parts
    return answer_footer(
        model_name,
        empty=message.status == "complete" and not something,
        first_token_seconds=None if first is None else (first - message.created_at).total_seconds(),
        writing_seconds=None if first is None or last is None else (last - first).total_seconds(),
        output_tokens=None if message.usage is None else message.usage.output_tokens,
        cost=message.cost,
    )


def _usual_actions(message: StoredMessage) -> tuple[MessageAction, ...]:
    return ("copy",) if message.status in {"streaming", "failed"} else ("copy", "regenerate")


def _thought_seconds(message: StoredMessage) -> float | None:
    """How long it thought; of one that still thinks, how long it has so far."""
    if not message.reasoning or message.first_token_at is None:
        return None
    until = message.thought_until
    if until is None:
        if message.status != "streaming" or message.text:
            return None
        until = datetime.now(UTC)
    return max(0.0, (until - message.first_token_at).total_seconds())


def _attachments(
    message: StoredMessage, path_of: Callable[[str], Path] | None
) -> tuple[ShownAttachment, ...]:
    return tuple(_shown(taken, path_of) for taken in by_folder(message.attachments))


def _shown(taken: Taken, path_of: Callable[[str], Path] | None) -> ShownAttachment:
    """A file, or a folder of them as one."""
    # A file of a few letters' name: looking for it costs microseconds.
    paths = [] if path_of is None else [path_of(one.hash) for one in taken.attachments]
    there = bool(paths) and all(path.is_file() for path in paths)
    first, many = taken.attachments[0], len(taken.attachments)
    whole = first if many == 1 else replace(first, name=taken.name, size=taken.size, tokens=taken.tokens)
    return ShownAttachment(whole, paths[0] if there else None, taken_facts(taken), files=many)


def _tools(message: StoredMessage) -> tuple[ToolCard, ...]:
    results = {part.call_id: part for part in message.parts if isinstance(part, ToolResultPart)}
    cards = []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            result = results.get(part.id)
            content = None if result is None else result.content
            failed = result is not None and result.failed
            cards.append(ToolCard(part.id, part.name, part.arguments, content, failed))
    return tuple(cards)


def _card(message: StoredMessage) -> ErrorCard | None:
    if message.status != "failed":
        return None
    title = message.error_title or tr("The answer could not be finished")
    return ErrorCard(title, message.error_advice, message.error_detail)
