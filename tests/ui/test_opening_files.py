"""Files given to the application: on its command line, by a later start, by macOS."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.chat.attachments.chip import Chip
from aiproxy_desktop.ui.shell.handed_files import HandedFiles
from aiproxy_desktop.ui.shell.handing_over import MOST_LINE
from aiproxy_desktop.ui.shell.single_instance import SingleInstance
from tests.application import Person, running
from tests.gguf_files import model_file
from tests.source import REPOSITORY
from tests.ui.images_world import photo
from tests.waiting import until

LATER_START = (sys.executable, "-m", "aiproxy_desktop", "open")

AN_EVENT = """
import sys
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from aiproxy_desktop.ui.shell.handed_files import DesktopApplication, HandedFiles
application = DesktopApplication(["-platform", "offscreen"])
handed, taken = HandedFiles(), []
application.files_handed.connect(handed.put)
QCoreApplication.sendEvent(application, QFileOpenEvent(QUrl.fromLocalFile(sys.argv[1])))
handed.begin(taken.append)
QCoreApplication.sendEvent(application, QFileOpenEvent(sys.argv[1]))
print([[str(path) for path in files] for files in taken])
"""


def later_start(folder: Path, *names: str) -> subprocess.Popen[bytes]:
    """`aiproxy-desktop open` in another folder."""
    here = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen([*LATER_START, *names], cwd=folder, env=here)


def chips(person: Person) -> list[str]:
    """What a screen reader says of what is attached."""
    return [chip.accessibleName() for chip in person.window.findChildren(Chip)]


async def test_files_of_the_command_line_and_of_later_starts(aiproxy_home: Path, tmp_path: Path) -> None:
    picture, notes = photo(tmp_path / "desk.png"), tmp_path / "notes, second.txt"
    notes.write_text("as they were")
    model_file(tmp_path / "tiny.gguf")
    async with running(aiproxy_home, picture) as person:
        window = person.window
        await until(lambda: window.current_page == "images" and person.sees("images.title"), "the studio")
        title = person.find("images.title", QLabel)
        await until(lambda: title.text() == "desk.png", "the picture")
        # From another folder, by its name alone.
        later = later_start(tmp_path, notes.name)
        await until(lambda: later.poll() is not None, "the later start ends")
        assert later.returncode == 0
        await until(lambda: window.current_page == "chat", "the chat")
        await until(lambda: any(notes.name in chip for chip in chips(person)), "the draft has it")
        model = later_start(tmp_path, "tiny.gguf")
        await until(lambda: window.current_page == "models", "the models")
        await until(lambda: person.reads("tiny"), "what became of it")
        await until(lambda: model.poll() == 0, "the later start ends")


def test_what_comes_too_early_waits() -> None:
    handed, taken = HandedFiles([Path("/named")]), list[tuple[Path, ...]]()
    handed.put([Path("/later")])
    handed.begin(taken.append)
    handed.put([])
    handed.put([Path("/again")])
    handed.end()
    handed.put([Path("/kept")])
    assert taken == [(Path("/named"), Path("/later")), (Path("/again"),)]


def test_macos_hands_over_a_file_by_an_event() -> None:
    told = subprocess.run([sys.executable, "-c", AN_EVENT, "/a b.png"], capture_output=True, text=True)
    assert told.stdout.strip() == "[['/a b.png'], ['/a b.png']]", told.stderr


def test_a_line_without_end_or_sense_opens_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with SingleInstance(tmp_path) as first:
        assert first.acquire()
        assert first.listen()
        opened: list[object] = []
        first.raise_requested.connect(lambda _token: opened.append("raised"))
        for line in (b'open {"files": ["relative"]}\n', b"x" * (MOST_LINE + 10)):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.settimeout(60)
                stranger.connect(first.address)
                stranger.setblocking(False)
                sent = 0

                def refused(stranger: socket.socket = stranger, line: bytes = line) -> bool:
                    nonlocal sent
                    try:
                        sent += stranger.send(line[sent:]) if sent < len(line) else 0
                        return stranger.recv(1) == b""
                    except BlockingIOError:
                        return False
                    except OSError:
                        return True

                qtbot.waitUntil(refused, timeout=60_000)
        assert opened == []
