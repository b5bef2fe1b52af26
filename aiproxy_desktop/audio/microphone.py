"""Sound in, on a thread of its own: blocks of 20 ms, which nothing of the window delays."""

from __future__ import annotations

from collections.abc import Callable

from aiproxy_desktop.audio.devices import Found, Survey
from aiproxy_desktop.audio.following import FollowedStream, Wanted
from aiproxy_desktop.audio.levels import LevelMeter
from aiproxy_desktop.audio.open_devices import InputDevice
from aiproxy_desktop.audio.portaudio import PortAudio
from aiproxy_desktop.audio.pulse import settle_stream
from aiproxy_desktop.audio.values import CHUNK_MS, SAMPLE_BYTES, LevelReading, OnChunk, OnStatus


class Microphone(FollowedStream[InputDevice]):
    """A `MicrophoneStream`. `on_chunk` gets each 20 ms on this stream's thread."""

    direction = "input"

    def __init__(
        self,
        library: PortAudio,
        survey: Callable[[], Survey | None],
        on_chunk: OnChunk,
        on_status: OnStatus,
    ) -> None:
        super().__init__(survey, on_status)
        self._library = library
        self._on_chunk = on_chunk
        self._meter = LevelMeter()
        self._chunk = 0
        self._rest = b""

    @property
    def level(self) -> LevelReading:
        """Of the sound that is handed over."""
        return self._meter.reading

    def open(self, device: str, rate: int) -> None:
        """Listen to a device by its name (empty: the system's default), at `rate` samples a second."""
        self._follow(Wanted(device, rate))

    def _start(self, found: Found, wanted: Wanted) -> InputDevice:
        device = self._library.open_input(found, wanted.rate)
        if found.on_server:
            settle_stream("input", found.key)
        self._chunk = wanted.rate * CHUNK_MS // 1000 * SAMPLE_BYTES
        self._rest = b""
        return device

    def _use(self, device: InputDevice, stale: Callable[[], bool]) -> None:
        try:
            while not stale():
                pcm = self._rest + device.read(CHUNK_MS)
                if stale():  # then a server may have put another microphone in its place
                    return
                while len(pcm) >= self._chunk:
                    chunk, pcm = pcm[: self._chunk], pcm[self._chunk :]
                    self._on_chunk(chunk)
                    self._meter.add(chunk)
                self._rest = pcm
        finally:
            self._meter.clear()
