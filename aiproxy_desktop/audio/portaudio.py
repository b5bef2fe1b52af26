"""PortAudio: one owner of the library, its own list of devices, streams read and written by blocks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiproxy_desktop.audio.devices import NO_SOUND, Found, Survey, with_names_apart
from aiproxy_desktop.audio.resampling import Resampler
from aiproxy_desktop.audio.values import SAMPLE_BYTES, AudioDevice, Direction
from aiproxy_desktop.system import quiet_sound_libraries, sound_cards, waiting_for_sound_ends

# Names of ALSA's ways to a sound server, best first (libasound2-plugins; PipeWire's own).
_SERVER_WAYS = ("pulse", "pipewire", "default")
_NODE_VARIABLES: dict[Direction, str] = {"input": "PULSE_SOURCE", "output": "PULSE_SINK"}
_STUCK_SECONDS = 0.4  # a device that takes or gives nothing for so long is gone
_RESCAN_SECONDS = 5.0  # it costs about 0.1 s of work
# What a device gives or asks for at once, in milliseconds; it keeps two of these. With 20 ms for output, and
# two cores busy with something else, holes of 40 ms were heard; with 30 ms none.
_BLOCK_MS: dict[Direction, int] = {"input": 10, "output": 30}


class DeviceGoneError(Exception):
    """The device cannot be opened, or does not go on."""


class NoWayError(DeviceGoneError):
    """A sound server has the device, and PortAudio does not reach the server."""


class PortAudio:
    """The library's one owner. `close` when all streams are closed.

    Its list of devices is made when it is initialised, so that is done again when a device is not in it; but
    only while no stream is open, since that ends them all.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._library: Any = None
        self._open = 0

    def survey(self) -> Survey | None:
        """The devices of the default host interface; None while streams are open, as then it cannot know."""
        with self._lock:
            if self._open:
                return None
            self._again()
            found = with_names_apart(self._found())
            self._end()
            return Survey(found, "" if found else NO_SOUND)

    def open_input(self, found: Found, rate: int) -> InputDevice:
        """Open a microphone that gives PCM16 mono at `rate`, converted where the device has other ideas.

        Raises:
            DeviceGoneError: it does not open.
        """
        stream, actual, channels = self._start(found, rate)
        return InputDevice(self, stream, actual, rate, channels)

    def open_output(self, found: Found, rate: int) -> OutputDevice:
        """Open a speaker that takes PCM16 mono at `rate`; as `open_input`."""
        stream, actual, channels = self._start(found, rate)
        return OutputDevice(self, stream, actual, rate, channels)

    def release(self, stream: Any) -> None:
        """Close a stream of its own."""
        with self._lock:
            with suppress(OSError):
                stream.close()
            self._open -= 1

    def close(self) -> None:
        """Leave the library."""
        with self._lock:
            if not self._open:
                self._end()

    def _start(self, found: Found, rate: int) -> tuple[Any, int, int]:
        with self._lock:
            index = self._index(found)
            if index is None and not self._open:
                self._again()
                index = self._index(found)
            if index is None:
                raise (NoWayError if found.on_server else DeviceGoneError)(found.device.name)
            direction = found.device.direction
            info = self._library.get_device_info_by_index(index)
            own_rate = int(info["defaultSampleRate"])
            problem: Exception | None = None
            for actual, channels in ((rate, 1), (own_rate, 1), (own_rate, 2)):
                try:
                    with _named_node(found):
                        stream = self._open_stream(direction, index, actual, channels)
                except (OSError, ValueError) as error:
                    problem = error
                    continue
                self._open += 1
                return stream, actual, channels
            raise DeviceGoneError(found.device.name) from problem

    def _open_stream(self, direction: Direction, index: int, rate: int, channels: int) -> Any:
        import pyaudio

        return self._library.open(
            rate=rate,
            channels=channels,
            format=pyaudio.paInt16,
            frames_per_buffer=rate * _BLOCK_MS[direction] // 1000,
            **{direction: True, f"{direction}_device_index": index},
        )

    def _index(self, found: Found) -> int | None:
        names: dict[str, int] = {}
        for index, name, _ in self._listed(found.device.direction):
            names.setdefault(name, index)
        if not found.on_server:
            return names.get(found.key)
        return next((names[way] for way in _SERVER_WAYS if way in names), None)

    def _listed(self, direction: Direction) -> Iterator[tuple[int, str, bool]]:
        """Index, name and whether it is the default, of the devices of the default host interface."""
        library = self._library
        if library is None:
            return
        try:
            host = library.get_default_host_api_info()
        except OSError:  # there is none
            return
        default = host[f"default{direction.capitalize()}Device"]
        for number in range(host["deviceCount"]):
            info = library.get_device_info_by_host_api_device_index(host["index"], number)
            if info[f"max{direction.capitalize()}Channels"] > 0:
                yield info["index"], str(info["name"]), info["index"] == default

    def _found(self) -> Iterator[Found]:
        directions: tuple[Direction, ...] = ("input", "output")
        for direction in directions:
            for _, name, default in self._listed(direction):
                yield Found(AudioDevice(name, direction, default), name)

    def _again(self) -> None:
        import pyaudio

        self._end()
        quiet_sound_libraries()
        self._library = pyaudio.PyAudio()

    def _end(self) -> None:
        library, self._library = self._library, None
        if library is not None:
            library.terminate()


@contextmanager
def _named_node(found: Found) -> Iterator[None]:
    """Tell libpulse which device a stream is for; it reads this when a stream is made."""
    if not found.on_server:
        yield
        return
    variables = {
        _NODE_VARIABLES[found.device.direction]: found.key,
        "PULSE_PROP": "application.name='AI Proxy Desktop' media.role=phone",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class _OpenDevice:
    """What microphones and speakers have in common. Used by one thread."""

    def __init__(self, owner: PortAudio, stream: Any, actual: int, channels: int) -> None:
        self._owner = owner
        self._stream = stream
        self._actual = actual
        self._channels = channels

    def close(self) -> None:
        """Close it."""
        self._owner.release(self._stream)

    def _wait(self, available: Callable[[], int], frames: int) -> None:
        """Until so many frames can be read or written, where a call that waits might wait for ever.

        Else it is better not to ask: after each call a thread has to get Python's lock back, which takes 5 ms
        while another one computes.
        """
        if waiting_for_sound_ends():
            return
        last, since = -1, time.monotonic()
        while (now := self._asked(available)) < frames:
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > _STUCK_SECONDS:
                raise DeviceGoneError("it stands still")
            time.sleep(min(0.005, max(0.001, (frames - now) / self._actual)))

    @staticmethod
    def _asked(available: Callable[[], int]) -> int:
        try:
            return available()
        except OSError as error:
            raise DeviceGoneError(str(error)) from error


class InputDevice(_OpenDevice):
    """An open microphone."""

    def __init__(self, owner: PortAudio, stream: Any, actual: int, rate: int, channels: int) -> None:
        super().__init__(owner, stream, actual, channels)
        self._resampler = Resampler(actual, rate) if actual != rate else None

    def read(self, milliseconds: int) -> bytes:
        """So much of what is heard (a little more or less where it is resampled), once it is there.

        Raises:
            DeviceGoneError: no more comes.
        """
        frames = self._actual * milliseconds // 1000
        self._wait(self._stream.get_read_available, frames)
        try:
            pcm: bytes = self._stream.read(frames, exception_on_overflow=False)
        except OSError as error:
            raise DeviceGoneError(str(error)) from error
        if self._channels > 1:
            pcm = first_channel(pcm, self._channels)
        return pcm if self._resampler is None else self._resampler.feed(pcm)


class OutputDevice(_OpenDevice):
    """An open speaker."""

    def __init__(self, owner: PortAudio, stream: Any, actual: int, rate: int, channels: int) -> None:
        super().__init__(owner, stream, actual, channels)
        self._resampler = Resampler(rate, actual) if actual != rate else None

    @property
    def latency(self) -> float:
        """Seconds from handing a sample over until it leaves PortAudio and ALSA."""
        return float(self._stream.get_output_latency())

    def wait(self, milliseconds: int) -> None:
        """Until the device takes so much more.

        Raises:
            DeviceGoneError: it takes no more.
        """
        self._wait(self._stream.get_write_available, self._actual * milliseconds // 1000)

    def write(self, pcm: bytes) -> None:
        """Hand samples over.

        Raises:
            DeviceGoneError: it takes no more.
        """
        if self._resampler is not None:
            pcm = self._resampler.feed(pcm)
        if self._channels > 1:
            pcm = every_channel(pcm, self._channels)
        try:
            self._stream.write(pcm)
        except OSError as error:
            raise DeviceGoneError(str(error)) from error


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


class PortAudioWatch:
    """Follows PortAudio's own list, from a thread, where there is no sound server to tell of changes."""

    def __init__(self, library: PortAudio, on_survey: Callable[[Survey], None]) -> None:
        self._look = looker(library)
        self._on_survey = on_survey
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._body, name="sound devices", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _body(self) -> None:
        told: Survey | None = None
        while not self._ended.is_set():
            found = self._look()
            if found != told:
                told = found
                self._on_survey(found)
            self._ended.wait(_RESCAN_SECONDS)


def looker(library: PortAudio) -> Callable[[], Survey]:
    """A function that gives PortAudio's devices, and looks again only where something may have changed."""
    last: list[Any] = [None, Survey(problem=NO_SOUND)]

    def look() -> Survey:
        cards = sound_cards()
        if cards is not None and cards == last[0]:
            return last[1]  # type: ignore[no-any-return]  # what lies there
        found = Survey(problem=NO_SOUND) if cards == () else library.survey()
        if found is not None:
            last[:] = [cards, found]
        return last[1]  # type: ignore[no-any-return]  # what lies there

    return look


assert SAMPLE_BYTES == 2  # `cast("h")` above
