"""Sound out, on a thread of its own, by blocks of 20 ms.

Little is kept in the device, so that it falls silent soon, and without a click: what is still inside fades
out. Where this thread was kept waiting (the cores are busy) the device is given more, and what it has is
dropped when it has to be silent.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from aiproxy_desktop.audio.devices import Found, Survey
from aiproxy_desktop.audio.following import FollowedStream, Wanted
from aiproxy_desktop.audio.jitter import JitterBuffer
from aiproxy_desktop.audio.levels import LevelMeter
from aiproxy_desktop.audio.open_devices import OutputDevice
from aiproxy_desktop.audio.portaudio import PortAudio
from aiproxy_desktop.audio.pulse import settle_stream
from aiproxy_desktop.audio.ramps import gain
from aiproxy_desktop.audio.values import Heard, LevelReading, OnStatus

RATE = 24_000
BLOCK_MS = 20
_BLOCK = RATE * BLOCK_MS // 1000
_BLOCK_SECONDS = BLOCK_MS / 1000

# Seconds of sound that the device is given ahead. It starts with 80 ms, see open_devices.BLOCK_MS. More than
# `_CALM` of it is dropped when it has to be silent.
_LEAST_AHEAD, _MOST_AHEAD, _CALM = 0.09, 0.17, 0.12
# This thread is so late now and then where nothing else runs. What it was later is remembered, half of it
# after a minute, and is a sign of worse: with two busy cores it is 10 ms late at times, and 110 ms once in
# ten minutes. A machine is believed busy until it has shown that it is not.
_HARMLESS, _WORSE, _UNKNOWN = 0.003, 9, 0.012
_REMEMBERED = 0.5 ** (_BLOCK_SECONDS / 60)


class Speaker(FollowedStream[OutputDevice]):
    """A `SpeakerStream`."""

    direction = "output"

    def __init__(self, library: PortAudio, survey: Callable[[], Survey | None], on_status: OnStatus) -> None:
        super().__init__(survey, on_status)
        self._library = library
        self._lock = threading.Lock()
        self._buffer = JitterBuffer(RATE)
        self._meter = LevelMeter()
        self._progress = _Progress()
        self._ahead = _Ahead()
        self._further = 0.0
        self._drop = False
        self._hurried = 0  # blocks that do not wait
        self._volume = self._gain = 1.0

    @property
    def level(self) -> LevelReading:
        """Of the sound handed to the device."""
        return self._meter.reading

    @property
    def playing(self) -> bool:
        """Whether anything is still to be heard."""
        with self._lock:
            return self._buffer.active or self._progress.sounding

    @property
    def gaps(self) -> tuple[float, ...]:
        """Milliseconds of each hole inside an answer, where its sound came too late."""
        with self._lock:
            return tuple(self._buffer.starved_ms)

    def open(self, device: str) -> None:
        """Play on a device by its name (empty: the system's default)."""
        self._follow(Wanted(device, RATE))

    def close(self) -> None:
        """Play no more; what is queued is dropped."""
        with self._lock:
            self._buffer.flush()
        super().close()

    def play(self, pcm: bytes, item: str = "") -> None:
        """Queue more of an answer's sound; without a speaker, time goes by as if there were one."""
        if self._wanted is None:
            return
        with self._lock:
            self._buffer.put(pcm, item, time.monotonic())

    def finish(self) -> None:
        """All of the answer was queued: play it out without waiting for more."""
        with self._lock:
            self._buffer.finish()

    def flush(self) -> Heard:
        """Fall silent now, without a click; how far the answer was heard."""
        with self._lock:
            self._drop = self._ahead.deep and self._progress.sounding
            self._hurried = 2 if self._progress.sounding else 0  # the ramp, and silence
            self._buffer.flush(ramp=not self._drop)
            heard = self._progress.heard()
            self._progress.cut()
            return heard

    def heard(self) -> Heard:
        """How far the answer that plays was heard."""
        with self._lock:
            return self._progress.heard()

    def set_volume(self, volume: float) -> None:
        """From 0 to 1; it changes within a block, without a step."""
        self._volume = min(1.0, max(0.0, volume))

    def _start(self, found: Found, wanted: Wanted) -> OutputDevice:
        device = self._library.open_output(found, wanted.rate)
        further = settle_stream("output", found.key) / 1e6 if found.on_server else 0.0
        self._further = min(further, 1.0)
        return device

    def _use(self, device: OutputDevice, stale: Callable[[], bool]) -> None:
        ahead = self._ahead
        ahead.begin()
        try:
            while not stale():
                device.wait(ahead.seconds - _BLOCK_SECONDS, _BLOCK_SECONDS, lambda: self._hurried > 0)
                self._hurried = max(0, self._hurried - 1)
                if self._drop:
                    self._drop = False
                    device.drop()
                    ahead.begin()
                ahead.saw(device.inside)
                block = self._block()
                device.write(block)
                self._meter.add(block)
                self._progress.latency = round((device.inside + self._further) * RATE)
        finally:
            self._meter.clear()

    def _without(self, stale: Callable[[], bool], seconds: float | None) -> None:
        with self._lock:
            self._progress.latency = 0
        began = due = time.monotonic()
        while not stale() and (seconds is None or due - began < seconds):
            self._block()
            due += _BLOCK_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))

    def _block(self) -> bytes:
        with self._lock:
            taken = self._buffer.take(_BLOCK, time.monotonic())
            self._progress.handed(_BLOCK, taken.parts)
        before, self._gain = self._gain, self._volume
        return gain(taken.pcm, before, self._gain)


class _Ahead:
    """How much the device is given ahead of what sounds."""

    def __init__(self) -> None:
        self._late = _UNKNOWN
        self._filled = False

    @property
    def seconds(self) -> float:
        """So much."""
        return min(_MOST_AHEAD, _LEAST_AHEAD + _WORSE * max(0.0, self._late - _HARMLESS))

    @property
    def deep(self) -> bool:
        """Whether it is more than may play on when it has to be silent."""
        return self.seconds > _CALM

    def begin(self) -> None:
        """The device is empty."""
        self._filled = False

    def saw(self, inside: float) -> None:
        """The device had so much left when a block was written that it should have been one short of all."""
        short = self.seconds - _BLOCK_SECONDS - inside
        self._late *= _REMEMBERED
        if self._filled:
            self._late = max(self._late, min(short, _MOST_AHEAD))
        self._filled = self._filled or short <= 0


class _Progress:
    """How far each answer sounded: what was handed to the device less what is still inside it."""

    def __init__(self) -> None:
        self.latency = 0  # frames
        self._handed = 0  # frames, sound and silence
        self._item = ""
        self._total = 0  # frames of the item
        self._recent: deque[tuple[int, str, int]] = deque()  # handed before it, item, frames

    @property
    def sounding(self) -> bool:
        """Whether some of an answer is still inside the device."""
        self._forget()
        return bool(self._recent)

    def handed(self, frames: int, parts: tuple[tuple[str, int], ...]) -> None:
        """A block went to the device, with these parts of answers in it."""
        at = self._handed
        for item, count in parts:
            if item != self._item:
                self._item, self._total = item, 0
            self._total += count
            self._recent.append((at, item, count))
            at += count
        self._handed += frames
        self._forget()

    def heard(self) -> Heard:
        """The newest answer of which something was handed over, and how much of it sounded."""
        return Heard(self._item, max(0, self._total - self._inside()) * 1000 // RATE)

    def cut(self) -> None:
        """What is inside the device is not to be heard any more, as far as anybody asks."""
        self._total -= self._inside()
        self._recent.clear()

    def _inside(self) -> int:
        sounded = self._handed - self.latency
        return sum(
            count - min(count, max(0, sounded - at)) for at, item, count in self._recent if item == self._item
        )

    def _forget(self) -> None:
        sounded = self._handed - self.latency
        while self._recent and self._recent[0][0] + self._recent[0][2] <= sounded:
            self._recent.popleft()
