"""Which microphones and speakers there are, and which of them is meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from aiproxy_desktop.audio.values import AudioDevice, DeviceList, Direction

NO_SOUND = (
    "No sound system was found on this computer. Connect a microphone or speakers, or start PulseAudio or "
    "PipeWire; a conversation can be typed meanwhile."
)


@dataclass(frozen=True, slots=True)
class Found:
    """A device and how it is reached: `key` is the sound server's name of it, else PortAudio's.

    One that was pulled out and put back is another instance: a server moves the streams of the first to some
    other device, and does not move them back.
    """

    device: AudioDevice
    key: str
    on_server: bool = False
    instance: int = 0


@dataclass(frozen=True, slots=True)
class Survey:
    """All devices at one moment."""

    found: tuple[Found, ...] = ()
    problem: str = ""

    @property
    def devices(self) -> DeviceList:
        """What others see of it."""
        inputs = tuple(one.device for one in self.found if one.device.direction == "input")
        outputs = tuple(one.device for one in self.found if one.device.direction == "output")
        return DeviceList(inputs, outputs, self.problem)

    def choose(self, direction: Direction, name: str) -> Found | None:
        """The device of that name; for an empty name the system's default.

        A device that was chosen by name is never replaced by another.
        """
        fitting = [one for one in self.found if one.device.direction == direction]
        if name:
            return next((one for one in fitting if one.device.name == name), None)
        return next((one for one in fitting if one.device.default), fitting[0] if fitting else None)


class Watch(Protocol):
    """Knows the devices, and tells (from a thread of its own) when they are others."""

    def start(self) -> None:
        """Begin; the first survey is told as soon as it is known."""
        ...

    def close(self, until: float) -> bool:
        """End its thread, and wait for that until a moment of `time.monotonic()`; whether it ended."""
        ...


def with_names_apart(found: Iterable[Found]) -> tuple[Found, ...]:
    """Two devices of one name (two equal headsets) get a number each, in a steady order."""
    seen: dict[tuple[Direction, str], int] = {}
    named = []
    for one in sorted(found, key=lambda one: one.key):
        of = (one.device.direction, one.device.name)
        seen[of] = count = seen.get(of, 0) + 1
        name = one.device.name if count == 1 else f"{one.device.name} ({count})"
        named.append(replace(one, device=replace(one.device, name=name)))
    return tuple(named)
