"""What a voice session needs of the machine's sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from aiproxy_desktop.audio.values import DeviceList, MicrophoneStream, OnChunk, OnStatus, SpeakerStream


class SoundSystem(Protocol):
    """Whoever owns the devices: `audio.sound_system.AudioSystem`."""

    @property
    def devices(self) -> DeviceList:
        """The microphones and speakers there are now."""
        ...

    def start(self) -> None:
        """Begin to watch the devices."""
        ...

    def devices_changed(self, watcher: Callable[[DeviceList], None]) -> Callable[[], None]:
        """Call, on a thread of the audio, when they are others; the answer ends that."""
        ...

    def microphone(self, on_chunk: OnChunk, on_status: OnStatus) -> MicrophoneStream:
        """A microphone, not yet open."""
        ...

    def speaker(self, on_status: OnStatus) -> SpeakerStream:
        """A speaker, not yet open."""
        ...

    def close(self) -> None:
        """Close every stream and join the threads; blocks."""
        ...
