"""What is said to a model and by it: messages made of parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Plain or Markdown text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a model thought before it answered; never sent back."""

    text: str


Part: TypeAlias = TextPart | ReasoningPart


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. Identity and time are storage's business."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """All reasoning parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, ReasoningPart))

    @classmethod
    def of(cls, role: Role, text: str) -> Message:
        """A message with one text part."""
        return cls(role, (TextPart(text),))


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One request to one model, in the core's own words.

    `model` is the provider's own name for it, without a provider prefix. `max_tokens` bounds the
    answer; None leaves it to the provider.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
