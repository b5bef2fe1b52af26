"""The fixtures fail what they must fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

OFFENDERS = {
    "unexpected log record": """
        def test_it():
            logging.getLogger("x").warning("stray")
    """,
    "expected log record never came": """
        def test_it(expected_logs):
            expected_logs.expect("never")
    """,
    "task left over": """
        async def test_it():
            global task
            task = asyncio.create_task(asyncio.sleep(60))
    """,
    "was never awaited": """
        async def work(): ...
        def test_it():
            work()
    """,
    "thread left over": """
        def test_it():
            threading.Thread(target=threading.Event().wait, daemon=True, name="stuck").start()
    """,
    "child process left over": """
        def test_it():
            global child
            child = subprocess.Popen(["sleep", "20"])
            atexit.register(child.wait)
            atexit.register(child.kill)
    """,
    "DeprecationWarning": """
        def test_it():
            warnings.warn("old", DeprecationWarning)
    """,
    "ResourceWarning": """
        def test_it():
            open(__file__)
    """,
}


def _run(body: str, folder: Path) -> subprocess.CompletedProcess[str]:
    indented = body.strip("\n")
    margin = len(indented) - len(indented.lstrip())
    lines = "\n".join(line[margin:] for line in indented.splitlines())
    file = folder / "test_offender.py"
    file.write_text(
        f"import asyncio, atexit, logging, subprocess, threading, warnings\n{lines}\n", encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-q",
        str(file),
    ]
    command += ["-c", str(REPOSITORY / "pyproject.toml"), "--rootdir", str(folder)]
    environment = os.environ | {"AIPROXY_TEST_GRACE": "0.2"}
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("reason", OFFENDERS)
def test_what_is_left_or_said_fails_a_test(reason: str, tmp_path: Path) -> None:
    done = _run(OFFENDERS[reason], tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert reason in done.stdout


def test_a_tidy_test_passes(tmp_path: Path) -> None:
    done = _run("\nasync def test_it():\n    await asyncio.sleep(0)\n", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
