"""Both sides of a conversation in one file: the person on the left, the model on the right, as it was heard.

The file has one clock. What the model says waits until its time has come, for a service sends faster than
one listens: so what was cut off is not in the file. Where nobody speaks there is silence.
"""

from __future__ import annotations

import errno
import io
import threading
import time
from array import array
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiproxy_desktop.audio.flac import BLOCK, FlacWriter
from aiproxy_desktop.audio.pcm import samples_of
from aiproxy_desktop.audio.resampling import Resampler
from aiproxy_desktop.audio.sound_file import SoundFormat
from aiproxy_desktop.audio.wav import WavWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

RATE: Final = 24_000

# Sound that comes so much late or early still follows what came before it without a gap.
_SLACK: Final = RATE // 4

# Nothing is written before it is so old: a microphone's chunk comes after the moment it was spoken in.
_SETTLED: Final = RATE

# What waits at most on one side: ten minutes of an answer that came at once.
_MOST_WAITING: Final = 600 * RATE

_SECONDS_BETWEEN_WRITES: Final = 0.5


class Recording:
    """One file being recorded. `add_person`, `add_model` and `cut_model` return at once, from any thread.

    A thread of its own writes, and `close` joins it. Where the disk takes no more, `problem` says so in a
    sentence, what was written stays, and whatever comes after that is dropped.
    """

    def __init__(
        self,
        path: Path,
        form: SoundFormat,
        clock: Callable[[], float] = time.monotonic,
        *,
        on_problem: Callable[[str], object] | None = None,
    ) -> None:
        """Make the file and begin. Blocks on the disk.

        Args:
            path: where; with a number after its name where such a file is there already.
            form: of the file.
            clock: seconds.
            on_problem: called once, on the writing thread, with what `problem` says.

        Raises:
            OSError: it cannot be made.
        """
        self._path, self._file, self._writer = _made(path, form)
        self._clock = clock
        self._began = clock()
        self._on_problem = on_problem
        self._problem = ""
        self._lock = threading.Lock()
        self._person, self._model = _Side(), _Side()
        self._resamplers: dict[int, Resampler] = {}
        self._written = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="recording", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    @property
    def problem(self) -> str:
        """Why it goes on no more; empty while it does."""
        return self._problem

    @property
    def seconds(self) -> float:
        """How much is in the file."""
        return self._written / RATE

    def add_person(self, pcm: bytes, rate: int) -> None:
        """What the microphone has just heard and the service gets: PCM16 mono at `rate`."""
        with self._lock:
            if not self._problem:
                samples = samples_of(self._at_our_rate(pcm, rate))
                self._person.add(samples, self._now() - self._written - len(samples))

    def add_model(self, pcm: bytes) -> None:
        """More of an answer, PCM16 mono at 24 kHz; it is heard from now on, or after what is still to be."""
        samples = samples_of(pcm)
        with self._lock:
            if not self._problem:
                self._model.add(samples, self._now() - self._written)

    def cut_model(self) -> None:
        """The answer fell silent now: what of it was still to be heard is not in the file."""
        with self._lock:
            self._model.cut(self._now() - self._written)

    def close(self) -> Path:
        """Write the rest and close the file. Blocks; once is enough, more do nothing.

        Returns:
            where it is.
        """
        self._closing.set()
        self._thread.join()
        return self._path

    def _at_our_rate(self, pcm: bytes, rate: int) -> bytes:
        if rate == RATE:
            return pcm
        # One for all that is said: between two chunks of a sentence there is to be no seam.
        if rate not in self._resamplers:
            self._resamplers[rate] = Resampler(rate, RATE)
        return self._resamplers[rate].feed(pcm)

    def _now(self) -> int:
        return round((self._clock() - self._began) * RATE)

    def _write_on(self) -> None:
        try:
            with self._file:
                try:
                    while not self._closing.wait(_SECONDS_BETWEEN_WRITES):
                        self._write_until(self._now() - _SETTLED)
                    self._write_until(self._now())
                    self._writer.finish()
                except OSError as error:
                    self._give_up(_why(error))
                    self._writer.rescue()
        except OSError as error:  # of the rescue, or of closing
            if not self._problem:
                self._give_up(_why(error))

    def _write_until(self, end: int) -> None:
        while self._written < end and not self._problem:
            if self._writer.full:
                self._give_up("The recording stopped: a WAV file holds at most 4 GB. Record as FLAC.")
                return
            size = min(BLOCK, end - self._written)
            with self._lock:
                block = [self._person.take(size), self._model.take(size)]
                self._written += size
            self._writer.write(block)
        if not self._problem and not self._path.exists():
            self._give_up(f"The recording is lost: “{self._path.name}” was removed while it was written.")

    def _give_up(self, sentence: str) -> None:
        with self._lock:
            self._problem = sentence
            self._person, self._model = _Side(), _Side()
        if self._on_problem is not None:
            self._on_problem(sentence)


class _Side:
    """One side's sound from the moment on up to which the file is written."""

    def __init__(self) -> None:
        self._samples = array("h")

    def add(self, samples: array[int], at: int) -> None:
        """Put sound where it belongs, or right after what is there where that is about the same."""
        gap = at - len(self._samples)
        if gap > (_SLACK if self._samples else 0):
            self._samples.frombytes(bytes(gap * 2))
        room = _MOST_WAITING - len(self._samples)
        self._samples.extend(samples if len(samples) <= room else samples[: max(0, room)])

    def cut(self, at: int) -> None:
        """Forget what comes after a moment."""
        del self._samples[max(0, at) :]

    def take(self, size: int) -> array[int]:
        """The next samples, and silence where there are none."""
        taken = self._samples[:size]
        del self._samples[:size]
        if len(taken) < size:
            taken.frombytes(bytes((size - len(taken)) * 2))
        return taken


def file_name(began: datetime, form: SoundFormat) -> str:
    """What a recording is called: Voice 2026-11-26 10.12.flac; no system forbids a character of it."""
    return f"Voice {began:%Y-%m-%d %H.%M}.{form}"


class _File(io.FileIO):
    """Unbuffered, for what was written is then in the file whatever becomes of us; a write writes all."""

    def write(self, data: Buffer, /) -> int:
        """As `BinaryIO.write`: all of it, or OSError."""
        with memoryview(data).cast("B") as rest:
            at = 0
            while at < len(rest):
                at += super().write(rest[at:]) or 0
            return at


def _made(path: Path, form: SoundFormat) -> tuple[Path, _File, WavWriter | FlacWriter]:
    place, number = path, 1
    while True:
        try:
            file = _File(place, "xb")
            try:
                return place, file, (WavWriter if form == "wav" else FlacWriter)(file, RATE, 2)
            except OSError:
                file.close()
                place.unlink()
                raise
        except FileExistsError:
            number += 1
            place = path.with_name(f"{path.stem} ({number}){path.suffix}")


def _why(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The recording stopped: the disk is full. What was recorded until then is kept."
    return f"The recording stopped: its file cannot be written ({error.strerror})."
