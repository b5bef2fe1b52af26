"""What a model's answer is made of while it arrives. One event means one thing on every provider.

A stream is: Started, then any number of deltas, notes and the like in the order in which they came, at
most one UsageReported (later ones replace earlier ones), and exactly one Finished as its last event. A
stream that cannot reach Finished raises an AIProxyError instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

FinishReason: TypeAlias = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Started:
    """The provider accepted the request."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about the request was changed or left out, as this model does not take it.

    `parameter` is the caller's name for it; `sentence` says what became of it and why.
    """

    parameter: str
    sentence: str


# One for each token, so these are the kind of value that takes least time to make (a tenth of a dataclass).
class TextDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the answer's text; never empty."""

    text: str


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the model's reasoning; never empty."""

    text: str


class ToolCallDelta(msgspec.Struct, frozen=True, gc=False):
    """More of a tool call. The first one of an `index` (from 0) carries its id and name.

    `arguments` is the next piece of the JSON text of its arguments; it may be empty in the first one.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ImageReceived:
    """An image of the answer. A `preview` is replaced by the image that comes after it."""

    mime: str
    data: bytes = field(repr=False)
    preview: bool = False


@dataclass(frozen=True, slots=True)
class OpaqueReceived:
    """What the provider wants back with the part before it; see `messages.OpaquePart`."""

    provider: str
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the provider. None where it did not say.

    `cached_tokens` are among the input tokens, `reasoning_tokens` and `output_image_tokens` among the output
    tokens.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    output_image_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The provider's own count."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole (or ended for the reason given)."""

    reason: FinishReason


StreamEvent: TypeAlias = (
    Started
    | Noted
    | TextDelta
    | ReasoningDelta
    | ToolCallDelta
    | ImageReceived
    | OpaqueReceived
    | UsageReported
    | Finished
)
