"""PortAudio: one owner of the library, and its own list of devices."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiproxy_desktop.audio.devices import NO_SOUND, Found, Survey, with_names_apart
from aiproxy_desktop.audio.open_devices import BLOCK_MS, DeviceGoneError, InputDevice, OutputDevice
from aiproxy_desktop.audio.values import AudioDevice, Direction
from aiproxy_desktop.system import quiet_sound_libraries, sound_cards

# Names of ALSA's ways to a sound server, best first (libasound2-plugins; PipeWire's own).
_SERVER_WAYS = ("pulse", "pipewire", "default")
_NODE_VARIABLES: dict[Direction, str] = {"input": "PULSE_SOURCE", "output": "PULSE_SINK"}
_RESCAN_SECONDS = 5.0  # it costs about 0.1 s of work


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
        return InputDevice(stream, self._release, actual, rate, channels)

    def open_output(self, found: Found, rate: int) -> OutputDevice:
        """Open a speaker that takes PCM16 mono at `rate`; as `open_input`."""
        stream, actual, channels = self._start(found, rate)
        try:
            return OutputDevice(stream, self._release, actual, rate, channels)
        except DeviceGoneError:
            self._release(stream)
            raise

    def _release(self, stream: Any) -> None:
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
            frames_per_buffer=rate * BLOCK_MS[direction] // 1000,
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

    def close(self, until: float) -> bool:
        """End the thread; see `Watch`."""
        self._ended.set()
        if self._thread is None:
            return True
        self._thread.join(timeout=max(0.0, until - time.monotonic()))
        return not self._thread.is_alive()

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
