"""What a live session has used, for its client and for the log."""

from __future__ import annotations

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    Interrupted,
    LiveEvent,
    LiveUsage,
    TurnDone,
    UsageReported,
)
from aiproxy_desktop.core.live.models import LiveModelFacts, live_model_facts
from aiproxy_desktop.services.voice.figures import added, cost_of, input_of, output_of, tokens_of


class LiveMeter:
    """Counts by the answer: a later count of the same one replaces it, so each is told what it is of."""

    def __init__(self) -> None:
        self._closed = LiveUsage()
        self._closed_cost: float | None = 0.0
        self._open: tuple[int, LiveUsage, float | None] | None = None
        self._answer = 0
        self._answering = self._cut = False

    def take(self, event: LiveEvent, model: str) -> bool:
        """An event of the session; whether the figures have changed.

        Args:
            event: any.
            model: that is talked with, as its service knows it.
        """
        match event:
            case AnswerStarted():
                self._answer += 1
                self._answering = True
            case Interrupted():
                if not self._answering and not self._cut:
                    self._answer += 1  # nothing came of it, and it costs all the same
                self._cut = True
            case TurnDone():
                self._answering = self._cut = False
            case UsageReported(usage=usage):
                self._count(usage, live_model_facts(model))
                return True
            case _:
                pass
        return False

    @property
    def figures(self) -> dict[str, int | float | None]:
        """As a message has them: tokens in, out and of both, and US dollars; None is not known."""
        if self._open is None:
            return {"input_tokens": None, "output_tokens": None, "total_tokens": None, "cost": None}
        usage = added((self._closed, self._open[1]))
        return {
            "input_tokens": input_of(usage),
            "output_tokens": output_of(usage),
            "total_tokens": tokens_of(usage),
            "cost": _sum(self._closed_cost, self._open[2]),
        }

    def _count(self, usage: LiveUsage, facts: LiveModelFacts | None) -> None:
        former = self._open
        if former is not None and former[0] != self._answer:
            self._closed = added((self._closed, former[1]))
            self._closed_cost = _sum(self._closed_cost, former[2])
        self._open = (self._answer, usage, None if facts is None else cost_of(usage, facts))


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second
