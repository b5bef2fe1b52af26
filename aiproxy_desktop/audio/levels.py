"""Level meters."""

from __future__ import annotations

import math
import threading
from array import array
from collections import deque
from operator import mul

from aiproxy_desktop.audio.values import LevelReading

FULL_SCALE = 32768
_CLIPPED = 32767
_KEPT = 96  # chunks of 20 ms: about two seconds


class LevelMeter:
    """Fed by one thread, read by others."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._lock = threading.Lock()
        self._peaks: deque[float] = deque(maxlen=kept)
        self._clipped: deque[bool] = deque(maxlen=kept)
        self._decibels: float | None = None

    def add(self, pcm: bytes) -> None:
        """One chunk of PCM16 mono."""
        decibels, peak = measured(pcm)
        with self._lock:
            self._decibels = decibels
            self._peaks.append(min(1.0, peak / _CLIPPED))
            self._clipped.append(peak >= _CLIPPED)

    def clear(self) -> None:
        """Nothing sounds any more."""
        with self._lock:
            self._peaks.clear()
            self._clipped.clear()
            self._decibels = None

    @property
    def reading(self) -> LevelReading:
        """What it shows now."""
        with self._lock:
            return LevelReading(tuple(self._peaks), self._decibels, tuple(self._clipped))


def measured(pcm: bytes) -> tuple[float | None, int]:
    """RMS in decibels relative to full scale (None: silence), and the highest absolute sample."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    peak = max(max(samples), -min(samples)) if samples else 0  # noqa: PLW3301 - without copying them all
    if not peak:
        return None, 0
    square = sum(map(mul, samples, samples)) / len(samples)
    return 20 * math.log10(math.sqrt(square) / FULL_SCALE), peak
