from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from tests.guards import LogGuard

KEY = "a-key-of-no-known-shape-4f2a"


def folders(tmp_path: Path) -> AppPaths:
    paths = AppPaths.resolve(str(tmp_path), {})
    paths.ensure()
    return paths


def test_no_key_reaches_the_log_not_even_in_a_traceback(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    redact = Redactor()
    redact.add(KEY)
    log = logging.getLogger("aiproxy_desktop.tests")

    with logging_to_file(paths, redact):
        log.info("sent with %s and Bearer abcdefghijkl", KEY)
        log.info("failed", exc_info=ValueError(f"refused sk-proj-0123456789abcdef {KEY}"))

    written = paths.log_file.read_text()
    assert "ValueError: refused [redacted] [redacted]" in written
    for secret in (KEY, "sk-proj", "abcdefghijkl"):
        assert secret not in written


def test_what_nobody_caught_is_in_the_log_and_told_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: LogGuard
) -> None:
    expected_logs.expect("nobody caught this")
    told: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, _error, _trace: told.append(kind))
    paths, former = folders(tmp_path), sys.excepthook
    with logging_to_file(paths, Redactor()):
        sys.excepthook(KeyError, KeyError("absent"), None)  # as Qt's loop does for a slot
    assert sys.excepthook is former
    assert told == [KeyError]
    assert "KeyError: 'absent'" in paths.log_file.read_text()


def test_the_log_turns_over_before_it_fills_the_disk(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    with logging_to_file(paths, Redactor()):
        for _ in range(200):
            logging.getLogger("aiproxy_desktop.tests").info("x" * 100_000)

    assert sum(file.stat().st_size for file in paths.logs.iterdir()) < 9_000_000


def test_a_full_disk_takes_the_records_and_nothing_else(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    paths.log_file.symlink_to("/dev/full")

    def fail() -> None:
        with logging_to_file(paths, Redactor()):
            logging.getLogger("aiproxy_desktop.tests").info("lost")
            raise KeyError("what really happened")

    with pytest.raises(KeyError):
        fail()


def test_a_crash_in_native_code_leaves_its_stack(tmp_path: Path) -> None:
    script = (
        "import faulthandler, os, signal, sys\n"
        "from aiproxy_desktop.core.redaction import Redactor\n"
        "from aiproxy_desktop.storage.logs import logging_to_file\n"
        "from aiproxy_desktop.storage.paths import AppPaths\n"
        "paths = AppPaths.resolve(sys.argv[1], {}); paths.ensure()\n"
        "with logging_to_file(paths, Redactor()):\n"
        "    os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)

    assert ended.returncode != 0
    assert "Segmentation fault" in folders(tmp_path).crash_file.read_text()
