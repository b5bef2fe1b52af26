"""What is known of sound devices, and what they do just now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Direction: TypeAlias = Literal["input", "output"]

# PCM16 little-endian, mono, everywhere in the application.
SAMPLE_BYTES = 2

# What a microphone hands over at once, in milliseconds.
CHUNK_MS = 20


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """A microphone or a speaker. `name` is what a person knows it by, and what it is remembered by."""

    name: str
    direction: Direction
    default: bool = False


@dataclass(frozen=True, slots=True)
class DeviceList:
    """The devices there are now; `problem` says in a sentence why there can be none (no sound system)."""

    inputs: tuple[AudioDevice, ...] = ()
    outputs: tuple[AudioDevice, ...] = ()
    problem: str = ""


# closed: not wanted; opening: just being opened; open: it works; missing: there is none, or not the one
# wanted; it opens by itself once there is.
StreamState: TypeAlias = Literal["closed", "opening", "open", "missing"]


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """How a microphone or speaker stands.

    `device` is the name of the one in use, or of the one wanted and missing; `sentence` tells a person what
    is wrong and what will happen, empty where all is well.
    """

    state: StreamState
    device: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class LevelReading:
    """A meter's picture of the last moments: peaks from 0 to 1, oldest first, one for each chunk.

    `decibels` is the last chunk's level relative to full scale (RMS), None for silence; `clipped` marks the
    peaks that reach full scale.
    """

    peaks: tuple[float, ...] = ()
    decibels: float | None = None
    clipped: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """How far the sound of one answer was played: handed to the device and sounded, in milliseconds."""

    item: str
    ms: int


# Called on a thread of the audio: it must only hand over and return.
OnChunk: TypeAlias = Callable[[bytes], None]
OnStatus: TypeAlias = Callable[[StreamStatus], None]


class MicrophoneStream(Protocol):
    """Sound in. All methods may be called from any thread and return at once."""

    @property
    def status(self) -> StreamStatus:
        """How it stands."""
        ...

    @property
    def level(self) -> LevelReading:
        """Of the sound that is handed over."""
        ...

    def open(self, device: str, rate: int) -> None:
        """Listen to a device by its name (empty: the system's default).

        What it hands over is PCM16 mono at `rate` samples a second. Where the device is missing or goes away,
        it is opened once it is there.
        """
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class SpeakerStream(Protocol):
    """Sound out, PCM16 mono at 24 kHz. All methods may be called from any thread and return at once."""

    @property
    def status(self) -> StreamStatus:
        """How it stands."""
        ...

    @property
    def level(self) -> LevelReading:
        """Of the sound handed to the device."""
        ...

    @property
    def playing(self) -> bool:
        """Whether anything is still to be heard."""
        ...

    def open(self, device: str) -> None:
        """Play on a device by its name; as `MicrophoneStream.open`."""
        ...

    def close(self) -> None:
        """Play no more; what is queued is dropped."""
        ...

    def play(self, pcm: bytes, item: str = "") -> None:
        """Queue more of an answer's sound. Where there is no speaker, time goes by as if there were."""
        ...

    def finish(self) -> None:
        """All of the answer was queued: play it out without waiting for more."""
        ...

    def flush(self) -> Heard:
        """Fall silent now (without a click); how far the answer was heard."""
        ...

    def heard(self) -> Heard:
        """How far the answer that plays was heard."""
        ...

    def set_volume(self, volume: float) -> None:
        """From 0 to 1."""
        ...
