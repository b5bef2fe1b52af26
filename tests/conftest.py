"""Fixtures of every test. A test is silent and leaves nothing behind, or it fails.

What a test can rely on:

- Nothing of the person's is touched: HOME, the XDG folders and AIPROXY_HOME (fresh for each test) are
  private, there is no session bus, no key in the environment, no proxy, and OLLAMA_HOST and PULSE_SERVER
  point nowhere.
- Warnings are errors. A log record at WARNING or above fails the test, unless it was announced:

      def test_damage_is_reported(expected_logs):
          expected_logs.expect(r"WARNING .*settings were set aside")   # must come
          expected_logs.allow(r"asyncio")                             # may come

- A Qt message fails the test, unless it carries `@pytest.mark.qt_log_ignore("pattern")`.
- A coroutine never awaited, a task, thread, child process, active QTimer or top-level widget left over fails
  the test. Close what you open: `qtbot.addWidget(widget)`, `await scope.close()`, `await db.close()`.
  `left_overs.allow_thread("pattern")` excuses a thread that is stuck on purpose.
- `async def test_…` needs no mark. Under tests/ui it runs on a qasync loop with a QApplication on a private
  X server; elsewhere on asyncio's own loop, and on qasync's where the test is marked `@pytest.mark.qt`.
  Inside an async test let the loop run with `await until(lambda: …)` from tests.waiting, never with
  `qtbot.wait*`, which would enter Qt's loop twice. A plain `def test_…(qtbot)` uses `qtbot.waitUntil`.
- `display` is the name of a private X server, for tests that start the application as a process.
- `audio_server` is a private PulseAudio with a microphone and a speaker. Without it there is no sound server.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import inspect
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.audio_server import audio_server  # noqa: F401  # a fixture for every test
from tests.display import private_display
from tests.guards import LeftOvers, LogGuard, left_over_tasks
from tests.secret_service import (  # noqa: F401  # fixtures for every test
    hanging_secret_service,
    locked_secret_service,
    no_secret_service,
    secret_service,
)

_HAS_QT = importlib.util.find_spec("pytestqt") is not None
_FAILED = pytest.StashKey[bool]()
_PRIVATE_FOLDER = pytest.StashKey[Path]()
_MODULES = pytest.StashKey[int]()
_QT_MESSAGES = pytest.StashKey[list[str]]()

# For the few tests that install packages, which are configured for the person's own home.
ORIGINAL_ENVIRONMENT = dict(os.environ)

# What would make a test depend on whose machine it runs on.
_FOREIGN_PREFIXES = (
    "OPENAI_",
    "GEMINI_",
    "GOOGLE_",
    "ANTHROPIC_",
    "AZURE_",
    "LITELLM_",
    "OTEL_",
    "AIPROXY_",
    "QT_",
    "DBUS_",
    "PULSE_",
)
_FOREIGN = ("DISPLAY", "WAYLAND_DISPLAY", "http_proxy", "https_proxy", "all_proxy", "no_proxy")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the environment without Qt read the same configuration."""
    if not _HAS_QT:
        parser.addini("qt_api", "ignored here")
        parser.addini("qt_log_level_fail", "ignored here")


def pytest_configure(config: pytest.Config) -> None:
    """Make the process private before anything of the product or of Qt is imported."""
    config.addinivalue_line("markers", "qt: run this async test on a qasync loop, with a QApplication")
    if not _HAS_QT:
        config.addinivalue_line("markers", "qt_log_ignore: ignored here")
    folder = Path(tempfile.mkdtemp(prefix="aiproxy-tests-"))
    config.stash[_PRIVATE_FOLDER] = folder
    _use_private_environment(folder)
    # No test asserts a time, and in CI the same examples are drawn each time.
    for name, same in (("local", False), ("ci", True)):
        settings.register_profile(
            name, deadline=None, derandomize=same, suppress_health_check=[HealthCheck.too_slow]
        )
    settings.load_profile("ci" if os.environ.get("CI") else "local")
    config.stash[_QT_MESSAGES] = []
    if _HAS_QT:
        _collect_qt_messages(config.stash[_QT_MESSAGES])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the private folder away."""
    shutil.rmtree(config.stash[_PRIVATE_FOLDER], ignore_errors=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is alive now stays: the collections after each test then look at that test's objects alone."""
    _freeze(session.config)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The same for what a test has loaded: a service's own types take 0.1 s to look through."""
    if len(sys.modules) - item.config.stash[_MODULES] > 50:
        _freeze(item.config)


def _freeze(config: pytest.Config) -> None:
    gc.collect()
    gc.freeze()
    config.stash[_MODULES] = len(sys.modules)


def _use_private_environment(folder: Path) -> None:
    for name in list(os.environ):
        key = name.endswith("_API_KEY")
        if key or name.startswith(_FOREIGN_PREFIXES) or name in _FOREIGN or name.lower() in _FOREIGN:
            del os.environ[name]
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ |= {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_RUNTIME_DIR": str(runtime),
        "AIPROXY_HOME": str(folder / "aiproxy"),
        "OLLAMA_HOST": "127.0.0.1:1",
        # Named, since libpulse otherwise starts a server of its own where it finds none.
        "PULSE_SERVER": f"unix:{folder}/no-sound",
        "QT_QPA_PLATFORM": "xcb",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    os.environ.pop("LC_ALL", None)


def _collect_qt_messages(messages: list[str]) -> None:
    # pytest-qt listens while a test's body runs; this handler hears fixtures and their ends as well.
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    def keep(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        messages.append(f"{kind.name}: {message}")

    qInstallMessageHandler(keep)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure: what it left behind would only hide its reason."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or (call.when != "teardown" and report.failed)
    return report


@pytest.fixture
def expected_logs() -> Iterator[LogGuard]:
    """Announces log records that this test provokes: `.expect(pattern)`, `.allow(pattern)`."""
    guard = LogGuard()
    root = logging.getLogger()
    root.addHandler(guard)
    yield guard
    root.removeHandler(guard)


@pytest.fixture
def left_overs() -> LeftOvers:
    """What was there before the test began."""
    return LeftOvers()


@pytest.fixture(autouse=True)
def _clean(
    request: pytest.FixtureRequest,
    expected_logs: LogGuard,
    left_overs: LeftOvers,
) -> Iterator[None]:
    """Hold the test to silence and tidiness. First to be set up, so it looks when all else has ended."""
    qt_messages = request.config.stash[_QT_MESSAGES]
    qt_messages.clear()
    yield
    problems = left_overs.problems()
    problems += expected_logs.problems()
    problems += [f"Qt message: {message}" for message in qt_messages]
    if problems and not request.node.stash.get(_FAILED, False):
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture(autouse=True)
def _tasks_end(request: pytest.FixtureRequest, _clean: None) -> None:
    # After _clean, so that the loop and its threads are gone when that looks.
    if inspect.iscoroutinefunction(request.function):
        request.getfixturevalue("_no_task_left")


@pytest.fixture
async def _no_task_left(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    before: set[asyncio.Task[Any]] = asyncio.all_tasks()
    yield
    # One more turn, for tasks that were cancelled and only have to notice.
    for _ in range(3):
        await asyncio.sleep(0)
    problems = left_over_tasks(before)
    if problems and not request.node.stash.get(_FAILED, False):
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture(autouse=True)
def aiproxy_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The data folder of this test alone; AIPROXY_HOME names it. It does not exist yet."""
    home = tmp_path / "aiproxy-home"
    monkeypatch.setenv("AIPROXY_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a private X server, which DISPLAY names too."""
    with private_display() as name:
        os.environ["DISPLAY"] = name
        yield name
        del os.environ["DISPLAY"]
