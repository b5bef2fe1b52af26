"""What this computer lacks that a part of the application would use. No Qt.

All of it is optional: the rest works without. Each is looked for in a way that costs nothing and waits for
nothing, so that it can be told at the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.system import display_is_remote, sound_missing

# keyring: keys are kept for one run; sound: no voice; remote: the display is another computer's.
Lack: TypeAlias = Literal["keyring", "sound", "remote"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is missing, in the order it is told; `reason` is the keyring's own sentence."""

    lacks: tuple[Lack, ...] = ()
    reason: str = ""

    @property
    def untold(self) -> tuple[Lack, ...]:
        """Those that nobody would hear of otherwise: the keyring is told of wherever a key is entered."""
        return tuple(lack for lack in self.lacks if lack != "keyring")


def look_around(keyring: KeyringStatus, platform: str, environ: Mapping[str, str]) -> Surroundings:
    """What is missing here.

    Args:
        keyring: how that stands.
        platform: of the window, as Qt calls it: xcb, wayland, windows, cocoa, offscreen.
        environ: names the display and the sound server.
    """
    lacks: list[Lack] = []
    if not keyring.available:
        lacks.append("keyring")
    if sound_missing(environ):
        lacks.append("sound")
    if platform == "xcb" and display_is_remote(environ):
        lacks.append("remote")
    return Surroundings(tuple(lacks), keyring.reason)
