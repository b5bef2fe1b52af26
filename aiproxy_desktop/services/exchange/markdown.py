"""A conversation as a Markdown document, to read: the branch shown."""

from __future__ import annotations

import re
from collections.abc import Callable

from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.exchange.readable import (
    ENGLISH,
    DocumentWords,
    ModelName,
    Turn,
    branch,
    described,
    when,
)
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.records import Attachment, StoredPart

_TICKS = re.compile("`+")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~])")

# Where a document finds the bytes of an attachment beside it; empty when they are not there.
Place = Callable[[Attachment], str]


def to_markdown(
    archived: Archived,
    model_name: ModelName,
    place: Place = lambda _: "",
    said: DocumentWords = ENGLISH,
) -> str:
    """The whole document. Messages stand in it as they were written."""
    conversation = archived.conversation
    blocks = [f"# {_escaped(conversation.title)}", f"*{when(conversation.created_at)}*"]
    if conversation.options.system:
        blocks.append(_quoted(conversation.options.system))
    for turn in branch(archived, model_name, said):
        blocks += _turn(turn, place, said)
    return "\n\n".join(blocks) + "\n"


def _turn(turn: Turn, place: Place, said: DocumentWords) -> list[str]:
    message = turn.message
    blocks = ["---", f"**{_escaped(turn.speaker)}** · {turn.facts}"]
    blocks += [_attached(one, place(one), said) for one in message.attachments]
    if message.reasoning:
        blocks.append(_quoted(message.reasoning))
    blocks += [block for part in message.parts if (block := _part(part, said))]
    if message.text.strip():
        blocks.append(message.text.strip("\n"))
    blocks += [f"*{_escaped(note)}*" for note in message.notes]
    if message.error_title:
        blocks.append(f"**{_escaped(message.error_title)}** {_escaped(message.error_advice)}".rstrip())
    return blocks


def _attached(attachment: Attachment, place: str, said: DocumentWords) -> str:
    name = _escaped(described(attachment))
    if not place:
        return said.attached.format(file=name)
    return f"{'!' if attachment.kind == 'image' else ''}[{name}]({place})"


def _part(part: StoredPart, said: DocumentWords) -> str:
    match part:
        case ToolCallPart():
            return f"{said.called.format(tool=_code(part.name))}:\n\n{_fenced(part.arguments, 'json')}"
        case ToolResultPart():
            return f"{said.gave.format(tool=_code(part.name))}:\n\n{_fenced(part.content)}"
    return ""


def _code(text: str) -> str:
    ticks = "`" * (_longest(text) + 1)
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{' '.join(text.split())}{pad}{ticks}"


def _fenced(text: str, language: str = "") -> str:
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
