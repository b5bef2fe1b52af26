"""The first command of a newcomer, in a clean checkout: real packages, the real model, a virtual display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ORIGINAL_ENVIRONMENT
from tests.source import REPOSITORY, top_level

PNG = b"\x89PNG\r\n\x1a\n"
# What .ci/setup calls before it knows whether anything is missing, and nothing else.
BARE_PROGRAMS = ("bash", "cat", "cmp", "dirname", "env", "flock", "id", "mkdir", "uname")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy of the tree without anything that set-up made."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in top_level():
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    yield folder
    # An environment is hundreds of megabytes, and pytest keeps the folders of three runs.
    shutil.rmtree(folder)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1200,
    )


def _newcomer(data: Path) -> dict[str, str]:
    """The environment pip and apt are configured for on this machine; the application's data elsewhere."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "OPENAI_API_KEY", "GEMINI_API_KEY")
    kept = {name: value for name, value in ORIGINAL_ENVIRONMENT.items() if name not in hidden}
    return kept | {"AIPROXY_HOME": str(data), "OLLAMA_HOST": "127.0.0.1:1"}


def test_make_run_answers_without_a_display(checkout: Path, aiproxy_home: Path) -> None:
    environment = _newcomer(aiproxy_home)
    done = _run(["make", "run"], checkout, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert said["answer"].strip()
    assert (checkout / said["screenshot"]).read_bytes().startswith(PNG)

    again = _run([".ci/setup", "run"], checkout, environment)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_what_is_missing_is_one_sentence(checkout: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in BARE_PROGRAMS:
        found = shutil.which(name, path=ORIGINAL_ENVIRONMENT["PATH"])
        assert found, name
        (programs / name).symlink_to(found)
    (programs / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    environment = {"PATH": str(programs), "HOME": os.environ["HOME"]}
    done = _run(["bash", ".ci/start"], checkout, environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "xvfb" in done.stderr
    assert not (checkout / ".venv").exists()
