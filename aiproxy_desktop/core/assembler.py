"""Events to a message, in one place for every provider."""

from __future__ import annotations

from aiproxy_desktop.core.events import (
    Finished,
    FinishReason,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.messages import Message, Part, ReasoningPart, TextPart


class MessageAssembler:
    """Folds a stream. Feeding costs the same for the last token as for the first."""

    def __init__(self) -> None:
        self._runs: list[tuple[type[TextPart] | type[ReasoningPart], list[str]]] = []
        self.usage: Usage | None = None
        self.finish_reason: FinishReason | None = None

    def feed(self, event: StreamEvent) -> None:
        """Take in one event."""
        if isinstance(event, TextDelta):
            self._append(TextPart, event.text)
        elif isinstance(event, ReasoningDelta):
            self._append(ReasoningPart, event.text)
        elif isinstance(event, UsageReported):
            self.usage = event.usage
        elif isinstance(event, Finished):
            self.finish_reason = event.reason

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self._joined(TextPart)

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        return self._joined(ReasoningPart)

    @property
    def message(self) -> Message:
        """The answer so far: parts in the order they came, neighbours of one kind joined."""
        parts: list[Part] = [kind(_fold(pieces)) for kind, pieces in self._runs]
        return Message("assistant", tuple(parts))

    def _append(self, kind: type[TextPart] | type[ReasoningPart], text: str) -> None:
        if self._runs and self._runs[-1][0] is kind:
            self._runs[-1][1].append(text)
        else:
            self._runs.append((kind, [text]))

    def _joined(self, wanted: type[TextPart] | type[ReasoningPart]) -> str:
        return "".join(_fold(pieces) for kind, pieces in self._runs if kind is wanted)


def _fold(pieces: list[str]) -> str:
    """Join once and keep the result, so that asking again costs only what came since."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0]
