"""The figures of a session while it goes on, at a flat cost each."""

from __future__ import annotations

from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.services.voice.figures import added, cost_of, tokens_of
from aiproxy_desktop.services.voice.values import VoiceFigures


class FiguresSoFar:
    """Counts. `you_spoke` and `model_spoke` are in seconds."""

    def __init__(self, facts: LiveModelFacts) -> None:
        self._facts = facts
        self._closed = LiveUsage()
        self._closed_cost: float | None = 0.0
        self._open: tuple[str, LiveUsage] | None = None
        self.you_spoke = 0.0
        self.model_spoke = 0.0

    def count(self, answer: str, usage: LiveUsage) -> None:
        """The service's count of an answer; a later one of the same answer replaces it."""
        if self._open is not None and self._open[0] != answer:
            former = self._open[1]
            self._closed = added((self._closed, former))
            self._closed_cost = _sum(self._closed_cost, cost_of(former, self._facts))
        self._open = (answer, usage)

    def now(self, seconds: float, playing: float) -> VoiceFigures:
        """The figures. `playing` is how many seconds of answers were heard that are not over yet."""
        spoke = self.model_spoke + playing
        if self._open is None:
            return VoiceFigures(seconds, self.you_spoke, spoke)
        usage = added((self._closed, self._open[1]))
        cost = _sum(self._closed_cost, cost_of(self._open[1], self._facts))
        return VoiceFigures(seconds, self.you_spoke, spoke, tokens_of(usage), cost, usage)


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second
