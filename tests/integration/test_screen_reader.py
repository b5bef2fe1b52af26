"""The window as a screen reader meets it: read and used over AT-SPI by another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.secret_service import SecretService
from tests.waiting import until_now

_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
_CLIENT = Path(__file__).parents[1] / "at_spi_client.py"
# What says where things are, not what can be done with them.
_GROUPS = {"filler", "panel", "split pane", "layered pane", "frame", "application", "scroll pane", "viewport"}


@dataclass(frozen=True, slots=True)
class ScreenReader:
    """Another process that hears and presses what the window offers."""

    environment: dict[str, str]

    def ask(self, *arguments: str) -> str:
        ended = subprocess.run(
            ["/usr/bin/python3", str(_CLIENT), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ask("read").splitlines()]

    def hears(self, role: str, words: str) -> bool:
        return any(one["role"] == role and words in one["name"] for one in self.read())

    def press(self, role: str, name: str) -> None:
        self.ask("press", role, name)

    def write(self, role: str, name: str, text: str) -> None:
        self.ask("write", role, name, text)


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def screen_reader(
    display: str, no_secret_service: SecretService, aiproxy_home: Path
) -> Iterator[ScreenReader]:
    environment = {
        **os.environ,
        **no_secret_service.environment,
        "AIPROXY_HOME": str(aiproxy_home),
        "DISPLAY": display,
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    }
    reader = ScreenReader(environment)
    with (
        running([_LAUNCHER, "--launch-immediately"], environment),
        running([sys.executable, "-m", "aiproxy_desktop"], environment),
    ):
        until_now(lambda: reader.hears("push button", "Model: "), "the page", timeout=120)
        yield reader


def test_a_question_is_asked_and_its_answer_heard(screen_reader: ScreenReader) -> None:
    screen_reader.write("text", "Message", "Say hi.")
    screen_reader.press("push button", "Send")
    until_now(lambda: screen_reader.hears("list item", "You said: Say hi."), "the question", timeout=120)
    until_now(lambda: screen_reader.hears("list item", "Answer: "), "the answer", timeout=300)


def test_everything_that_can_be_used_has_a_name(screen_reader: ScreenReader) -> None:
    usable = [one for one in screen_reader.read() if one["focusable"] and one["role"] not in _GROUPS]
    assert len(usable) > 5
    assert [one for one in usable if not one["name"].strip()] == []
