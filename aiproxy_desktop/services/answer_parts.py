"""What an answer holds besides its text, gathered while it arrives, with where each piece stood. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from aiproxy_desktop.core.events import (
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
)
from aiproxy_desktop.core.messages import OpaquePart, ToolCallPart
from aiproxy_desktop.storage.records import Attachment, Passage, StoredPart


@dataclass(frozen=True, slots=True)
class ImageKept:
    """An image of the answer, whose bytes are stored now; it comes in the place of an ImageReceived."""

    attachment: Attachment


ChatEvent: TypeAlias = StreamEvent | ImageKept

_Stretch: TypeAlias = Literal["text", "reasoning", "images"]


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Growing:
    of: _Stretch
    length: int


class AnswerParts:
    """Folds events at a flat cost each."""

    def __init__(self, begun: Sequence[StoredPart] = (), text: int = 0, reasoning: int = 0) -> None:
        """Begin, or go on from an answer that broke off.

        Args:
            begun: the parts of that answer.
            text: characters of its text.
            reasoning: characters of its reasoning.
        """
        self._parts: list[StoredPart | _Growing | _Call] = list(begun)
        self._calls: dict[int, _Call] = {}
        self._open: _Growing | None = None
        if not begun:
            self._grow("reasoning", reasoning)
            self._grow("text", text)
        self._open = None

    def feed(self, event: ChatEvent) -> None:
        """Take one event; many change nothing here."""
        match event:
            case TextDelta(text):
                self._grow("text", len(text))
            case ReasoningDelta(text):
                self._grow("reasoning", len(text))
            case ToolCallDelta():
                self._call(event)
            case OpaqueReceived(provider, data):
                self._open = None
                self._parts.append(OpaquePart(provider, data))
            case ImageKept():
                self._grow("images", 1)
            case _:
                pass

    @property
    def stored(self) -> tuple[StoredPart, ...]:
        """All so far, in order; nothing where there is only reasoning and then text."""
        parts = tuple(_stored(self._parts))
        plain = [part.of for part in parts if isinstance(part, Passage)]
        if len(plain) == len(parts) and plain in (["text"], ["reasoning"], ["reasoning", "text"]):
            return ()
        return parts

    def _grow(self, of: _Stretch, length: int) -> None:
        last = self._open
        if last is not None and last.of == of:
            last.length += length
        elif length:
            self._open = _Growing(of, length)
            self._parts.append(self._open)

    def _call(self, delta: ToolCallDelta) -> None:
        self._open = None
        call = self._calls.get(delta.index)
        if call is None:
            call = self._calls[delta.index] = _Call(delta.id, delta.name)
            self._parts.append(call)
        if delta.arguments:
            call.pieces.append(delta.arguments)


def _stored(parts: Iterable[StoredPart | _Growing | _Call]) -> Iterable[StoredPart]:
    for part in parts:
        if isinstance(part, _Growing):
            yield Passage(part.of, part.length)
        elif isinstance(part, _Call):
            yield ToolCallPart(part.id, part.name, "".join(part.pieces) or "{}")
        else:
            yield part
