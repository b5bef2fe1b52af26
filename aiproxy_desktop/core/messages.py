"""What is said to a model and by it: messages made of parts, and the request that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.core.timeouts import Timeouts

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
MediaKind: TypeAlias = Literal["image", "audio", "video", "document"]
Detail: TypeAlias = Literal["", "auto", "low", "high", "original"]
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Plain or Markdown text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a model thought before it answered; sent back only where an OpaquePart behind it asks for it."""

    text: str


@dataclass(frozen=True, slots=True)
class MediaPart:
    """An image, a sound, a film or a document, in bytes. `mime` is its type, as in `image/png`.

    `detail` is how closely a model should look at it, a hint for OpenAI's interfaces; others leave it out.
    """

    kind: MediaKind
    mime: str
    data: bytes = field(repr=False)
    name: str = ""
    detail: Detail = ""


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Media still to be had: an http or https address, or a path on this machine. Never sent as it is."""

    kind: MediaKind
    place: str
    mime: str = ""
    name: str = ""
    detail: Detail = ""


@dataclass(frozen=True, slots=True)
class HostedMediaPart:
    """Media that the provider holds already; `uri` is its own name for it."""

    kind: MediaKind
    mime: str
    uri: str
    detail: Detail = ""


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A model's wish to have a tool run. `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a tool gave; alone in a message of the role `tool`. `call_id` is that of its ToolCallPart."""

    call_id: str
    name: str
    content: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class OpaquePart:
    """What one provider wants back with the part before it: a signature, an encrypted thought.

    `data` is JSON text that only the codec of `provider` reads; every other one leaves it out.
    """

    provider: str
    data: str = field(repr=False)


Part: TypeAlias = (
    TextPart
    | ReasoningPart
    | MediaPart
    | MediaLink
    | HostedMediaPart
    | ToolCallPart
    | ToolResultPart
    | OpaquePart
)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. Identity and time are storage's business.

    `name` tells apart those who speak in one role; OpenAI's chat completions take it.
    """

    role: Role
    parts: tuple[Part, ...]
    name: str = ""

    @property
    def text(self) -> str:
        """All text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """All reasoning parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, ReasoningPart))

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The tool calls, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))

    @classmethod
    def of(cls, role: Role, text: str) -> Message:
        """A message with one text part."""
        return cls(role, (TextPart(text),))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function a model may call. `parameters` is a JSON schema of its arguments; None takes none."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class NativeTool:
    """A provider's own tool (web search, code execution), in that provider's words."""

    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether tools may, must not or must be called; with `name`, that one tool must be."""

    mode: Literal["auto", "none", "required"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """What the answer must be: any JSON object, or JSON of a schema (a JSON schema)."""

    kind: Literal["json_object", "json_schema"]
    schema: Mapping[str, Any] | None = None
    name: str = "answer"
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class SafetySetting:
    """One of Gemini's thresholds, in its own words (HARM_CATEGORY_…, BLOCK_…)."""

    category: str
    threshold: str


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One request to one model, in the core's own words.

    `model` is the provider's own name for it, without a provider prefix. `max_tokens` bounds the
    answer; None leaves it to the provider. `images` asks for images as well as text. `extra` holds
    fields of the provider's own request, passed on as they are.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    tools: tuple[Tool | NativeTool, ...] = ()
    tool_choice: ToolChoice | None = None
    response_format: ResponseFormat | None = None
    effort: Effort | None = None
    safety_settings: tuple[SafetySetting, ...] = ()
    images: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    timeouts: Timeouts | None = None
