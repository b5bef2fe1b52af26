"""The window as a screen reader meets it: read and used over AT-SPI by another process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.ollama_server import OllamaServer, stored
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

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What is announced in the meantime."""
        heard: list[str] = []
        command = ["/usr/bin/python3", str(_CLIENT), "listen"]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = process.stdout
            assert lines.readline() == "listening\n"
            ear = Thread(target=lambda: heard.extend(map(json.loads, lines)))
            ear.start()
            try:
                yield heard
            finally:
                process.terminate()
                ear.join(60)

    def keys(self, *names: str) -> None:
        """Press keys in the window, through the X server."""
        self._xdotool("key", "--delay", "30", *names)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "10", text)

    def focus(self) -> None:
        """Give the window the keyboard: without a window manager nobody else does."""
        found = self._xdotool("search", "--onlyvisible", "--name", "AI Proxy Desktop").split()
        self._xdotool("windowfocus", "--sync", found[-1])

    def _xdotool(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=True
        ).stdout

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


def usable(reader: ScreenReader) -> list[dict[str, Any]]:
    """What can be used now."""
    return [one for one in reader.read() if one["focusable"] and one["role"] not in _GROUPS]


def well_told(reader: ScreenReader) -> None:
    """Everything that can be used has a name and a role, and is told from what stands beside it."""
    found = usable(reader)
    assert [one for one in found if not one["name"].strip()] == []
    assert [one for one in found if one["role"] in {"unknown", "invalid"}] == []
    shown = Counter((one["within"], one["role"], one["name"]) for one in found if one["showing"])
    assert [told for told, times in shown.items() if times > 1] == []


def test_everything_that_can_be_used_has_a_name(screen_reader: ScreenReader) -> None:
    assert len(usable(screen_reader)) > 5
    well_told(screen_reader)


def test_the_whole_window_is_told(screen_reader: ScreenReader) -> None:
    reader = screen_reader
    reader.focus()
    reader.write("text", "Message", "Say hi.")
    reader.press("push button", "Send")
    until_now(lambda: answered(reader), "the whole answer", timeout=300)
    well_told(reader)
    reader.keys("F7", "ctrl+shift+p")
    until_now(lambda: reader.hears("list item", "Say hi., pinned"), "that it is pinned")
    for key, role, name in (
        ("ctrl+shift+o", "slider", "Temperature"),
        ("ctrl+k", "list item", "New chat, Chat, Ctrl+N"),
        ("ctrl+f", "text", "Find in conversation"),
        ("ctrl+shift+m", "text", "Search models"),
    ):
        reader.keys(key)
        until_now(partial(reader.hears, role, name), name)
        well_told(reader)
        reader.keys("Escape")
        until_now(partial(hides, reader, role, name), f"{name} goes")
    reader.keys("ctrl+shift+f")
    reader.type("hi")
    until_now(lambda: reader.hears("list item", "Say hi., Say hi., Today"), "what was found")
    well_told(reader)
    reader.keys("Escape", "ctrl+shift+d")
    until_now(lambda: reader.hears("push button", "Leave compare"), "the columns")
    well_told(reader)
    reader.keys("ctrl+shift+d", "ctrl+comma")
    until_now(lambda: reader.hears("radio button", "Providers and keys"), "Settings")
    well_told(reader)


@pytest.fixture
def ollama_beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An Ollama server on a thread of its own, which the application finds; its pulls take their time."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    server = OllamaServer(stored("gemma3:4b", 3_000_000))
    server.store.offer(stored("qwen3:0.6b", 60_000_000))
    server.speed = 1_000_000
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(60)
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    yield
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)
    loop.close()


def test_the_models_tab_is_told(ollama_beside: None, screen_reader: ScreenReader) -> None:
    reader = screen_reader
    reader.focus()
    reader.press("radio button", "Models")
    until_now(lambda: reader.hears("table cell", "Name: gemma3:4b"), "the models")
    reader.keys("Down")
    until_now(lambda: focused(reader) == "Name: gemma3:4b", "the first line")
    assert row_of(reader, "Name: gemma3:4b")[:5] == [
        "Favourite: No",
        "Name: gemma3:4b",
        "Provider: Ollama",
        "Runs on: This computer",
        "Context: 128k",
    ]
    reader.keys("Down")
    until_now(lambda: focused(reader) == "Name: SmolLM2 135M", "the second line")
    well_told(reader)
    reader.press("push button", "Capability")
    until_now(lambda: reader.hears("check box", "Vision"), "what it offers")
    reader.keys("space", "Escape")
    until_now(lambda: described(reader, "Capability: Vision") == "Press Delete to clear it", "the chip is on")
    reader.keys("Delete")
    until_now(lambda: reader.hears("table cell", "Name: gemma3:4b"), "the chip is off")
    for key, role, name in (
        ("ctrl+b", "check box", "Reads images"),
        ("ctrl+n", "text", "Search providers"),
        ("ctrl+l", "push button", "Open a file"),
        ("ctrl+m", "push button", "Create"),
        ("ctrl+p", "text", "Model"),
    ):
        reader.keys(key)
        until_now(partial(reader.hears, role, name), name)
        well_told(reader)
    reader.type("qwen3:0.6b")
    reader.keys("Return")
    until_now(lambda: progress(reader) > 0, "how far the download is")
    assert reader.hears("push button", "Pause qwen3:0.6b")
    assert reader.hears("push button", "Cancel qwen3:0.6b")
    well_told(reader)


def focused(reader: ScreenReader) -> str:
    """The name of the innermost thing that has the keys."""
    return next((one["name"] for one in reversed(reader.read()) if one["focused"]), "")


def row_of(reader: ScreenReader, name: str) -> list[str]:
    """The cells of a line of the table, beginning with its star."""
    cells = [one["name"] for one in reader.read() if one["role"] == "table cell"]
    return cells[cells.index(name) - 1 :]


def progress(reader: ScreenReader) -> float:
    wanted = ("progress bar", "Progress of qwen3:0.6b")
    return next((one["value"] for one in reader.read() if (one["role"], one["name"]) == wanted), 0.0)


def hides(reader: ScreenReader, role: str, name: str) -> bool:
    return not any(one["showing"] and one["role"] == role and name in one["name"] for one in reader.read())


def test_the_palette_and_a_messages_actions_are_told_by_keys_alone(screen_reader: ScreenReader) -> None:
    reader = screen_reader
    reader.focus()
    reader.keys("ctrl+k")
    reader.type("quit")
    until_now(lambda: described(reader, "What do you want to do?") == "Quit, Window, Ctrl+Q", "the row")
    reader.keys("Escape")
    reader.write("text", "Message", "Say hi.")
    reader.press("push button", "Send")
    until_now(lambda: answered(reader), "the whole answer", timeout=300)
    reader.keys("shift+F6", "Up")
    until_now(lambda: reader.hears("push button", "Copy message"), "what can be done with it")


def answered(reader: ScreenReader) -> bool:
    """Whether an answer is there with its figures."""
    return any(
        one["name"].startswith("Answer: ") and "first token" in one["description"] for one in reader.read()
    )


def described(reader: ScreenReader, name: str) -> str:
    return next((one["description"] for one in reader.read() if one["name"] == name), "")


def test_an_answer_is_announced_once_and_whole(screen_reader: ScreenReader) -> None:
    reader = screen_reader
    with reader.listening() as heard:
        reader.write("text", "Message", "Count from one to twenty.")
        reader.press("push button", "Send")
        until_now(lambda: answered(reader), "the whole answer", timeout=300)
        until_now(lambda: answers(heard), "that it is announced")
        told = next(one["name"] for one in reader.read() if one["name"].startswith("Answer: "))
        reader.read()  # time enough for a second one
    assert answers(heard) == [told]


def answers(heard: list[str]) -> list[str]:
    return [words for words in heard if words.startswith("Answer")]
