"""Streams of PortAudio that are open: read and written by blocks, at the rate the application wants."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiproxy_desktop.audio.resampling import Resampler
from aiproxy_desktop.audio.values import SAMPLE_BYTES, Direction
from aiproxy_desktop.system import waiting_for_sound_ends

# What a device gives or asks for at once, in milliseconds. It can keep two or three of these; how much of
# that is used is said with each `OutputDevice.wait`.
BLOCK_MS: dict[Direction, int] = {"input": 10, "output": 80}

_STUCK_SECONDS = 0.8  # a device that takes or gives nothing for so long is gone
_TRUST = 0.005  # in what a device counts, of what it differs from the clock, at each block


class DeviceGoneError(Exception):
    """The device cannot be opened, or does not go on."""


class _OpenDevice:
    """What microphones and speakers have in common. Used by one thread."""

    def __init__(
        self, stream: Any, release: Callable[[Any], None], resampler: Resampler, actual: int, channels: int
    ) -> None:
        self._stream = stream
        self._release = release
        self._resampler = resampler
        self._actual = actual
        self._channels = channels

    def close(self) -> None:
        """Close it; what it still holds is not heard."""
        self._release(self._stream)

    @staticmethod
    def _asked(available: Callable[[], int]) -> int:
        try:
            frames = available()
        except OSError as error:
            raise DeviceGoneError(str(error)) from error
        if frames < 0:
            raise DeviceGoneError(f"PortAudio's error {frames}")
        return frames


class _Patience:
    """Ends the waiting for a device that stands still, where a call that waits might wait for ever."""

    def __init__(self) -> None:
        self._last, self._since = -1, 0.0

    def saw(self, frames: int) -> None:
        """So many can be read or written now.

        Raises:
            DeviceGoneError: it has been so for too long.
        """
        now = time.monotonic()
        if frames != self._last:
            self._last, self._since = frames, now
        elif now - self._since > _STUCK_SECONDS:
            raise DeviceGoneError("it stands still")


class InputDevice(_OpenDevice):
    """An open microphone: `actual` is its own rate, `rate` that of what it gives."""

    def __init__(
        self, stream: Any, release: Callable[[Any], None], actual: int, rate: int, channels: int
    ) -> None:
        super().__init__(stream, release, Resampler(actual, rate), actual, channels)

    def read(self, milliseconds: int) -> bytes:
        """So much of what is heard (a little more or less where it is resampled), once it is there.

        Raises:
            DeviceGoneError: no more comes.
        """
        frames = self._actual * milliseconds // 1000
        if not waiting_for_sound_ends():  # else it is better not to ask: each call costs Python's lock
            patience = _Patience()
            while (there := self._asked(self._stream.get_read_available)) < frames:
                patience.saw(there)
                time.sleep(min(0.005, max(0.001, (frames - there) / self._actual)))
        try:
            pcm: bytes = self._stream.read(frames, exception_on_overflow=False)
        except OSError as error:
            raise DeviceGoneError(str(error)) from error
        if self._channels > 1:
            pcm = first_channel(pcm, self._channels)
        return self._resampler.feed(pcm)


class OutputDevice(_OpenDevice):
    """An open speaker; as `InputDevice`.

    What it holds is followed by the clock and, slowly, by what the device counts: a server counts by pieces
    of a whole block.
    """

    def __init__(
        self, stream: Any, release: Callable[[Any], None], actual: int, rate: int, channels: int
    ) -> None:
        super().__init__(stream, release, Resampler(rate, actual), actual, channels)
        self._room = self._asked(stream.get_write_available)
        self._piece = BLOCK_MS["output"] / 1000
        self._held, self._at = 0.0, time.monotonic()

    @property
    def inside(self) -> float:
        """Seconds of what was handed over that have not sounded yet."""
        return max(0.0, self._held - (time.monotonic() - self._at))

    def wait(self, seconds: float, more: float, ended: Callable[[], bool]) -> None:
        """Until it holds no more than so many seconds of sound, and takes so many more.

        Args:
            seconds: of sound.
            more: seconds of sound.
            ended: asked each few milliseconds whether to wait no more.

        Raises:
            DeviceGoneError: it takes no more.
        """
        patience = _Patience()
        while not ended():
            if (too_much := self.inside - seconds) > 0:
                time.sleep(min(too_much, more))
                continue
            free = self._asked(self._stream.get_write_available)
            self._count(free)
            if free >= more * self._actual:  # else writing would wait, and for ever where the server hangs
                return
            patience.saw(free)
            time.sleep(0.005)

    def write(self, pcm: bytes) -> None:
        """Hand samples over.

        Raises:
            DeviceGoneError: it takes no more.
        """
        pcm = self._resampler.feed(pcm)
        frames = len(pcm) // SAMPLE_BYTES
        if self._channels > 1:
            pcm = every_channel(pcm, self._channels)
        try:
            self._stream.write(pcm)
        except OSError as error:
            raise DeviceGoneError(str(error)) from error
        self._held, self._at = self.inside + frames / self._actual, time.monotonic()

    def drop(self) -> None:
        """Forget what it holds: within 11 ms nothing of that is heard any more (measured with PulseAudio).

        Raises:
            DeviceGoneError: it does not go on after that.
        """
        import pyaudio

        try:
            # Its own `stop_stream` plays all to the end (pa_front.c, Pa_StopStream and Pa_AbortStream).
            pyaudio.pa.abort_stream(self._stream._stream)
            pyaudio.pa.start_stream(self._stream._stream)
        except OSError as error:
            raise DeviceGoneError(str(error)) from error
        self._held, self._at = 0.0, time.monotonic()

    def _count(self, free: int) -> None:
        counted = (self._room - free) / self._actual
        now = min(max(self.inside, counted - 1.5 * self._piece), counted + self._piece)
        self._held, self._at = now + (counted - now) * _TRUST, time.monotonic()


def first_channel(pcm: bytes, channels: int) -> bytes:
    """The first of several channels that lie interleaved."""
    return memoryview(pcm).cast("h")[::channels].tobytes()


def every_channel(pcm: bytes, channels: int) -> bytes:
    """One channel made into several that are alike, interleaved."""
    both = bytearray(len(pcm) * channels)
    view = memoryview(both).cast("h")
    mono = memoryview(pcm).cast("h")
    for channel in range(channels):
        view[channel::channels] = mono
    return bytes(both)


assert SAMPLE_BYTES == 2  # `cast("h")` above
