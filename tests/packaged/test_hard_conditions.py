"""Where something is missing the installed application starts, says what it is, and works for the rest."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from aiproxy_desktop.storage.database import Database
from tests.databases import FOLDER
from tests.display import private_display
from tests.packaged.clean_root import HOME, PERSON
from tests.packaged.desk import keeping, let_display_in, showing
from tests.packaged.hands import turn_to, xdotool
from tests.packaged.pictures import drawn_in, shot
from tests.packaged.room import Done, Room
from tests.waiting import until_now

_PROGRAM = "/usr/lib/aiproxy-desktop/aiproxy-desktop"
_DATA = f"{HOME}/.local/share/aiproxy-desktop"
# Letters have many; what a page stands on has one or two.
_COLOURS_OF_A_PAGE = 30


def asked_in_a_window(room: Room, name: str, apart: tuple[str, ...] = (), **variables: str) -> Done:
    """The window's answer to one question; its picture is kept."""
    done = room.person("aiproxy-desktop", "--smoke", f"/tmp/{name}.png", apart=apart, variables=variables)
    done.well()
    assert done.said.startswith("answer: ")
    drawn_in(room.inside(f"/tmp/{name}.png"), name)
    return done


def one_line(done: Done) -> str:
    """The one sentence that a command failed with."""
    assert done.code == 1, done
    assert done.complained.startswith("aiproxy-desktop: ")
    assert done.complained.count("\n") == 1, done.complained
    return done.complained


def test_no_sound_no_keyring_no_graphics_card(room: Room) -> None:
    # A room has none of them, unless they are let in.
    with showing(room) as display:
        asked_in_a_window(room, "nothing-but-a-display")
        window = room.start("aiproxy-desktop")
        turn_to(display)
        _look_at(display, "voice", "4")
        shot(display, "voice-without-sound")
        assert window.end() == 0, window.written
    assert "keyring" in one_line(
        room.person("aiproxy-desktop", "keys", "set", "openai", given=b"sk-1234567\n")
    )
    with keeping(room, keyring=False):
        refused = room.person("aiproxy-desktop", "keys", "set", "openai", given=b"sk-1234567\n")
    assert "keyring" in one_line(refused)


def test_no_display(room: Room) -> None:
    assert "No display" in one_line(room.person("aiproxy-desktop"))
    unreachable = room.person("aiproxy-desktop", variables={"DISPLAY": ":77"})
    assert "display :77" in one_line(unreachable)


def test_a_second_copy(room: Room) -> None:
    with showing(room) as display:
        first = room.start("aiproxy-desktop")
        turn_to(display)
        # Until the first listens, a second is told that it is running.
        until_now(lambda: room.person("aiproxy-desktop").code == 0, "the first window is raised")
        assert first.code is None
        refused = room.person("aiproxy-desktop", "--smoke", "/tmp/second.png")
        assert "already running" in one_line(refused)
        assert room.person("aiproxy-desktop", "ask", "Say hello.").well().said.strip()
        assert first.end() == 0, first.written


@pytest.mark.parametrize("window", [True, False], ids=["window", "command"])
def test_a_home_that_cannot_be_written_to(room: Room, window: bool) -> None:
    room.root("mount", "--bind", HOME, HOME)
    room.root("mount", "-o", "remount,bind,ro", HOME)
    if window:
        with showing(room):
            asked_in_a_window(room, "read-only-home")
    else:
        assert room.person("aiproxy-desktop", "ask", "Say hello.").well().said.strip()
    assert room.left_at_home() == []


async def test_a_full_disk_while_the_data_is_brought_up_to_date(room: Room) -> None:
    old = (FOLDER / "v1.db").read_bytes()
    room.root("mkdir", "-p", f"{HOME}/.local/share")
    # Enough for what there is, not for the copy that is made of it.
    size = 1024 * 1024
    room.root("mount", "-t", "tmpfs", "-o", f"size={size},uid={PERSON},gid={PERSON}", "tmpfs", _made(room))
    data = room.inside(_DATA)
    data.mkdir(exist_ok=True)
    (data / "conversations.db").write_bytes(old)
    room.root("chown", "-R", f"{PERSON}:{PERSON}", _DATA)
    _fill(room)
    # A question needs none of it; nothing is half done.
    assert room.person("aiproxy-desktop", "ask", "Say hello.").well().said.strip()
    # A window asks its person whether to go on without keeping anything; here nobody answers.
    with showing(room):
        refused = one_line(room.person("aiproxy-desktop", "--smoke", "/tmp/full-disk.png"))
    assert "Free some space" in refused
    assert (data / "conversations.db").read_bytes() == old
    (data / "filling").unlink()
    with showing(room):
        asked_in_a_window(room, "after-a-full-disk")
    copy = room.folder / "conversations.db"
    shutil.copy(data / "conversations.db", copy)
    database = await Database.open(copy)
    await database.close()


def test_a_display_far_away(room: Room) -> None:
    with private_display() as display, _forwarded(display) as port:
        # As `ssh -X` does it: over TCP, and without memory that both sides share.
        asked_in_a_window(room, "far-away", ("--ipc",), DISPLAY=f"127.0.0.1:{port - 6000}")


def test_four_thousand_pixels_at_twice_the_size(room: Room) -> None:
    with private_display("-screen", "0", "3840x2160x24") as display:
        let_display_in(room, display)
        asked_in_a_window(room, "large", DISPLAY=display, QT_SCALE_FACTOR="2")
        picture = drawn_in(room.inside("/tmp/large.png"), "large")
        assert picture.width > 2000
        shown = room.start("aiproxy-desktop", variables={"DISPLAY": display, "QT_SCALE_FACTOR": "2"})
        until_now(lambda: _is_drawn(display, "large-screen"), "the page is drawn")
        assert shown.end() == 0, shown.written


def _made(room: Room) -> str:
    room.root("mkdir", "-p", _DATA)
    return _DATA


def _fill(room: Room) -> None:
    """Leave no byte free."""
    filling = room.root("sh", "-c", f"cat /dev/zero > {_DATA}/filling", check=False)
    assert "No space" in filling.complained


def _look_at(display: str, page: str, key: str) -> None:
    """Go to a page by its key, until it is the one that the rail shows as chosen, and is drawn."""
    turn_to(display)
    until_now(lambda: _is_drawn(display, page), "the page before is drawn")
    before = _rail(display, page)

    def moved() -> bool:
        xdotool(display, "key", f"ctrl+{key}")
        return _rail(display, page) != before

    until_now(moved, page)
    until_now(lambda: _is_drawn(display, page), page)


def _rail(display: str, name: str) -> bytes:
    """The names of the pages, at the window's left: nothing blinks there, and no banner moves them."""
    picture = shot(display, name)
    return picture.crop((0, 0, picture.width // 32, picture.height)).tobytes()


def _is_drawn(display: str, name: str) -> bool:
    """Whether a page is in the window's frame."""
    with suppress(AssertionError):
        picture = shot(display, name)
        across, down = picture.width / 100, picture.height / 100
        page = picture.crop((int(23 * across), int(10 * down), int(60 * across), int(75 * down)))
        return len(page.getcolors(page.width * page.height) or []) > _COLOURS_OF_A_PAGE
    return False


@contextmanager
def _forwarded(display: str) -> Iterator[int]:
    """A port of loopback that leads to the display, one of those that X clients look for."""
    listening = socket.socket()
    port = next(port for port in range(6010, 6100) if _bound(listening, port))
    listening.listen()
    copying = threading.Thread(target=_forward, args=(listening, f"/tmp/.X11-unix/X{display[1:]}"))
    copying.start()
    try:
        yield port
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        copying.join()
        listening.close()


def _bound(listening: socket.socket, port: int) -> bool:
    with suppress(OSError):
        listening.bind(("127.0.0.1", port))
        return True
    return False


def _forward(listening: socket.socket, target: str) -> None:
    """Carry every connection's bytes both ways until nobody listens any more."""
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []
    with suppress(OSError):
        while True:
            near, _ = listening.accept()
            far = socket.socket(socket.AF_UNIX)
            sockets += (near, far)
            far.connect(target)
            for source, sink in ((near, far), (far, near)):
                threads.append(threading.Thread(target=_carry, args=(source, sink)))
                threads[-1].start()
    for thread in threads:
        thread.join()
    for one in sockets:
        one.close()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_an_upgrade_under_an_open_window(room: Room) -> None:
    with showing(room) as display:
        window = room.start("aiproxy-desktop")
        turn_to(display)
        # Another file in its place, as a package manager puts it there. Pages are made when first seen.
        room.root("sh", "-c", f"cp /bin/true {_PROGRAM}.dpkg-new && mv {_PROGRAM}.dpkg-new {_PROGRAM}")
        for page, key in (("models", "2"), ("images", "3"), ("voice", "4"), ("settings", "comma")):
            _look_at(display, page, key)
        log = room.inside(f"{HOME}/.local/state/aiproxy-desktop/log/aiproxy-desktop.log").read_text()
        assert "ERROR" not in log, log
        assert window.end() == 0, window.written
