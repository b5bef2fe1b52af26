"""Sound on its way: a client's as a service takes it, and how much of an answer's can have been heard."""

from __future__ import annotations

import time
from collections.abc import Iterator

from aiproxy_desktop.audio.resampling import Resampler
from aiproxy_desktop.core.live.values import OUTPUT_RATE

# Bytes of sound whose conversion takes a few milliseconds, in which nothing else is served.
_PIECE = 3_200
# Shorter pieces than this wait for the next, where one is there already.
_LEAST_SECONDS = 0.02


class SoundIn:
    """Takes sound in pieces of any length and rate; gives it at one rate.

    Args:
        rate: samples a second that are wanted.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._least = int(rate * _LEAST_SECONDS) * 2
        self._resampler: Resampler | None = None
        self._from = rate
        self._half = b""
        self._held = bytearray()

    @property
    def rate(self) -> int:
        """Samples a second that are wanted."""
        return self._rate

    def feed(self, pcm: bytes, rate: int) -> Iterator[bool]:
        """More sound, a piece at a time. After each, whether it was converted, which takes its time.

        Args:
            pcm: any number of bytes; half a sample waits for its other half.
            rate: samples a second of it.
        """
        if rate != self._from:
            self.end()
            self._from = rate
            self._resampler = Resampler(rate, self._rate) if rate != self._rate else None
        pcm = self._half + pcm
        whole = len(pcm) & ~1
        self._half = pcm[whole:]
        for start in range(0, whole, _PIECE):
            piece = pcm[start : min(start + _PIECE, whole)]
            self._held += piece if self._resampler is None else self._resampler.feed(piece)
            yield self._resampler is not None

    def end(self) -> None:
        """It ends here: what a conversion still holds can be taken; half a sample is lost."""
        self._half = b""
        if self._resampler is not None:
            self._held += self._resampler.finish()

    def take(self, *, all_of_it: bool) -> bytes:
        """What can be sent; little is kept for later, unless it is `all_of_it` that is wanted."""
        if not all_of_it and len(self._held) < self._least:
            return b""
        taken = bytes(self._held)
        self._held.clear()
        return taken

    def clear(self) -> None:
        """None of it is wanted."""
        self.end()
        self._held.clear()


class SoundOut:
    """The answer that a client is playing, by what it was sent; `item` is its name, where it has one."""

    def __init__(self) -> None:
        self.item = ""
        self._bytes = 0
        self._since: float | None = None

    def begin(self, item: str) -> None:
        """Another answer."""
        self.item, self._bytes, self._since = item, 0, None

    def more(self, size: int) -> None:
        """So many bytes of it were sent."""
        self._bytes += size
        if self._since is None:
            self._since = time.monotonic()

    @property
    def heard_ms(self) -> int:
        """At most so many milliseconds of it were heard by now."""
        if self._since is None:
            return 0
        sent = self._bytes * 1000 // (2 * OUTPUT_RATE)
        return min(sent, int((time.monotonic() - self._since) * 1000))
