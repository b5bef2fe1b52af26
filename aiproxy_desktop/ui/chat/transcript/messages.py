"""What the transcript shows: values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.core.messages import Role

MessageState: TypeAlias = Literal["complete", "streaming", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class ErrorCard:
    """Why an answer failed: what happened, what to do, and the provider's own words."""

    title: str
    advice: str = ""
    detail: str = ""


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
        thought_seconds: how long the reasoning took, where that is known.
        notes: sentences about how it came about, between the text and the footer.
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
