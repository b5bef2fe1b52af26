"""Beginnings and ends of sound that do not click: short fades in the shape of half a cosine."""

from __future__ import annotations

import math
from array import array
from functools import lru_cache

from aiproxy_desktop.audio.values import SAMPLE_BYTES

RAMP_MS = 8


@lru_cache(maxsize=8)
def rising(frames: int) -> tuple[float, ...]:
    """From just above 0 to 1."""
    return tuple(0.5 - 0.5 * math.cos(math.pi * (at + 1) / (frames + 1)) for at in range(frames))


def fade_in(pcm: bytes, frames: int) -> bytes:
    """The first frames of PCM16 mono come up from silence."""
    samples = array("h", pcm)
    frames = min(frames, len(samples))
    samples[:frames] = array(
        "h", [round(s * g) for s, g in zip(samples[:frames], rising(frames), strict=True)]
    )
    return samples.tobytes()


def fade_out(pcm: bytes, frames: int) -> bytes:
    """The last frames of PCM16 mono go down to silence."""
    samples = array("h", pcm)
    frames = min(frames, len(samples))
    if frames:
        falling = reversed(rising(frames))
        samples[-frames:] = array(
            "h", [round(s * g) for s, g in zip(samples[-frames:], falling, strict=True)]
        )
    return samples.tobytes()


def mirrored_out(pcm: bytes) -> bytes:
    """What follows sound that stopped: its mirror image, which goes on where it stopped, down to silence."""
    samples = array("h", pcm)[:-1]
    samples.reverse()
    return fade_out(samples.tobytes(), len(samples))


def gain(pcm: bytes, before: float, after: float) -> bytes:
    """PCM16 mono with its loudness going evenly from one factor (0 to 1) to another."""
    if before == after == 1.0:
        return pcm
    samples = array("h", pcm)
    if before == after:
        return array("h", [int(s * after) for s in samples]).tobytes()
    step = (after - before) / max(1, len(samples))
    return array("h", [int(s * (before + step * at)) for at, s in enumerate(samples, 1)]).tobytes()


class TalkRamp:
    """What is sent while the person holds the talk button: begins and ends without a click.

    Use: `press()`; each chunk of the microphone through `passed`; `release()`, whose bytes are sent last.
    """

    def __init__(self, rate: int) -> None:
        self._frames = rate * RAMP_MS // 1000
        self._begins = False
        self._held = False
        self._last = b""

    @property
    def held(self) -> bool:
        """Whether sound passes."""
        return self._held

    def press(self) -> None:
        """The person begins."""
        if not self._held:
            self._held = self._begins = True
            self._last = b""

    def passed(self, chunk: bytes) -> bytes:
        """What of a chunk is to be sent: nothing while not held; the first one comes up from silence."""
        if not self._held or not chunk:
            return b""
        if self._begins:
            self._begins = False
            chunk = fade_in(chunk, self._frames)
        self._last = chunk
        return chunk

    def release(self) -> bytes:
        """The person ends: the last milliseconds, mirrored, going down to silence; sent without waiting.

        The mirror image goes on where the sound stopped, so it neither jumps nor needs the next chunk.
        """
        last, self._last = self._last, b""
        self._held = self._begins = False
        return mirrored_out(last[-(self._frames + 1) * SAMPLE_BYTES :])
