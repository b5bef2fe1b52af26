"""The fixtures fail what they must fail."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET

import pytest

from tests.source import REPOSITORY

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


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run of its own says of each offender, by its number, and of a tidy test."""
    folder = tmp_path_factory.mktemp("offenders")
    source = "import asyncio, atexit, logging, subprocess, threading, warnings\n"
    source += "async def test_tidy():\n    await asyncio.sleep(0)\n"
    for number, body in enumerate(OFFENDERS.values()):
        source += textwrap.dedent(body).replace("test_it", f"test_{number}")
    (folder / "test_offenders.py").write_text(source, encoding="utf-8")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += [
        "-c",
        str(REPOSITORY / "pyproject.toml"),
        "--rootdir",
        str(folder),
        "--junit-xml",
        str(report),
    ]
    done = subprocess.run(
        [*command, str(folder)],
        cwd=REPOSITORY,
        env=os.environ | {"AIPROXY_TEST_GRACE": "0.2"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    verdicts: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        said = [f"{part.get('message')} {part.text}" for part in case]
        verdicts[case.attrib["name"]] = verdicts.get(case.attrib["name"], "") + " ".join(said)
    return verdicts


@pytest.mark.parametrize(("number", "reason"), list(enumerate(OFFENDERS)))
def test_what_is_left_or_said_fails_a_test(number: int, reason: str, verdicts: dict[str, str]) -> None:
    assert reason in verdicts[f"test_{number}"]


def test_a_tidy_test_passes(verdicts: dict[str, str]) -> None:
    assert verdicts["test_tidy"] == ""
