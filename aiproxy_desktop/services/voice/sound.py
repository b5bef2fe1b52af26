"""What a voice session needs of the machine's sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from aiproxy_desktop.audio.values import DeviceList, MicrophoneStream, OnChunk, OnStatus, SpeakerStream


class SoundSystem(Protocol):
    """Whoever owns the devices: `audio.devices.AudioSystem`."""

    # Called on a thread of the audio when there are others.
    devices_changed: Callable[[Callable[[], None]], Callable[[], None]]

    @property
    def devices(self) -> DeviceList:
        """The microphones and speakers there are now."""
        ...

    def microphone(self, on_chunk: OnChunk, on_status: OnStatus) -> MicrophoneStream:
        """A microphone, not yet open."""
        ...

    def speaker(self, on_status: OnStatus) -> SpeakerStream:
        """A speaker, not yet open."""
        ...

    def close(self) -> None:
        """Close every stream and join the threads."""
        ...
