"""How long models took to their first token, as seen by this process."""

from __future__ import annotations

from collections import OrderedDict, deque
from statistics import median

_KEPT_SAMPLES = 20
_KEPT_MODELS = 500


class LatencyBook:
    """Remembers the last waits for a first token of each model; bounded, and never on disk."""

    def __init__(self, samples: int = _KEPT_SAMPLES, models: int = _KEPT_MODELS) -> None:
        """Make an empty book that keeps so many waits a model, of so many models (the latest used)."""
        self._samples = samples
        self._models = models
        self._waits: OrderedDict[str, deque[float]] = OrderedDict()

    def note(self, reference: str, seconds: float) -> None:
        """Remember one wait; `reference` is a model's `provider:id`. What is no time is passed over."""
        if not 0 <= seconds < float("inf"):
            return
        waits = self._waits.setdefault(reference, deque(maxlen=self._samples))
        waits.append(seconds)
        self._waits.move_to_end(reference)
        while len(self._waits) > self._models:
            self._waits.popitem(last=False)

    def usual(self, reference: str) -> float | None:
        """The median of the waits remembered, in seconds; None where there is none."""
        waits = self._waits.get(reference)
        return median(waits) if waits else None
