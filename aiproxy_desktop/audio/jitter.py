"""The queue between an answer as it comes over the network and the speaker, which never waits."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from typing import Literal

from aiproxy_desktop.audio.ramps import fade_in, fade_out, mirrored_out
from aiproxy_desktop.audio.values import SAMPLE_BYTES

# What a network is believed to delay until it has shown what it does: a hole in the first word is worse than
# a first answer a moment later. Services that send fast fill the queue sooner than that anyway.
_UNKNOWN_MS = 150.0
_LEAST_MS, _MOST_MS = 25.0, 300.0
_MARGIN_MS = 15.0
_STALL_MS = 500.0  # later than this is no network's jitter but a service that thinks
_ANSWERS = 12  # remembered
_TELLING = 4  # pieces of one that tell something
_RESUME_MS = 20.0
_ABANDONED_MS = 3_000.0  # nobody told that the answer was complete
_QUIET = 330  # peak of a pause: -40 dB of full scale
_MOST_STRETCH_MS = 160.0  # of one pause
_RAMP_MS = 6


@dataclass(frozen=True, slots=True)
class Taken:
    """One block for the speaker, and the parts of answers in it: item and frames, in order."""

    pcm: bytes
    parts: tuple[tuple[str, int], ...] = ()


class JitterBuffer:
    """A queue of PCM16 mono that starts early, learns how irregular the network is, and never clicks.

    It assumes a service that sends at least as fast as the sound lasts; all do, most far faster.
    What the network delays is then caught by holding the start of an answer back for as long as pieces of the
    last answers came late (25 ms where none did), and by lengthening pauses of the speech while less than
    that is at hand, which nobody hears. Where it runs empty all the same, the sound fades out, and in again
    when there is more.

    It keeps no time of its own: `now` is in seconds. It belongs to one lock of its owner.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._queue: deque[tuple[str, bytes]] = deque()
        self._frames = 0
        self._state: Literal["idle", "filling", "playing", "starved"] = "idle"
        self._finished = False
        self._since = 0.0
        self._lateness = _Lateness()
        self._fade_next = False
        self._ramp_out = b""
        self._tail = b""  # of the last block, where nothing is known of the next one
        self._stretched = 0
        self.starved_ms: list[float] = []  # each hole that was heard

    @property
    def active(self) -> bool:
        """Whether an answer is on its way out, or more of one is expected."""
        return self._state != "idle" or bool(self._ramp_out)

    def put(self, pcm: bytes, item: str, now: float) -> None:
        """More sound of an answer."""
        if not pcm:
            return
        if self._state == "idle":
            self._state, self._since = "filling", now
            self._fade_next = True
            self._lateness.begin()
        self._finished = False
        self._lateness.came(now * 1000, self._ms(len(pcm) // SAMPLE_BYTES))
        self._queue.append((item, pcm))
        self._frames += len(pcm) // SAMPLE_BYTES

    def finish(self) -> None:
        """The answer is complete."""
        if self._state != "idle":
            self._finished = True

    def flush(self, *, ramp: bool = True) -> None:
        """Drop all; the next block takes the sound down to silence.

        Args:
            ramp: False where the device does not play what it has, so that there is nothing to go on from.
        """
        if ramp and self._state == "playing" and self._frames:
            frames = min(self._frames, self._of(_RAMP_MS))
            pcm = b"".join(piece for _, piece in self._pull(frames))
            self._ramp_out = fade_out(pcm, frames)
        if not ramp:
            self._tail = b""
        self._queue.clear()
        self._frames = 0
        self._end()

    def take(self, frames: int, now: float) -> Taken:
        """The next block, always of that many frames; silence where there is no sound."""
        if self._ramp_out:
            pcm, self._ramp_out = self._ramp_out[: frames * SAMPLE_BYTES], b""
            return Taken(pcm.ljust(frames * SAMPLE_BYTES, b"\0"))
        if not self._ready(now):
            tail, self._tail = mirrored_out(self._tail), b""
            return Taken(tail.ljust(frames * SAMPLE_BYTES, b"\0"))
        self._tail = b""
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
            self._end()
            return pcm
        if len(pcm) // SAMPLE_BYTES == frames:
            self._tail = pcm[-self._of(_RAMP_MS) * SAMPLE_BYTES :]
            return pcm  # the next block shows whether more came in time
        self._starve(now)
        return fade_out(pcm, self._of(_RAMP_MS))

    def _end(self) -> None:
        if self._state != "idle":
            self._lateness.end()
        self._state = "idle"
        self._finished = False

    def _starve(self, now: float) -> None:
        self._state, self._since = "starved", now
        self._fade_next = True

    def _ready(self, now: float) -> bool:
        """Whether sound goes out now."""
        waited, at_hand = (now - self._since) * 1000, self._ms(self._frames)
        if self._state == "idle":
            return False
        if not self._frames and (self._finished or (self._state == "starved" and waited > _ABANDONED_MS)):
            self._end()
            return False
        if self._state == "playing":
            if not self._frames:
                self._starve(now)
            return self._frames > 0
        if self._state == "filling":
            ready = self._finished or self._lateness.allows(now * 1000, waited, at_hand)
        else:
            ready = self._frames > 0 and (self._finished or at_hand >= _RESUME_MS)
            if ready:
                self.starved_ms.append(waited)
        if ready:
            self._state = "playing"
            self._stretched = 0
        return ready

    def _may_stretch(self, frames: int) -> bool:
        """Whether this block is in a pause that is better made longer."""
        if self._finished or self._ms(self._frames) >= self._lateness.expected:
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


class _Lateness:
    """What is to be expected of the network: by how much pieces came later than their sound was due.

    In one answer: the most that any piece came later than an earlier one promised; a player that had begun
    with that earlier one would have had to hold back for so long.
    """

    def __init__(self) -> None:
        self._answers: deque[tuple[float, float]] = deque(maxlen=_ANSWERS)  # the most, the longest pause
        self.begin()

    @property
    def expected(self) -> float:
        """Milliseconds to be prepared for."""
        known = max((most for most, _ in self._answers), default=_UNKNOWN_MS - _MARGIN_MS)
        return min(_MOST_MS, max(_LEAST_MS, max(known, self._most) + _MARGIN_MS))

    def allows(self, now: float, waited: float, at_hand: float) -> bool:
        """Whether an answer may begin: it lasts until the next piece, should that be as late as any was."""
        pause = max((longest for _, longest in self._answers), default=_UNKNOWN_MS)
        return max(waited, at_hand) >= self.expected and at_hand + now - self._last >= min(_MOST_MS, pause)

    def begin(self) -> None:
        """An answer begins."""
        self._position = 0.0  # of the next piece, in its answer
        self._earliest: float | None = None
        self._last = 0.0  # when the last piece came
        self._most = self._longest = 0.0
        self._pieces = 0

    def came(self, now: float, milliseconds: float) -> None:
        """A piece of so many milliseconds."""
        if self._pieces and now - self._last < _STALL_MS:
            self._longest = max(self._longest, now - self._last)
        self._last = now
        offset = now - self._position
        if self._earliest is None or offset < self._earliest or offset - self._earliest > _STALL_MS:
            self._earliest = offset
        self._most = max(self._most, offset - self._earliest)
        self._position += milliseconds
        self._pieces += 1

    def end(self) -> None:
        """The answer ended. One that came in a piece or two tells nothing."""
        if self._pieces > _TELLING:
            self._answers.append((self._most, self._longest))
        self.begin()
