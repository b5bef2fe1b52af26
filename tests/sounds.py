"""Comparing sound: how alike what was heard is to what was said. PCM16 mono, in plain Python."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from operator import mul

# Samples a second that are enough to tell speech by; and what is quieter is a pause, like any other.
_THIN, _LOUD = 4_000, 1_000


def correlation(heard: bytes, said: bytes, rate: int) -> float:
    """The normalised correlation of all that was said with where it is best found in what was heard.

    Returns:
        1 where it is the same, however loud; about 0 where it is something else.
    """
    long, short = array("h", heard), array("h", said)
    coarse = _best(_envelope(long, rate), _envelope(short, rate)) * (rate // 100)
    # The exact place is found with the loudest 200 ms alone.
    size = min(rate // 5, len(short))
    begin = max(range(0, len(short) - size + 1, size), key=lambda at: _energy(short[at : at + size]))
    part, reach = short[begin : begin + size], rate // 50
    first = max(0, coarse + begin - reach)
    lag = first + _best(long[first : coarse + begin + reach + size], part) - begin
    first = max(0, -lag)
    return alike(long[max(0, lag) : lag + len(short)], short[first:])


def correlations(heard: bytes, said: bytes, rate: int, seconds: float = 0.1) -> list[float]:
    """Those of what was said in parts, best first: a stumble spoils a part, not all that follows."""
    long, short = _thinned(heard, rate), _thinned(said, rate)
    size, reach = int(_THIN * seconds), _THIN // 4
    lag = _best(_envelope(long, _THIN), _envelope(short, _THIN)) * (_THIN // 100)
    found = []
    for at in range(0, len(short) - size + 1, size):
        part, first = short[at : at + size], max(0, lag + at - reach)
        if max(map(abs, part)) > _LOUD:
            place = first + _best(long[first : lag + at + reach + size], part)
            found.append(alike(long[place : place + size], part))
    return sorted(found, reverse=True)


def alike(one: Sequence[int], other: Sequence[int]) -> float:
    """The normalised correlation of two sounds that begin together; what one lacks is silence."""
    both = math.sqrt(_energy(one) * _energy(other))
    return sum(map(mul, one, other)) / both if both else 0.0


def peak(pcm: bytes) -> int:
    """The highest absolute sample."""
    samples = array("h", pcm)
    return max(max(samples), -min(samples)) if samples else 0  # noqa: PLW3301 - without copying them all


def sounding_ms(pcm: bytes, rate: int, above: int = 200) -> int:
    """From the first to the last sample that is louder, in milliseconds."""
    loud = [at for at, sample in enumerate(array("h", pcm)) if abs(sample) > above]
    return (loud[-1] - loud[0]) * 1000 // rate if loud else 0


def _thinned(pcm: bytes, rate: int) -> array[int]:
    """At 4 kHz, of which the rate is a multiple."""
    samples, step = array("h", pcm), rate // _THIN
    ends = range(step, len(samples) + 1, step)
    return array("h", (sum(samples[end - step : end]) // step for end in ends))


def _energy(samples: Sequence[int]) -> int:
    return sum(map(mul, samples, samples))


def _envelope(samples: array[int], rate: int) -> list[int]:
    """The strength of each 10 ms, above its mean."""
    size = rate // 100
    found = [math.isqrt(_energy(samples[at : at + size])) for at in range(0, len(samples), size)]
    mean = sum(found) // max(1, len(found))
    return [one - mean for one in found]


def _best(long: Sequence[int], short: Sequence[int]) -> int:
    """Where the short one fits the long one best."""
    places = range(max(1, len(long) - len(short) + 1))
    return max(places, key=lambda at: sum(map(mul, long[at : at + len(short)], short)))
