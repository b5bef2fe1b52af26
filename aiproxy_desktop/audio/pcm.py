"""PCM16 little-endian as numbers, and back."""

from __future__ import annotations

import sys
from array import array

from aiproxy_desktop.audio.values import SAMPLE_BYTES


def samples_of(pcm: bytes) -> array[int]:
    """The samples; half a sample at the end is left away."""
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) - len(pcm) % SAMPLE_BYTES])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def bytes_of(samples: array[int]) -> bytes:
    """Samples as PCM16 little-endian."""
    if sys.byteorder == "big":
        samples = array("h", samples)
        samples.byteswap()
    return samples.tobytes()
