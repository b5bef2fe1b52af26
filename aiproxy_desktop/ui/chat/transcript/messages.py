"""What the transcript shows: values only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.storage.records import Attachment

MessageState: TypeAlias = Literal["complete", "streaming", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class ErrorCard:
    """Why an answer failed: what happened, what to do, and the provider's own words."""

    title: str
    advice: str = ""
    detail: str = ""


# What can be done with one message; the transcript offers those that its message names.
MessageAction: TypeAlias = Literal["edit", "copy", "answer", "regenerate", "continue", "branch", "delete"]


@dataclass(frozen=True, slots=True)
class ShownAttachment:
    """A file of a message; where its bytes lie, None where they are gone; and a line of figures.

    `files` is how many it stands for: a folder's are shown as one.
    """

    attachment: Attachment
    path: Path | None
    facts: str = ""
    files: int = 1


@dataclass(frozen=True, slots=True)
class ToolCard:
    """A tool that a model wants run, and what came of it. `arguments` is JSON text, as the model wrote it.

    `result` is None while there is none.
    """

    id: str
    name: str
    arguments: str
    result: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class TranscriptMessage:
    """One message as it is shown.

    Attributes:
        id: unique within the transcript.
        role: the person's messages are plain text in a bubble, all others are Markdown.
        text: the whole text so far.
        reasoning: what the model thought first.
        state: where its arrival stands.
        footer: one line of facts under it.
        error: shown when `state` is "failed".
        version: which of its versions this is, from 0.
        versions: how many answers there are to the same question.
        thought_seconds: how long the reasoning took, where that is known; so far, while there is no text.
        notes: sentences about how it came about, between the text and the footer.
        attachments: above the person's words; below an answer's, as the images it brought.
        tools: calls that came with an answer, below its text.
        actions: what can be done with it now, in the order in which it is offered.
        tokens: of the answer, where they were counted.
    """

    id: str
    role: Role
    text: str
    reasoning: str = ""
    state: MessageState = "complete"
    footer: str = ""
    error: ErrorCard | None = None
    thought_seconds: float | None = None
    version: int = 0
    versions: int = 1
    notes: tuple[str, ...] = ()
    attachments: tuple[ShownAttachment, ...] = ()
    tools: tuple[ToolCard, ...] = ()
    actions: tuple[MessageAction, ...] = ("copy",)
    tokens: int | None = None
