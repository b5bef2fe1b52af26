"""Sound: how soon it comes in and goes out, holes in it, and what it costs. On a private PulseAudio.

The network is played here: an answer comes in pieces of 40 ms, sent one and a half times as fast as they last
(no service is slower), each delayed by 0 to 150 ms and in order. AIPROXY_BENCH_MINUTES shortens
the ten minutes.
"""

from __future__ import annotations

import math
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiproxy_desktop.audio.devices import Found
from aiproxy_desktop.audio.portaudio import PortAudio
from aiproxy_desktop.audio.ramps import TalkRamp
from aiproxy_desktop.audio.sound_system import AudioSystem
from aiproxy_desktop.audio.speaker import Speaker
from tests.audio_server import MICROPHONE, AudioServer, private_audio
from tests.benchmarks.harness import Figure
from tests.waiting import until_now

MINUTES = float(os.environ.get("AIPROXY_BENCH_MINUTES", "10"))
RATE = 24_000
PIECE_MS = 40
PACE = 1.5
MOST_DELAY = 0.150
LOUD = 2_000
MIC_GOAL, PLAY_GOAL, FLUSH_GOAL, HOLE_GOAL, GONE_GOAL = 40, 60, 50, 20, 1_000
CPU_GOAL = 10
TALK_SECONDS = 20

# Hears the microphone's feed as soon as that is possible, and says when each beep began there.
_EAR = """
import os, subprocess, sys, time
from array import array
command = "parec --raw --format=s16le --channels=1 --rate=16000 --latency-msec=2 --process-time-msec=1"
ear = subprocess.Popen([*command.split(), "--device=virtmic_feed.monitor"], stdout=subprocess.PIPE)
last = 0.0
try:
    while part := os.read(ear.stdout.fileno(), 4096):
        now, samples = time.monotonic(), array("h", part[: len(part) // 2 * 2])
        at = next((at for at, sample in enumerate(samples) if abs(sample) > 2000), None)
        if at is not None:
            if now - last > 0.2:
                print(now - (len(samples) - at) / 16000, flush=True)
            last = now
finally:
    ear.kill()
"""


class _Watched(PortAudio):
    """Notes when sound and when silence was handed to the speaker."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[tuple[float, bool]] = []

    def open_output(self, found: Found, rate: int) -> Any:
        """The device, with an eye on what is written."""
        device = super().open_output(found, rate)
        write = device.write

        def watched(pcm: bytes) -> None:
            write(pcm)
            self.handed.append((time.monotonic(), any(pcm)))

        device.write = watched  # type: ignore[method-assign]  # this one object of it
        return device

    def first(self, sound: bool, since: float, after: int) -> float:
        """When the first such block was handed over, in milliseconds since then."""

        def found() -> float | None:
            return next((at for at, loud in self.handed[after:] if loud == sound and at >= since), None)

        until_now(lambda: found() is not None)
        return ((found() or 0.0) - since) * 1000


def _tone(seconds: float, rate: int = RATE, hertz: float = 440) -> bytes:
    turn = 2 * math.pi * hertz / rate
    return array("h", [round(9_000 * math.cos(turn * at)) for at in range(int(seconds * rate))]).tobytes()


def _part(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def _busy(count: int) -> Iterator[None]:
    """So many cores with something else to do."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def _microphone(server: AudioServer, system: AudioSystem) -> list[float]:
    """Milliseconds from a beep at the microphone to its first bytes handed on."""
    handed: list[tuple[float, bytes]] = []
    microphone = system.microphone(lambda chunk: handed.append((time.monotonic(), chunk)), lambda _: None)
    microphone.open("", 16_000)
    until_now(lambda: handed)
    ear = subprocess.Popen([sys.executable, "-c", _EAR], env=server.environment, stdout=subprocess.PIPE)
    rng, beeps = random.Random(1), b""
    for _ in range(60):
        beeps += _tone(0.01, 16_000) + bytes(int(rng.uniform(0.3, 0.4) * 16_000) * 2)
    time.sleep(0.5)
    server.play(beeps, 16_000)
    ear.terminate()
    began = [float(line) for line in ear.communicate()[0].split()]
    microphone.close()
    loud = [at for at, chunk in handed if max(array("h", chunk)) > LOUD]
    found = [next((at - begin for at in loud if at >= begin), None) for begin in began]
    return [late * 1000 for late in found if late is not None and late < 0.25]


def _first_sound(watched: _Watched, speaker: Speaker) -> list[float]:
    """Milliseconds from an answer's first byte to its first sample handed to the device, smooth network."""
    found = []
    pcm = _tone(0.4)
    piece = RATE * PIECE_MS // 1000 * 2
    for number in range(40):
        after, began = len(watched.handed), time.monotonic()
        for at in range(0, len(pcm), piece):
            speaker.play(pcm[at : at + piece], f"{number}")
            time.sleep(PIECE_MS / 1000 / PACE)
        speaker.finish()
        found.append(watched.first(sound=True, since=began, after=after))
        until_now(lambda: not speaker.playing)
        time.sleep(random.Random(number).uniform(0.05, 0.1))
    return found


def _silence(watched: _Watched, speaker: Speaker) -> list[float]:
    """Milliseconds from flush to silence handed to the device."""
    found = []
    for number in range(100):
        speaker.play(_tone(0.5), f"{number}")
        after = len(watched.handed)
        watched.first(sound=True, since=0.0, after=after)
        time.sleep(random.Random(number).uniform(0.02, 0.05))
        after, began = len(watched.handed), time.monotonic()
        speaker.flush()
        found.append(watched.first(sound=False, since=began, after=after))
        time.sleep(0.02)
    return found


def _holes(server: AudioServer, speaker: Speaker) -> list[float]:
    """Milliseconds of each silence inside answers, as the speaker's monitor heard it."""
    rng, pcm = random.Random(3), _tone(10.0)
    piece = RATE * PIECE_MS // 1000 * 2
    with server.listening() as heard:
        for number in range(max(1, round(MINUTES * 6))):
            begin, last = time.monotonic(), 0.0
            for at in range(0, len(pcm), piece):
                due = at / piece * PIECE_MS / 1000 / PACE + rng.uniform(0, MOST_DELAY)
                last = max(last, due)
                time.sleep(max(0.0, begin + last - time.monotonic()))
                speaker.play(pcm[at : at + piece], f"{number}")
            speaker.finish()
            until_now(lambda: not speaker.playing)
            time.sleep(0.5)
        samples = array("h", heard.pcm)
    found, since = [], None
    for at, sample in enumerate(samples):
        if abs(sample) > 200:
            if since is not None and at - since > RATE // 200:
                found.append((at - since) * 1000 / RATE)
            since = at
    return [hole for hole in found if hole < 400]  # longer: between two answers


def _gone(server: AudioServer, system: AudioSystem) -> list[float]:
    """Milliseconds from the microphone's end to its being told."""
    told: list[float] = []
    microphone = system.microphone(
        lambda _: None, lambda status: told.append(time.monotonic()) if status.state == "missing" else None
    )
    found = []
    for _ in range(10):
        microphone.open(MICROPHONE, 16_000)
        until_now(lambda: microphone.status.state == "open")
        told.clear()
        began = time.monotonic()
        server.remove_microphone()
        until_now(lambda: told)
        found.append((told[0] - began) * 1000)
        server.put_back_microphone()
    microphone.close()
    return found


def _cpu(server: AudioServer, system: AudioSystem, speaker: Speaker) -> float:
    """Per cent of a core while both sides talk at once."""
    ramp, sent = TalkRamp(16_000), [0]

    def on_chunk(chunk: bytes) -> None:
        sent[0] += len(ramp.passed(chunk))

    microphone = system.microphone(on_chunk, lambda _: None)
    microphone.open("", 16_000)
    speaker.set_volume(0.8)
    until_now(lambda: microphone.status.state == "open")
    ramp.press()
    with server.speaking("One two three four five six seven eight nine ten. " * 12):
        speaker.play(_tone(TALK_SECONDS + 2.0))
        time.sleep(1)
        began, before = time.monotonic(), time.process_time()
        time.sleep(TALK_SECONDS)
        used = (time.process_time() - before) / (time.monotonic() - began)
    speaker.flush()
    speaker.set_volume(1.0)
    microphone.close()
    return used * 100


def _row(what: str, values: Sequence[float], share: float, goal: float) -> Figure:
    measured = f"p50 {statistics.median(values):.0f} ms, p{share * 100:.0f} {_part(values, share):.0f} ms"
    return Figure(what, measured, f"p{share * 100:.0f} {goal:.0f} ms", _part(values, share) <= goal)


def measure() -> list[Figure]:
    """All of it, one after the other."""
    figures: list[Figure] = []
    watched = _Watched()
    system = AudioSystem(watched)
    with private_audio(realtime=True) as server:
        try:
            speaker = system.speaker(lambda _: None)
            speaker.open("")
            until_now(lambda: speaker.status.state == "open")
            what = "audio: sound at the microphone to bytes handed on"
            figures.append(_row(what, _microphone(server, system), 0.95, MIC_GOAL))
            with _window_at_work():
                figures.append(_row(f"{what}, window busy", _microphone(server, system), 0.95, MIC_GOAL))
            what = "audio: first byte received to sample handed to the device"
            figures.append(_row(what, _first_sound(watched, speaker), 0.95, PLAY_GOAL))
            what = "audio: flush to silence handed to the device"
            figures.append(_row(what, _silence(watched, speaker), 0.99, FLUSH_GOAL))
            with _window_at_work():
                figures.append(_row(f"{what}, window busy", _silence(watched, speaker), 0.99, FLUSH_GOAL))
            figures.append(_row("audio: microphone gone to said", _gone(server, system), 0.95, GONE_GOAL))
            percent = _cpu(server, system, speaker)
            what = "audio: CPU while both sides talk"
            figures.append(Figure(what, f"{percent:.1f} %", f"below {CPU_GOAL} %", percent < CPU_GOAL))
            speaker.close()
            # One that knows nothing of the network yet.
            speaker = system.speaker(lambda _: None)
            speaker.open("")
            until_now(lambda: speaker.status.state == "open")
            with _busy(2):
                holes = _holes(server, speaker)
            longest = max(holes, default=0.0)
            what = f"audio: holes in {MINUTES:g} minutes, 0-150 ms of jitter, two cores busy"
            late = max(speaker.gaps, default=0.0)
            queue = f"for want of sound {len(speaker.gaps)}, {late:.0f} ms"
            told = f"{len(holes)}, the longest {longest:.0f} ms; {queue}"
            figures.append(Figure(what, told, f"none over {HOLE_GOAL} ms", longest <= HOLE_GOAL))
        finally:
            system.close()
    return figures


@contextmanager
def _window_at_work() -> Iterator[None]:
    """A thread of this process that computes all the time, as a window does that lays out text."""
    ended = threading.Event()
    compute: Callable[[], object] = lambda: sum(at * at for at in range(2_000))  # noqa: E731 - it is one

    def body() -> None:
        while not ended.is_set():
            compute()

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
