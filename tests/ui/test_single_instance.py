from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.ui.shell.single_instance import SingleInstance

SECOND_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from aiproxy_desktop.ui.shell.single_instance import SingleInstance
application = QCoreApplication([])
with SingleInstance(Path(sys.argv[1])) as instance:
    first = instance.acquire()
    if "tell" in sys.argv:
        print("asks", flush=True)
    print("first" if first else "raised" if instance.ask_first_to_raise() else "unanswered", flush=True)
    if first and "die" in sys.argv:
        import os
        assert instance.listen()
        os.kill(os.getpid(), 9)
"""


def second_start(folder: Path, *extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SECOND_START, str(folder), *extra], stdout=subprocess.PIPE, text=True
    )


def test_a_second_start_raises_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    with SingleInstance(tmp_path) as first:
        assert first.acquire()
        assert first.listen()
        with qtbot.waitSignal(first.raise_requested, timeout=30_000):
            second = second_start(tmp_path)
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
        assert second.communicate()[0].strip() == "raised"


def test_a_second_start_waits_for_a_first_that_does_not_listen_yet(qtbot: QtBot, tmp_path: Path) -> None:
    with SingleInstance(tmp_path) as first:
        assert first.acquire()
        second = second_start(tmp_path, "tell")
        assert second.stdout is not None
        assert second.stdout.readline() == "asks\n"
        qtbot.wait(300)  # long enough to have found nobody
        assert first.listen()
        with qtbot.waitSignal(first.raise_requested, timeout=30_000):
            pass
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
        assert second.communicate()[0].strip() == "raised"


def test_a_folder_that_takes_no_lock_is_not_said_to_be_in_use(tmp_path: Path) -> None:
    with SingleInstance(tmp_path / "missing") as instance, pytest.raises(StorageError, match="missing"):
        instance.acquire()


def test_another_folder_is_another_window(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with SingleInstance(tmp_path / "a") as first:
        assert first.acquire()
        second = second_start(tmp_path / "b")
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
        assert second.communicate()[0].strip() == "first"


def test_a_killed_first_leaves_nothing_in_the_way(qtbot: QtBot, tmp_path: Path) -> None:
    killed = second_start(tmp_path, "die")
    assert killed.communicate(timeout=60)[0].strip() == "first"
    assert os.listdir(tmp_path)  # noqa: PTH208 - the stale lock is really there
    with SingleInstance(tmp_path) as next_start:
        assert next_start.acquire()
        assert next_start.listen()
        with qtbot.waitSignal(next_start.raise_requested, timeout=30_000):
            third = second_start(tmp_path)
        third.communicate(timeout=60)


def _name_ourselves(folder: Path) -> None:
    """Have the lock's file name this process, as in a sandbox, where each start has the same number."""
    lock = folder / "instance.lock"
    _, _, rest = lock.read_text().partition("\n")
    with lock.open("r+") as file:  # the same file, on which the kernel's lock is
        file.write(f"{os.getpid()}\n{rest}")
        file.truncate()


def test_a_killed_first_with_our_own_number_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    killed = second_start(tmp_path, "die")
    assert killed.communicate(timeout=60)[0].strip() == "first"
    _name_ourselves(tmp_path)
    with SingleInstance(tmp_path) as next_start:
        assert next_start.acquire()


def test_a_living_first_with_our_own_number_is_not_pushed_aside(tmp_path: Path) -> None:
    with SingleInstance(tmp_path) as first:
        assert first.acquire()
        _name_ourselves(tmp_path)
        with SingleInstance(tmp_path) as second:
            assert not second.acquire()
