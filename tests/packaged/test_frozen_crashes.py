"""The frozen application when it, or the process of its model, ends suddenly; and files that it is given."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from aiproxy_desktop.storage.paths import AppPaths
from tests.display import private_display
from tests.packaged.frozen import PROGRAM, needs_frozen
from tests.waiting import until_now

pytestmark = needs_frozen
_PATIENCE = 300.0


@contextmanager
def started(home: Path, *arguments: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The application with these arguments; ended, where it has not ended by itself."""
    process = subprocess.Popen(
        [PROGRAM, "--data-dir", home, *arguments],
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A display, a home of its own, and nothing of this machine's."""
    with private_display() as name:
        yield {"DISPLAY": name, "HOME": str(tmp_path), "OLLAMA_HOST": "127.0.0.1:1", "PATH": os.defpath}


def models_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes of its model."""
    try:
        children = psutil.Process(process.pid).children()
        return [one for one in children if "--built-in-model-process" in one.cmdline()]
    except psutil.Error:
        return []


def test_a_crash_leaves_a_report_without_anything_personal(tmp_path: Path, environ: dict[str, str]) -> None:
    home = tmp_path / "annas data"
    with started(home, environ=environ) as first:
        until_now(lambda: models_of(first), "it is there", _PATIENCE)
        first.send_signal(signal.SIGSEGV)
        first.wait(_PATIENCE)
    reports = AppPaths.resolve(str(home), {}).logs / "crashes"
    with started(home, environ=environ):
        until_now(lambda: reports.is_dir() and any(reports.iterdir()), "the report", _PATIENCE)
    (report,) = reports.iterdir()
    text = report.read_text()
    assert "Fatal Python error: Segmentation fault" in text
    assert "aiproxy_desktop/app.py, line" in text
    assert "anna" not in text
    assert str(tmp_path) not in text


def test_files_are_handed_to_the_window_that_is_open(tmp_path: Path, environ: dict[str, str]) -> None:
    home, notes = tmp_path / "data", tmp_path / "notes.txt"
    notes.write_text("a text that is to be attached")
    attached = AppPaths.resolve(str(home), {}).attachments
    with started(home, "open", environ=environ) as first:
        until_now(lambda: models_of(first), "it is there", _PATIENCE)
        # From another folder, by its name alone.
        command: list[str | Path] = [PROGRAM, "--data-dir", home, "open", notes.name]
        later = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, timeout=_PATIENCE)
        assert (later.returncode, later.stderr) == (0, b"")
        until_now(lambda: any(one.is_file() for one in attached.rglob("*")), "the draft has it", _PATIENCE)
        assert first.poll() is None


def test_a_model_that_crashes_is_told_of_in_a_sentence(tmp_path: Path, environ: dict[str, str]) -> None:
    with started(tmp_path / "data", "ask", "Say hello.", environ=environ) as asking:
        # It is started anew once; that one has to go as well.
        while asking.poll() is None:
            for model in models_of(asking):
                os.kill(model.pid, signal.SIGSEGV)
                psutil.wait_procs([model], timeout=10)
        said, complained = asking.communicate(timeout=_PATIENCE)
    assert asking.returncode == 1
    assert said == ""
    assert complained.startswith("aiproxy-desktop: The built-in model ")
    assert complained.count("\n") == 1
