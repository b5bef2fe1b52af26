"""Trying out a microphone and a speaker, with streams of their own."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.audio.values import Direction, LevelReading, MicrophoneStream, SpeakerStream
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.values import OUTPUT_RATE
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.services.voice.sound import SoundSystem

Testing: TypeAlias = Literal["", "recording", "playing", "sounding"]

# Seconds: of the recording, that a device may take to open, and between two looks.
_RECORDED, _OPENING, _LOOK = 3.0, 3.0, 0.05

# Two notes, a fourth apart, in hertz and seconds; a third of full scale.
_NOTES = ((587.33, 0.25), (783.99, 0.4))
_LOUDNESS = 11_000

_NOTHING = LevelReading()


class DeviceTests:
    """One test at a time; another one ends it."""

    def __init__(
        self,
        sound: SoundSystem,
        scope: TaskScope,
        changed: Callable[[], None],
        notice: Callable[[AIProxyError], None],
    ) -> None:
        """Wire up; no stream is made before the first test.

        Args:
            sound: where streams come from.
            scope: owns the test.
            changed: told that `testing` is another.
            notice: told why a test cannot be.
        """
        self._sound = sound
        self._scope = scope
        self._changed = changed
        self._notice = notice
        self._microphone: MicrophoneStream | None = None
        self._speaker: SpeakerStream | None = None
        self._chunks: list[bytes] = []
        self._task: asyncio.Task[None] | None = None
        self.testing: Testing = ""

    def level(self, direction: Direction) -> LevelReading | None:
        """What a test hears or plays; None where none does."""
        if self.testing == "recording" and direction == "input" and self._microphone is not None:
            return self._microphone.level
        if self.testing in {"playing", "sounding"} and direction == "output" and self._speaker is not None:
            return self._speaker.level
        return None

    def microphone(self, microphone: str, speaker: str, volume: float) -> None:
        """Record for three seconds, then play that."""
        self._start(lambda: self._record_and_play(microphone, speaker, volume))

    def speaker(self, speaker: str, volume: float) -> None:
        """Play a short sound."""
        self._start(lambda: self._play(chime(), speaker, volume, "sounding"))

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        former = self._task
        if former is not None and not former.done():
            cancel_once(former)

        async def run() -> None:
            if former is not None:
                await asyncio.wait([former])
            try:
                await work()
            finally:
                if self._microphone is not None:
                    self._microphone.close()
                if self._speaker is not None:
                    self._speaker.close()
                self._set("")

        self._task = self._scope.attempt(run, self._notice, "device test")

    async def _record_and_play(self, microphone: str, speaker: str, volume: float) -> None:
        if self._microphone is None:
            self._microphone = self._sound.microphone(self._heard, lambda _: None)
        self._chunks = []
        self._set("recording")
        self._microphone.open(microphone, OUTPUT_RATE)
        await _opened(self._microphone)
        await asyncio.sleep(_RECORDED)
        self._microphone.close()
        await self._play(b"".join(self._chunks), speaker, volume, "playing")

    async def _play(self, pcm: bytes, speaker: str, volume: float, testing: Testing) -> None:
        if self._speaker is None:
            self._speaker = self._sound.speaker(lambda _: None)
        self._set(testing)
        self._speaker.set_volume(volume)
        self._speaker.open(speaker)
        await _opened(self._speaker)
        self._speaker.play(pcm, "test")
        self._speaker.finish()
        while self._speaker.playing:  # noqa: ASYNC110 - streams tell of their states, not of their end
            await asyncio.sleep(_LOOK)

    def _heard(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def _set(self, testing: Testing) -> None:
        if testing != self.testing:
            self.testing = testing
            self._changed()


async def _opened(stream: MicrophoneStream | SpeakerStream) -> None:
    """Until it works.

    Raises:
        AIProxyError: it does not.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _OPENING
    while stream.status.state != "open":
        if stream.status.state == "missing" or loop.time() > deadline:
            raise AIProxyError(
                "The test cannot be made", stream.status.sentence or "The device does not open."
            )
        await asyncio.sleep(_LOOK)


def chime() -> bytes:
    """A short sound, PCM16 mono 24 kHz."""
    samples = array("h")
    for hertz, seconds in _NOTES:
        frames = int(seconds * OUTPUT_RATE)
        step = 2 * math.pi * hertz / OUTPUT_RATE
        for at in range(frames):
            # Up within 10 ms, down over the whole note: no click at either end.
            shape = min(1.0, at / 240) * (1 - at / frames) ** 2
            samples.append(int(_LOUDNESS * shape * math.sin(step * at)))
    return samples.tobytes()
