"""Sound that a service makes: tones, and other rates. PCM16 little-endian, mono."""

from __future__ import annotations

import math
from array import array

OUTPUT_RATE = 24_000


def tone(seconds: float, hertz: float = 440.0, rate: int = OUTPUT_RATE) -> bytes:
    """A sine at a third of full scale."""
    step = 2 * math.pi * hertz / rate
    return array("h", (int(11_000 * math.sin(step * n)) for n in range(int(seconds * rate)))).tobytes()


def resampled(pcm: bytes, rate: int, wanted: int = OUTPUT_RATE) -> bytes:
    """The same sound at another rate, by straight lines between its samples."""
    if rate == wanted:
        return pcm
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if len(samples) < 2:
        return b""
    last, made = len(samples) - 1, array("h")
    for number in range(len(samples) * wanted // rate):
        place = number * rate / wanted
        index = min(int(place), last - 1)
        part = place - index
        made.append(
            int(samples[index] * (1 - part) + samples[index + 1] * part) if part <= 1 else samples[last]
        )
    return made.tobytes()


def loudness(pcm: bytes) -> int:
    """The largest sample."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    return max(map(abs, samples)) if samples else 0


def pieces(pcm: bytes, seconds: float, rate: int = OUTPUT_RATE) -> list[bytes]:
    """The sound cut into pieces of so many seconds."""
    size = max(2, int(seconds * rate) * 2)
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]
