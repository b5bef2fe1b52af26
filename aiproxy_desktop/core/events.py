"""What a model's answer is made of while it arrives. One event means one thing on every provider.

A stream is: Started, then any number of TextDelta and ReasoningDelta, at most one UsageReported
(later ones replace earlier ones), and exactly one Finished as its last event. A stream that cannot
reach Finished raises an AIProxyError instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FinishReason: TypeAlias = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Started:
    """The provider accepted the request."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's reasoning; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the provider. None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The provider's own count."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole (or ended for the reason given)."""

    reason: FinishReason


StreamEvent: TypeAlias = Started | TextDelta | ReasoningDelta | UsageReported | Finished
