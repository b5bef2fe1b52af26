"""Mouse and keyboard of a display, for a window of another process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from aiproxy_desktop.project import NAME
from tests.waiting import until_now


def xdotool(display: str, *arguments: str) -> bool:
    """Use them; False where what was looked for is not there (xdotool(1))."""
    environment = {"DISPLAY": display, "PATH": "/usr/bin:/bin"}
    return subprocess.run(["xdotool", *arguments], env=environment, capture_output=True).returncode == 0


def turn_to(display: str) -> None:
    """Wait for the application's window and give it the keyboard, as a window manager does."""
    look = ("search", "--onlyvisible", "--name", NAME, "windowfocus")
    until_now(lambda: xdotool(display, *look), "the window", timeout=300)
    xdotool(display, "mousemove", "700", "300")


@contextmanager
def held(display: str, key: str) -> Iterator[None]:
    """A key that is held down while the block lasts."""
    xdotool(display, "keydown", key)
    try:
        yield
    finally:
        xdotool(display, "keyup", key)
