"""What the documents to read have in common: the branch shown, and who said what when, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.records import Attachment, StoredMessage

# The name of a model, for a reference as it is stored.
ModelName = Callable[[str | None], str]


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """What stands in a document besides what was said; `{…}` is where a name or a number goes."""

    you: str = "You"
    answer: str = "Answer"
    system: str = "System"
    tool: str = "Tool"
    reasoning: str = "Reasoning"
    attached: str = "Attached: {file}"
    called: str = "Called {tool}"
    gave: str = "{tool} gave"
    version: str = "version {number} of {count}"
    tokens: str = "{count} tokens"
    free: str = "free"
    interrupted: str = "interrupted"
    failed: str = "failed"


ENGLISH = DocumentWords()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the branch shown."""

    message: StoredMessage
    speaker: str
    facts: str


def branch(archived: Archived, model_name: ModelName, said: DocumentWords = ENGLISH) -> tuple[Turn, ...]:
    """From the first message to where the conversation stands."""
    by_id = {message.id: message for message in archived.messages}
    versions: dict[str | None, list[str]] = {}
    for message in sorted(archived.messages, key=lambda one: one.created_at):
        versions.setdefault(message.parent_id, []).append(message.id)
    thread: list[StoredMessage] = []
    at = archived.conversation.leaf_id
    while at is not None:
        thread.append(by_id[at])
        at = by_id[at].parent_id
    return tuple(
        Turn(message, _speaker(message, model_name, said), _facts(message, versions[message.parent_id], said))
        for message in reversed(thread)
    )


def when(moment: datetime) -> str:
    """A time as the person's clock showed it: 2026-11-25 14:02."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def described(attachment: Attachment) -> str:
    """A file in words: photo.png (24 KB)."""
    return f"{attachment.name} ({size(attachment.size)})"


def size(count: int) -> str:
    """Bytes as people read them: 24 KB."""
    if count < 1024:
        return f"{count} bytes"
    value = count / 1024
    for unit in ("KB", "MB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GB"


def _speaker(message: StoredMessage, model_name: ModelName, said: DocumentWords) -> str:
    if message.role == "assistant":
        return model_name(message.model) or said.answer
    return {"user": said.you, "system": said.system, "tool": said.tool}[message.role]


def _facts(message: StoredMessage, versions: Sequence[str], said: DocumentWords) -> str:
    facts = [when(message.created_at)]
    if len(versions) > 1:
        facts.append(said.version.format(number=versions.index(message.id) + 1, count=len(versions)))
    usage = message.usage
    if usage is not None and usage.output_tokens is not None:
        facts.append(said.tokens.format(count=f"{usage.output_tokens:,}"))
    if message.cost is not None:
        facts.append(said.free if message.cost == 0 else f"${message.cost:.4f}")
    if message.status == "interrupted":
        facts.append(said.interrupted)
    elif message.status == "failed":
        facts.append(said.failed)
    return ", ".join(facts)
