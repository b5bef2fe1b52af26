"""Starts where nothing can be kept, or what is there is not for this version."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiproxy_desktop import __version__
from tests.display import private_display
from tests.waiting import until_now

# The kernel's own file system lets nobody make a folder, not even root, as whom tests may run.
READ_ONLY = "/sys/aiproxy-desktop"
COMMAND = [sys.executable, "-m", "aiproxy_desktop"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=300)


def test_a_folder_that_cannot_be_written_to_stops_nobody(display: str, tmp_path: Path) -> None:
    picture = tmp_path / "seen.png"
    ended = run("--data-dir", READ_ONLY, "--smoke", str(picture), "--prompt", "Say hi.")
    assert ended.returncode == 0, ended.stderr
    assert picture.stat().st_size > 10_000
    assert "Traceback" not in ended.stderr
    listed = run("--data-dir", READ_ONLY, "models", "--provider", "builtin")
    assert listed.returncode == 0, listed.stderr


def test_newer_settings_are_refused_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"version": 2, "written_by": "9.0.0"}')
    ended = run("--data-dir", str(tmp_path), "models")
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    for words in (f"version 9.0.0 of AI Proxy Desktop; this is {__version__}", "Nothing was changed"):
        assert words in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@contextmanager
def window(home: Path, display: str) -> Iterator[subprocess.Popen[str]]:
    environ = {name: value for name, value in os.environ.items() if name != "AIPROXY_HOME"}
    process = subprocess.Popen(
        COMMAND,
        env=environ | {"XDG_DATA_HOME": str(home), "DISPLAY": display},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def pressed(key: str, window: str) -> bool:
    """Press a key in the dialog, once it is there; no window manager gives it the keyboard."""
    environ = os.environ | {"DISPLAY": window}
    search = ["xdotool", "search", "--onlyvisible", "--name", "^AI Proxy Desktop$", "windowfocus", "key", key]
    return subprocess.run(search, env=environ, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize("mended", [True, False])
def test_what_stands_in_the_way_is_said_in_a_window(tmp_path: Path, mended: bool) -> None:
    in_the_way = tmp_path / "aiproxy-desktop"
    in_the_way.write_text("A file")
    # Not the display of the other tests: a key that is pressed too late would go to whatever they show.
    with private_display() as display, window(tmp_path, display) as process:
        until_now(lambda: pressed("Shift_L", display), "the dialog")
        if mended:
            in_the_way.unlink()
            history = in_the_way / "conversations.db"
            until_now(lambda: history.exists() or (pressed("Return", display) and False), "the history")
        else:
            until_now(lambda: process.poll() or (pressed("Escape", display) and False), "the end")
            assert process.returncode == 1
            assert process.stderr is not None
            assert "there is a file of that name" in process.stderr.read()
            assert in_the_way.read_text() == "A file"
