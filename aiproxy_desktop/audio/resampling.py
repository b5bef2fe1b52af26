"""Sample rates converted as the sound comes: a windowed sinc, evaluated only where samples are wanted.

J. O. Smith, "Digital Audio Resampling", https://ccrma.stanford.edu/~jos/resample/ ; the window is Kaiser's,
with the formulas of A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", 7.5.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from operator import mul

_CROSSINGS = 16  # zero crossings of the sinc on each side
_BETA = 6.8  # 70 dB of attenuation
_LOWEST, _HIGHEST = 4_000, 384_000

Filter = tuple[tuple[float, ...], ...]

# Python 3.12 has a faster one.
_product_sum: Callable[[Sequence[float], Sequence[float]], float] = getattr(
    math, "sumprod", lambda one, other: sum(map(mul, one, other))
)


class Resampler:
    """PCM16 mono at one rate in, at another out; what comes out does not depend on how it is cut up.

    Aliases and images are at least 60 dB below the sound. It looks 16 samples of the lower rate ahead, which
    is its delay.

    Raises:
        ValueError: a rate that no sound has.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        for rate in (rate_in, rate_out):
            if not _LOWEST <= rate <= _HIGHEST:
                raise ValueError(f"{rate} is no sample rate: it has to be {_LOWEST} to {_HIGHEST}")
        common = math.gcd(rate_in, rate_out)
        self._up, self._down = rate_out // common, rate_in // common
        self._filter, self._half = _polyphase(self._up, self._down)
        self._begin()

    def _begin(self) -> None:
        # The first sample in is under the middle of the filter for the first sample out.
        self._history: list[int] = [0] * (self._half - 1)
        self._at = 0  # of the next sample out, in samples in times `_up`, from the history's beginning
        self._half_byte = b""
        self._fed = self._given = 0

    def feed(self, pcm: bytes) -> bytes:
        """More sound in; the sound that can be had now. Half a sample waits for its other half."""
        if self._up == self._down:
            return pcm
        pcm = self._half_byte + pcm
        even = len(pcm) // 2 * 2
        self._half_byte = pcm[even:]
        samples = array("h", pcm[:even])
        self._fed += len(samples)
        return self._convert(samples)

    def finish(self) -> bytes:
        """The rest, where no more comes; then it can begin anew."""
        if self._up == self._down:
            return b""
        wanted = -(-self._fed * self._up // self._down) - self._given
        rest = self._convert(array("h", [0] * (2 * self._half)))[: max(0, wanted) * 2]
        self._begin()
        return rest

    def _convert(self, samples: array[int]) -> bytes:
        history = self._history
        history.extend(samples)
        up, down, taps = self._up, self._down, 2 * self._half
        phases = self._filter
        at, end = self._at, (len(history) - taps + 1) * up
        found = [
            _product_sum(phases[place % up], history[place // up : place // up + taps])
            for place in range(at, end, down)
        ]
        at += len(found) * down
        used = min(at // up, len(history))
        del history[:used]
        self._at = at - used * up
        self._given += len(found)
        return array("h", [_whole(value) for value in found]).tobytes()


def _whole(value: float) -> int:
    return max(-32768, min(32767, round(value)))


def resampled(pcm: bytes, rate_in: int, rate_out: int) -> bytes:
    """A whole sound converted. As `Resampler`."""
    resampler = Resampler(rate_in, rate_out)
    return resampler.feed(pcm) + resampler.finish()


@lru_cache(maxsize=8)
def _polyphase(up: int, down: int) -> tuple[Filter, int]:
    """The filter for each place between two samples in, and how many samples it reaches to each side."""
    # Relative to half the rate in; a little below the lower of both rates, so that most of the transition
    # lies where nothing folds.
    cutoff = min(1.0, up / down) * 0.91
    half = math.ceil(_CROSSINGS / min(1.0, up / down))
    return tuple(_phase(phase / up, half, cutoff) for phase in range(up)), half


def _phase(offset: float, half: int, cutoff: float) -> tuple[float, ...]:
    # Tap k lies at k - (half - 1) - offset from the sample that is wanted.
    taps = [_tap(index - (half - 1) - offset, half, cutoff) for index in range(2 * half)]
    total = sum(taps)
    return tuple(tap / total for tap in taps)  # so that a level stays exactly what it was


def _tap(distance: float, half: int, cutoff: float) -> float:
    relative = distance / half
    if abs(relative) >= 1:
        return 0.0
    angle = math.pi * distance * cutoff
    sinc = 1.0 if angle == 0 else math.sin(angle) / angle
    return cutoff * sinc * _bessel(_BETA * math.sqrt(1 - relative * relative)) / _bessel(_BETA)


@cache
def _bessel(value: float) -> float:
    """The modified Bessel function of order zero, by its series."""
    total = term = 1.0
    step = 1
    while term > total * 1e-12:
        term *= (value / (2 * step)) ** 2
        total += term
        step += 1
    return total
