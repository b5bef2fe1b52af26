"""The owner of everything that sounds: the list of devices, microphones, speakers, and their threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from aiproxy_desktop.audio.devices import Survey, Watch
from aiproxy_desktop.audio.microphone import Microphone
from aiproxy_desktop.audio.portaudio import PortAudio, PortAudioWatch, looker
from aiproxy_desktop.audio.pulse import PulseWatch
from aiproxy_desktop.audio.speaker import Speaker
from aiproxy_desktop.audio.values import DeviceList, OnChunk, OnStatus
from aiproxy_desktop.system import has_sound_server

# A sound server that hangs keeps our threads in its library; they end with the process then.
_END_SECONDS = 3.0

OnDevices = Callable[[DeviceList], None]
Stream = TypeVar("Stream", Microphone, Speaker)


class AudioSystem:
    """One of it in an application. Making it costs nothing; `start`, or a stream that opens, begins to watch.

    `close` ends every stream and joins every thread: call it where waiting is allowed.

    Args:
        library: which opens the devices; whoever measures looks on through one of its own.
    """

    def __init__(self, library: PortAudio | None = None) -> None:
        self._lock = threading.Lock()
        self._library = library or PortAudio()
        self._survey: Survey | None = None
        self._watch: Watch | None = None
        self._closed = False
        self._streams: list[Microphone | Speaker] = []
        self._watchers: list[OnDevices] = []

    @property
    def devices(self) -> DeviceList:
        """The devices there are now; empty until they are known."""
        return (self._survey or Survey()).devices

    def start(self) -> None:
        """Begin to watch the devices; again is harmless."""
        with self._lock:
            if self._watch is not None or self._closed:
                return
            if has_sound_server():
                self._watch = PulseWatch(self._surveyed, looker(self._library))
            else:
                self._watch = PortAudioWatch(self._library, self._surveyed)
            self._watch.start()

    def devices_changed(self, watcher: OnDevices) -> Callable[[], None]:
        """Have a function called, on a thread of the audio, whenever the devices are others.

        Returns:
            What ends it.
        """
        with self._lock:
            self._watchers.append(watcher)

        def end() -> None:
            with self._lock:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)

        return end

    def microphone(self, on_chunk: OnChunk, on_status: OnStatus) -> Microphone:
        """A microphone that is not open yet; both functions are called on its thread."""
        self.start()
        return self._kept(Microphone(self._library, lambda: self._survey, on_chunk, on_status))

    def speaker(self, on_status: OnStatus) -> Speaker:
        """A speaker that is not open yet."""
        self.start()
        return self._kept(Speaker(self._library, lambda: self._survey, on_status))

    def close(self) -> None:
        """End everything; blocks until the threads have ended, but no longer than a sound system may take."""
        with self._lock:
            self._closed = True
            streams, watch = tuple(self._streams), self._watch
            self._streams.clear()
            self._watchers.clear()
        for stream in streams:
            stream.close()
        until = time.monotonic() + _END_SECONDS
        ended = [stream.join(until) for stream in streams]
        if watch is not None:
            ended.append(watch.close(until))
        if all(ended):
            self._library.close()

    def _kept(self, stream: Stream) -> Stream:
        with self._lock:
            self._streams.append(stream)
        return stream

    def _surveyed(self, survey: Survey) -> None:
        with self._lock:
            self._survey = survey
            streams, watchers = tuple(self._streams), tuple(self._watchers)
        for stream in streams:
            stream.devices_changed()
        for watcher in watchers:
            watcher(survey.devices)
