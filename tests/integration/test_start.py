"""Starting and ending the application as a process: what it says when it cannot, and what it leaves."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.waiting import until_now

TIMEOUT = 300


def start(
    *arguments: str, environment: Mapping[str, str] | None = None, without: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in without}
    return subprocess.run(
        [sys.executable, "-m", "aiproxy_desktop", *arguments],
        env={**kept, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def assert_one_line(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    assert ended.returncode == 1, ended
    assert ended.stderr.count("\n") == 1, ended.stderr
    for word in words:
        assert word in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_display_it_says_what_to_do() -> None:
    ended = start(without=("DISPLAY", "QT_QPA_PLATFORM"))
    assert_one_line(ended, "No display was found", "ask")


def test_a_display_that_does_not_answer_is_named() -> None:
    ended = start(environment={"DISPLAY": ":4242"})
    assert_one_line(ended, "No window can be opened here", "display :4242", "ask")


def test_a_folder_that_cannot_be_written_is_named(display: str) -> None:
    assert_one_line(start("--data-dir", "/proc/self/nowhere"), "/proc/self/nowhere", "--data-dir")


def test_a_database_from_a_newer_version_is_refused_and_left_alone(
    display: str,
    aiproxy_home: Path,
    tmp_path: Path,
) -> None:
    assert start("--smoke", str(tmp_path / "first.png"), "--prompt", "Say hi.").returncode == 0
    file = aiproxy_home / "conversations.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 999")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.read_bytes()

    assert_one_line(start("--smoke", str(tmp_path / "second.png")), "newer version")
    assert file.read_bytes() == before


def test_smoke_with_a_broken_provider_fails_with_one_line(
    display: str,
    aiproxy_home: Path,
    tmp_path: Path,
) -> None:
    aiproxy_home.mkdir()
    (aiproxy_home / "settings.json").write_text(
        '{"endpoints": [{"id": "broken", "name": "Broken", "base_url": "http://127.0.0.1:9/v1"}],'
        ' "model": "broken:some-model"}'
    )
    picture = tmp_path / "broken.png"
    ended = start("--smoke", str(picture), "--prompt", "Hello")

    assert_one_line(ended, "Broken")
    assert not picture.exists()


def model_processes(process: psutil.Process) -> list[psutil.Process]:
    """What the application has started, once the model's process is among it."""

    def started() -> bool:
        return any("_llama_child" in " ".join(child.cmdline()) for child in process.children())

    until_now(started, "the model's process")
    return process.children(recursive=True)


@contextmanager
def open_window(home: Path, *arguments: str) -> Iterator[psutil.Popen]:
    """The application as a process, past its first paint."""
    process = psutil.Popen(
        [sys.executable, "-m", "aiproxy_desktop", *arguments], stderr=subprocess.PIPE, text=True
    )
    try:
        until_now((home / "conversations.db").exists, "the history")
        yield process
    finally:
        if process.is_running():
            process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_ends_with_all_that_is_its(
    display: str,
    aiproxy_home: Path,
    how: signal.Signals,
) -> None:
    with open_window(aiproxy_home) as process:
        children = model_processes(process)
        process.send_signal(how)
        assert process.wait(60) == 0
        assert psutil.wait_procs(children, timeout=60)[1] == []
    log = (aiproxy_home / "logs" / "aiproxy-desktop.log").read_text()
    assert log.rstrip().endswith("ended")
    assert "ERROR" not in log


def test_a_picture_that_takes_too_long_can_be_given_up(
    display: str,
    aiproxy_home: Path,
    tmp_path: Path,
) -> None:
    aiproxy_home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (aiproxy_home / "settings.json").write_text(
            '{"endpoints": [{"id": "silent", "name": "Silent", "base_url": "http://127.0.0.1:'
            f'{silent.getsockname()[1]}/v1"}}], "model": "silent:some-model"}}'
        )
        with open_window(aiproxy_home, "--smoke", str(tmp_path / "never.png")) as process:
            process.send_signal(signal.SIGTERM)
            _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complaint.count("\n") == 1
    assert "closed before the answer" in complaint


def test_a_second_start_raises_the_first_and_leaves(
    display: str,
    aiproxy_home: Path,
) -> None:
    with open_window(aiproxy_home) as process:
        second = start()
        assert (second.returncode, second.stderr) == (0, "")
        assert process.is_running()


def test_killed_it_takes_the_model_along(
    display: str,
    aiproxy_home: Path,
) -> None:
    with open_window(aiproxy_home) as process:
        children = model_processes(process)
        process.kill()
        process.wait()
        assert psutil.wait_procs(children, timeout=60)[1] == []
