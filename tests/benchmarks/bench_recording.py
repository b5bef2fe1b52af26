"""What a recording takes of a processor while people talk, and how small its file is."""

from __future__ import annotations

import math
import random
import tempfile
import time
from array import array
from pathlib import Path

from aiproxy_desktop.audio.recording import RATE, Recording
from aiproxy_desktop.audio.sound_file import SoundFormat
from tests.benchmarks.harness import Figure

SECONDS = 60
MOST_PERCENT = 3.0
CHUNKS = 50  # a second


def _speech(rate: int) -> bytes:
    """One second of what is as hard to pack as speech: a voice's overtones in syllables, and some breath."""
    chance = random.Random(1)
    samples = array("h")
    for at in range(rate):
        loud = 6000 * max(0.0, math.sin(2 * math.pi * 4 * at / rate))
        voice = sum(math.sin(2 * math.pi * 140 * over * at / rate) / over for over in range(1, 12))
        samples.append(round(loud * voice / 2 + chance.gauss(0, 60 + loud / 60)))
    return samples.tobytes()


def _percent(form: SoundFormat, rate: int) -> tuple[float, float]:
    """Percent of a core, and of the size of the sound, where the two take turns of five seconds."""
    question, answer = _speech(rate), _speech(RATE)
    now = 0.0
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        recording = Recording(Path(folder) / f"talk.{form}", form, lambda: now)
        for chunk in range(SECONDS * CHUNKS):
            now = (chunk + 1) / CHUNKS
            at = chunk % CHUNKS
            if chunk // CHUNKS % 10 < 5:
                recording.add_person(
                    question[at * len(question) // CHUNKS :][: len(question) // CHUNKS], rate
                )
            else:
                recording.add_model(answer[at * len(answer) // CHUNKS :][: len(answer) // CHUNKS])
        path = recording.close()
        used = time.process_time() - before
        return 100 * used / SECONDS, 100 * path.stat().st_size / (SECONDS * RATE * 4)


def measure() -> list[Figure]:
    """For each format, and for a microphone at the rate of each service."""
    figures = []
    forms: tuple[SoundFormat, ...] = ("flac", "wav")
    for form in forms:
        for rate in (RATE, 16_000):
            used, size = _percent(form, rate)
            figures.append(
                Figure(
                    f"recording to {form.upper()}, microphone at {rate // 1000} kHz: of a core",
                    f"{used:.1f} % (file {size:.0f} % of the sound)",
                    f"at most {MOST_PERCENT:g} %",
                    used <= MOST_PERCENT,
                )
            )
    return figures
