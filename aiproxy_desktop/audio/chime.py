"""The sound that a speaker is tried with."""

from __future__ import annotations

import math
from array import array

_NOTES = ((659.26, 0.0), (880.0, 0.18))  # E5 and A5, in hertz, and when each begins, in seconds
_SECONDS = 0.8
_LOUDNESS = 0.22  # of full scale, each
_DECAY = 6.0  # how fast a note dies away, a second
_RISE = 0.008


def chime(rate: int = 24_000) -> bytes:
    """Two soft notes, PCM16 mono; begins and ends in silence."""
    return array("h", [round(_level(at / rate) * 32767) for at in range(round(_SECONDS * rate))]).tobytes()


def _level(time: float) -> float:
    total = 0.0
    for hertz, begin in _NOTES:
        since = time - begin
        if since > 0:
            total += (
                math.sin(2 * math.pi * hertz * since) * math.exp(-_DECAY * since) * min(1.0, since / _RISE)
            )
    return _LOUDNESS * total * min(1.0, (_SECONDS - time) / 0.1)
