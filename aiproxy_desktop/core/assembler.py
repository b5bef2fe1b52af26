"""Events to a message, in one place for every provider."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiproxy_desktop.core.events import (
    Finished,
    FinishReason,
    ImageReceived,
    Noted,
    OpaqueReceived,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import (
    MediaPart,
    Message,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)


@dataclass(slots=True)
class _Text:
    """Text or reasoning that grows."""

    kind: type[TextPart] | type[ReasoningPart]
    pieces: list[str]

    def part(self) -> Part:
        return self.kind(_fold(self.pieces))


@dataclass(slots=True)
class _Call:
    """A tool call that grows."""

    id: str
    name: str
    pieces: list[str] = field(default_factory=list)

    def part(self) -> Part:
        return ToolCallPart(self.id, self.name, _fold(self.pieces) or "{}")


@dataclass(slots=True)
class _Whole:
    """A part that came at once."""

    value: Part

    def part(self) -> Part:
        return self.value


class MessageAssembler:
    """Folds a stream. Feeding costs the same for the last token as for the first."""

    def __init__(self) -> None:
        self._growing: list[_Text | _Call | _Whole] = []
        self._calls: dict[int, _Call] = {}
        self._open_text: list[str] | None = None  # of the text that the last part is, if it is one
        self.started: Started | None = None
        self.notes: list[Noted] = []
        self.usage: Usage | None = None
        self.finish_reason: FinishReason | None = None

    def feed(self, event: StreamEvent) -> None:
        """Take in one event."""
        if type(event) is TextDelta:
            if self._open_text is None:
                self._append(TextPart, event.text)
            else:
                self._open_text.append(event.text)
        elif isinstance(event, Started | Noted | UsageReported | Finished):
            self._take_note(event)
        else:
            self._open_text = None
            self._take_part(event)

    def _take_part(self, event: StreamEvent) -> None:
        if isinstance(event, ReasoningDelta):
            self._append(ReasoningPart, event.text)
        elif isinstance(event, ToolCallDelta):
            self._call(event)
        elif isinstance(event, ImageReceived):
            if not event.preview:
                self._growing.append(_Whole(MediaPart("image", event.mime, event.data)))
        elif isinstance(event, OpaqueReceived):
            self._growing.append(_Whole(OpaquePart(event.provider, event.data)))

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self._joined(TextPart)

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        return self._joined(ReasoningPart)

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The tool calls so far; the arguments of the last one may be half."""
        return self.message.tool_calls

    @property
    def images(self) -> tuple[MediaPart, ...]:
        """The images so far, previews left out."""
        return tuple(part for part in self.message.parts if isinstance(part, MediaPart))

    @property
    def message(self) -> Message:
        """The answer so far: parts in the order they came, neighbours of one kind joined."""
        return Message("assistant", tuple(growing.part() for growing in self._growing))

    def _take_note(self, event: StreamEvent) -> None:
        """Take in what is about the answer."""
        if isinstance(event, Noted):
            self.notes.append(event)
        elif isinstance(event, UsageReported):
            self.usage = event.usage
        elif isinstance(event, Finished):
            self.finish_reason = event.reason
        elif isinstance(event, Started):
            self.started = event

    def _append(self, kind: type[TextPart] | type[ReasoningPart], text: str) -> None:
        last = self._growing[-1] if self._growing else None
        if isinstance(last, _Text) and last.kind is kind:
            last.pieces.append(text)
        else:
            last = _Text(kind, [text])
            self._growing.append(last)
        if kind is TextPart:
            self._open_text = last.pieces

    def _call(self, delta: ToolCallDelta) -> None:
        call = self._calls.get(delta.index)
        if call is None:
            call = self._calls[delta.index] = _Call(delta.id, delta.name)
            self._growing.append(call)
        if delta.arguments:
            call.pieces.append(delta.arguments)

    def _joined(self, wanted: type[TextPart] | type[ReasoningPart]) -> str:
        return "".join(
            _fold(growing.pieces)
            for growing in self._growing
            if isinstance(growing, _Text) and growing.kind is wanted
        )


def _fold(pieces: list[str]) -> str:
    """Join once and keep the result, so that asking again costs only what came since."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""
