"""What images are likely to cost, by the table of prices or by what earlier ones cost here."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

# A median of so many tells enough, and follows a change of price.
_MOST_KEPT = 50

# What an image's price hangs on besides its model.
_PRICED_BY = ("size", "quality", "aspect_ratio", "image_size")

_Key: TypeAlias = tuple[str, ...]


class EarlierCosts:
    """Costs of single images by model, size and quality. In memory, so that a keystroke can ask."""

    def __init__(self) -> None:
        self._costs: dict[_Key, deque[float]] = {}

    def note(self, model: str, options: Mapping[str, Any], cost: float) -> None:
        """One image that was made just now."""
        self._costs.setdefault(_key(model, options), deque(maxlen=_MOST_KEPT)).append(cost)

    def learn(self, newest_first: Iterable[tuple[str, Mapping[str, Any], float]]) -> None:
        """Earlier ones, before those noted since."""
        for model, options, cost in newest_first:
            costs = self._costs.setdefault(_key(model, options), deque(maxlen=_MOST_KEPT))
            if len(costs) < _MOST_KEPT:
                costs.appendleft(cost)

    def median(self, model: str, options: Mapping[str, Any]) -> float | None:
        """What one like this cost in the middle, in US dollars; None where there was none."""
        costs = self._costs.get(_key(model, options))
        return statistics.median(costs) if costs else None


def _key(model: str, options: Mapping[str, Any]) -> _Key:
    return (
        model,
        *("" if options.get(name) in {None, "auto"} else str(options[name]) for name in _PRICED_BY),
    )
