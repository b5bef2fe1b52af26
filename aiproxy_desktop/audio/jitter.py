"""The queue between an answer as it comes over the network and the speaker, which never waits."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from typing import Literal

from aiproxy_desktop.audio.ramps import fade_in, fade_out
from aiproxy_desktop.audio.values import SAMPLE_BYTES

# How long the first sound of an answer is held back, so that a late second piece makes no hole.
_HOLD_MS = 25
_MOST_HOLD_MS = 250
# With so much at hand there is nothing to wait for.
_ENOUGH_MS = 300
# What is kept at hand while an answer comes, by making its pauses a little longer.
_COMFORT_MS = 200
_RESUME_MS = 20
_QUIET = 330  # peak of a pause: -40 dB of full scale
_MOST_STRETCH_MS = 160  # of one pause
_RAMP_MS = 6
_MARGIN_MS = 15


@dataclass(frozen=True, slots=True)
class Taken:
    """One block for the speaker, and the parts of answers in it: item and frames, in order."""

    pcm: bytes
    parts: tuple[tuple[str, int], ...] = ()


class JitterBuffer:
    """A queue of PCM16 mono that starts early, learns how irregular the network is, and never clicks.

    It assumes a service that sends at least as fast as the sound lasts; all do, most far faster.
    What the network delays is then caught by holding the start of an answer back (25 ms, more once pieces
    were late), and by lengthening pauses of the speech while little is at hand, which nobody hears. Where it runs
    empty all the same, the sound fades out, and in again when there is more.

    It keeps no time of its own: `now` is in seconds. It belongs to one lock of its owner.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._queue: deque[tuple[str, bytes]] = deque()
        self._frames = 0
        self._state: Literal["idle", "filling", "playing", "starved"] = "idle"
        self._finished = False
        self._since = 0.0
        self._hold_ms: float = _HOLD_MS
        self._fade_next = False
        self._ramp_out = b""
        self._stretched = 0
        self.starved_ms: list[float] = []  # each hole that was heard

    @property
    def active(self) -> bool:
        """Whether an answer is on its way out, or more of one is expected."""
        return self._state != "idle" or bool(self._ramp_out)

    @property
    def queued(self) -> int:
        """Frames at hand."""
        return self._frames

    def put(self, pcm: bytes, item: str, now: float) -> None:
        """More sound of an answer."""
        if not pcm:
            return
        if self._state == "idle":
            self._state, self._since = "filling", now
            self._fade_next = True
        self._finished = False
        self._queue.append((item, pcm))
        self._frames += len(pcm) // SAMPLE_BYTES

    def finish(self) -> None:
        """The answer is complete."""
        if self._state != "idle":
            self._finished = True

    def flush(self) -> None:
        """Drop all; the next block takes the sound down to silence."""
        if self._state == "playing" and self._frames:
            frames = min(self._frames, self._of(_RAMP_MS))
            pcm = b"".join(piece for _, piece in self._pull(frames))
            self._ramp_out = fade_out(pcm, frames)
        self._queue.clear()
        self._frames = 0
        self._state = "idle"
        self._finished = False

    def take(self, frames: int, now: float) -> Taken:
        """The next block, always of that many frames; silence where there is no sound."""
        if self._ramp_out:
            pcm, self._ramp_out = self._ramp_out[: frames * SAMPLE_BYTES], b""
            return Taken(pcm.ljust(frames * SAMPLE_BYTES, b"\0"))
        if not self._ready(now):
            return Taken(bytes(frames * SAMPLE_BYTES))
        if self._may_stretch(frames):
            self._stretched += frames
            return Taken(bytes(frames * SAMPLE_BYTES))
        parts = self._pull(min(frames, self._frames))
        pcm = b"".join(piece for _, piece in parts)
        if self._fade_next:
            self._fade_next = False
            pcm = fade_in(pcm, self._of(_RAMP_MS))
        if self._frames == 0:
            pcm = self._run_out(pcm, frames, now)
        counted = tuple((item, len(piece) // SAMPLE_BYTES) for item, piece in parts)
        return Taken(pcm.ljust(frames * SAMPLE_BYTES, b"\0"), counted)

    def _run_out(self, pcm: bytes, frames: int, now: float) -> bytes:
        if self._finished:
            self._state = "idle"
            self._finished = False
            self._hold_ms = max(_HOLD_MS, self._hold_ms * 0.97)
            return pcm
        if len(pcm) // SAMPLE_BYTES == frames:
            return pcm  # the next block shows whether more came in time
        self._starve(now)
        return fade_out(pcm, self._of(_RAMP_MS))

    def _starve(self, now: float) -> None:
        self._state, self._since = "starved", now
        self._fade_next = True

    def _ready(self, now: float) -> bool:
        """Whether sound goes out now."""
        if self._state == "playing":
            if self._frames:
                return True
            if self._finished:
                self._state = "idle"
                self._finished = False
            else:
                self._starve(now)
            return False
        waited = (now - self._since) * 1000
        if self._state == "filling":
            ready = self._finished or waited >= self._hold_ms or self._ms(self._frames) >= _ENOUGH_MS
        elif self._state == "starved":
            ready = self._frames > 0 and (self._finished or self._ms(self._frames) >= _RESUME_MS)
            if ready:
                self.starved_ms.append(waited)
                self._hold_ms = min(_MOST_HOLD_MS, max(self._hold_ms, self._hold_ms + waited + _MARGIN_MS))
            elif self._finished and not self._frames:
                self._state = "idle"
                self._finished = False
        else:
            return False
        if ready:
            self._state = "playing"
            self._stretched = 0
        return ready

    def _may_stretch(self, frames: int) -> bool:
        """Whether this block is in a pause that is better made longer."""
        if self._finished or self._ms(self._frames) >= _COMFORT_MS:
            return False
        head = array("h", self._peek(frames))
        if not head or max(head) > _QUIET or min(head) < -_QUIET:
            self._stretched = 0
            return False
        return self._ms(self._stretched) < _MOST_STRETCH_MS

    def _peek(self, frames: int) -> bytes:
        found, wanted = b"", frames * SAMPLE_BYTES
        for _, piece in self._queue:
            found += piece[: wanted - len(found)]
            if len(found) >= wanted:
                break
        return found

    def _pull(self, frames: int) -> list[tuple[str, bytes]]:
        pulled = []
        wanted = frames * SAMPLE_BYTES
        while wanted:
            item, piece = self._queue.popleft()
            if len(piece) > wanted:
                self._queue.appendleft((item, piece[wanted:]))
                piece = piece[:wanted]
            pulled.append((item, piece))
            wanted -= len(piece)
        self._frames -= frames
        return pulled

    def _of(self, milliseconds: int) -> int:
        return self._rate * milliseconds // 1000

    def _ms(self, frames: int) -> float:
        return frames * 1000 / self._rate
