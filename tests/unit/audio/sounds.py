"""Sound to try things on, and what it is compared by."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Iterable


def tone(hertz: float, seconds: float, rate: int, height: float = 0.5) -> bytes:
    """A sine as PCM16 mono."""
    turn = 2 * math.pi * hertz / rate
    return array(
        "h", (round(height * 32767 * math.sin(turn * at)) for at in range(round(seconds * rate)))
    ).tobytes()


def wav(frames: bytes, rate: int, channels: int = 1, width: int = 2) -> bytes:
    """A WAV file by the standard library's own hand."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        out.writeframes(frames)
    return file.getvalue()


def strength(pcm: bytes, hertz: float, rate: int) -> float:
    """How much of a sine of full height there is at a pitch, from 0 to 1."""
    samples = array("h", pcm)
    turn = 2 * math.pi * hertz / rate
    real = sum(sample * math.cos(turn * at) for at, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * at) for at, sample in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples) / 32767


def correlation(left: Iterable[int], right: Iterable[int]) -> float:
    """Of two rows of samples that are in step: 1 for alike, 0 for strangers."""
    pairs = list(zip(left, right, strict=False))
    both = sum(one * other for one, other in pairs)
    return both / math.sqrt(sum(one * one for one, _ in pairs) * sum(other * other for _, other in pairs))
