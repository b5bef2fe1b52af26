"""What a desktop gives the person in a room: a display, a keyring on a session bus, a microphone, a speaker.

All of it is real and runs on this machine, outside the room; its sockets are let in. Each can be left out.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.audio_server import AudioServer, private_audio
from tests.display import private_display
from tests.packaged.clean_root import PERSON
from tests.packaged.room import Room
from tests.secret_service import SecretService

_X_SOCKETS = Path("/tmp/.X11-unix")  # where every X client looks


@contextmanager
def showing(room: Room) -> Iterator[str]:
    """A display for the room's programs; its name, which programs of this machine can use too."""
    with private_display() as name:
        let_display_in(room, name)
        room.variables["DISPLAY"] = name
        try:
            yield name
        finally:
            del room.variables["DISPLAY"]


def let_display_in(room: Room, name: str) -> None:
    """Let the room's programs reach a display of this machine."""
    room.let_in(_X_SOCKETS / f"X{name.removeprefix(':')}")


@contextmanager
def sounding(room: Room) -> Iterator[AudioServer]:
    """A sound server with one microphone and one speaker."""
    with private_audio() as server:
        server.folder.chmod(0o755)
        room.let_in(server.folder)
        room.variables["PULSE_SERVER"] = server.variables["PULSE_SERVER"]
        try:
            yield server
        finally:
            del room.variables["PULSE_SERVER"]


@contextmanager
def keeping(room: Room, *, keyring: bool = True) -> Iterator[SecretService]:
    """A session bus of the person's, and on it an unlocked keyring, or none."""
    # Not below tmp_path: the name of a socket is at most 107 bytes long.
    folder = Path(tempfile.mkdtemp(prefix="bus-"))
    service = SecretService(folder, _as_the_person(folder))
    for own in (folder, *folder.iterdir()):
        os.chown(own, PERSON, PERSON)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.callback(service.end)
        service.start_bus()
        if keyring:
            service.start_keyring(b"a password\n")
        room.let_in(folder)
        room.variables["DBUS_SESSION_BUS_ADDRESS"] = service.address
        stack.callback(room.variables.pop, "DBUS_SESSION_BUS_ADDRESS")
        yield service


def _as_the_person(folder: Path) -> tuple[str, ...]:
    """What starts a command on this machine as the person, whom it does not know: a bus asks for the name."""
    people = folder / "passwd"
    people.write_text(
        Path("/etc/passwd").read_text() + f"person:x:{PERSON}:{PERSON}::{folder}/home:/bin/sh\n"
    )
    knowing = ("unshare", "--mount", "--propagation=private", "--", "sh", "-c")
    script = 'mount --bind "$0" /etc/passwd && exec "$@"'
    become = ("setpriv", f"--reuid={PERSON}", f"--regid={PERSON}", "--clear-groups", "--inh-caps=-all", "--")
    return (*knowing, script, str(people), *become)
