"""How long models took to their first token, and how fast they wrote, as seen by this process."""

from __future__ import annotations

from collections import OrderedDict, deque
from statistics import median

_KEPT_SAMPLES = 20
_KEPT_MODELS = 500


class LatencyBook:
    """Remembers the last waits and speeds of each model; bounded, and never on disk."""

    def __init__(self, samples: int = _KEPT_SAMPLES, models: int = _KEPT_MODELS) -> None:
        """Make an empty book that keeps so many samples a model, of so many models (the latest used)."""
        self._waits = _Samples(samples, models)
        self._speeds = _Samples(samples, models)

    def note(self, reference: str, seconds: float) -> None:
        """Remember one wait; `reference` is a model's `provider:id`. What is no time is passed over."""
        if 0 <= seconds < float("inf"):
            self._waits.add(reference, seconds)

    def note_speed(self, reference: str, tokens_per_second: float) -> None:
        """Remember how fast one answer was written. What is no speed is passed over."""
        if 0 < tokens_per_second < float("inf"):
            self._speeds.add(reference, tokens_per_second)

    def usual(self, reference: str) -> float | None:
        """The median of the waits remembered, in seconds; None where there is none."""
        return self._waits.median(reference)

    def usual_speed(self, reference: str) -> float | None:
        """The median of the speeds remembered, in tokens a second; None where there is none."""
        return self._speeds.median(reference)


class _Samples:
    def __init__(self, samples: int, models: int) -> None:
        self._samples = samples
        self._models = models
        self._kept: OrderedDict[str, deque[float]] = OrderedDict()

    def add(self, reference: str, value: float) -> None:
        self._kept.setdefault(reference, deque(maxlen=self._samples)).append(value)
        self._kept.move_to_end(reference)
        while len(self._kept) > self._models:
            self._kept.popitem(last=False)

    def median(self, reference: str) -> float | None:
        values = self._kept.get(reference)
        return median(values) if values else None
