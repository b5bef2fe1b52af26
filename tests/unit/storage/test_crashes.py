from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.crash_words import error_words, native_words, place_of
from aiproxy_desktop.storage.crashes import MOST_REPORTS, CrashReports, note_error
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from tests.guards import LogGuard
from tests.source import REPOSITORY

ABOUT = {"Version": "9.8.7", "System": "a test"}
SECRET = "letter-to-anna.txt"

CRASHES = f"""
import ctypes, sys
sys.path.insert(0, {str(REPOSITORY)!r})
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.crashes import CrashReports
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
paths = AppPaths.resolve(sys.argv[1], {{}}); paths.ensure()
with logging_to_file(paths, Redactor()):
    CrashReports(paths, Redactor()).take_up({ABOUT!r})
    {{what}}
"""


def folders(tmp_path: Path) -> AppPaths:
    paths = AppPaths.resolve(str(tmp_path / "anna"), {})
    paths.ensure()
    return paths


def crashed(tmp_path: Path, what: str) -> AppPaths:
    paths = folders(tmp_path)
    script = tmp_path / SECRET
    script.write_text(CRASHES.replace("{what}", what))
    ended = subprocess.run([sys.executable, str(script), str(paths.data)], capture_output=True)
    assert ended.returncode != 0
    return paths


@pytest.mark.parametrize("what", ["ctypes.string_at(0)", "__import__('os').abort()"])
def test_native_code_that_ends_the_application_is_told_of_at_the_next_start(
    tmp_path: Path, what: str
) -> None:
    paths = crashed(tmp_path, what)
    reports = CrashReports(paths, Redactor())
    report = reports.take_up({})
    assert report is not None
    assert report.ended
    assert "Version: 9.8.7" in report.text
    assert "Fatal Python error:" in report.text
    assert "(elsewhere), line" in report.text, "the script's own place"
    for personal in (SECRET, "anna", str(tmp_path)):
        assert personal not in report.text
    assert report.path.read_text() == report.text
    assert report.path.stat().st_mode & 0o077 == 0
    assert reports.newest() == report
    assert reports.take_up({}) is None, "once"


def test_an_error_that_nobody_caught_is_told_without_its_message(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    reports = CrashReports(paths, Redactor())
    paths.crash_file.touch()
    assert reports.take_up(ABOUT) is None
    for ended in (False, False, True):
        try:
            Path(tmp_path / SECRET).read_text()
        except OSError as error:
            note_error(paths.crash_file, error, ended=ended)
    report = reports.take_up(ABOUT)
    assert report is not None
    assert report.ended
    assert report.text.count("FileNotFoundError") == 1, "the same one is told once"
    assert "pathlib.py, line" in report.text
    assert SECRET not in report.text
    assert "read_text()" not in report.text, "no line of a source, which may be a plug-in of the person's own"


def test_the_application_that_went_on_says_so(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    note_error(paths.crash_file, ValueError(SECRET), ended=False)
    report = CrashReports(paths, Redactor()).take_up({})
    assert report is not None
    assert not report.ended
    assert CrashReports(paths, Redactor()).newest() == report


def test_only_the_newest_reports_stay_until_they_are_forgotten(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    reports = CrashReports(paths, Redactor())
    reports.folder.mkdir()
    for number in range(8):
        (reports.folder / f"crash-20200101-00000{number}.txt").write_text("old")
    (reports.folder / "mine.txt").write_text("not ours")
    note_error(paths.crash_file, ValueError(), ended=True)
    assert reports.take_up({}) is not None
    kept = sorted(path.name for path in reports.folder.iterdir())
    assert len(kept) == MOST_REPORTS + 1
    assert "crash-20200101-000003.txt" not in kept
    reports.forget()
    assert [path.name for path in reports.folder.iterdir()] == ["mine.txt"]
    assert reports.newest() is None


def test_errors_that_come_again_and_again_do_not_fill_the_disk(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    for number in range(3000):
        note_error(paths.crash_file, ValueError(number), ended=False)
    assert paths.crash_file.stat().st_size < 60_000


def test_a_folder_that_takes_nothing_is_no_failure(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    note_error(paths.crash_file, ValueError(), ended=True)
    (paths.logs / "crashes").write_text("in the way")
    reports = CrashReports(paths, Redactor())
    assert reports.take_up({}) is None
    assert reports.newest() is None
    note_error(Path("/dev/full"), ValueError(), ended=True)
    # What could not be kept, for a full disk say, is told of once it can.
    (paths.logs / "crashes").unlink()
    report = reports.take_up({})
    assert report is not None
    assert "ValueError" in report.text
    assert reports.take_up({}) is None


def test_a_key_that_got_into_it_is_taken_out(tmp_path: Path) -> None:
    paths = folders(tmp_path)
    redact = Redactor()
    redact.add("plain_secret")
    note_error(paths.crash_file, AttributeError("'str' object has no attribute 'plain_secret'"), ended=True)
    report = CrashReports(paths, redact).take_up({})
    assert report is not None
    assert "plain_secret" not in report.text
    assert "AttributeError: 'str' object has no attribute '[redacted]'" in report.text


@given(st.text(max_size=300))
def test_no_line_of_another_kind_passes(text: str) -> None:
    marked = "\n".join(f"anna {line}" for line in text.splitlines())
    assert native_words(marked) == ""


@given(st.text(min_size=1, max_size=60))
def test_what_an_error_holds_is_not_told(text: str) -> None:
    held = f"anna{text}anna"
    for error in (ValueError(held), KeyError(held), OSError(2, held, held), TypeError(f"not '{held} x'")):
        assert "anna" not in error_words(error)


def test_errors_behind_errors_are_told_and_loops_end() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__context__ = second, first
    group = ExceptionGroup("many", [first, TypeError("x() takes no arguments")])
    words = error_words(group)
    assert [line.split(":")[0] for line in words.split("\n\n")] == [
        *("ExceptionGroup", "ValueError", "TypeError", "KeyError")
    ]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/home/anna/.venv/lib/python3.11/site-packages/httpx/_client.py", "httpx/_client.py"),
        ("/usr/lib/python3.11/asyncio/base_events.py", "asyncio/base_events.py"),
        ("C:\\Users\\anna\\app\\aiproxy_desktop\\ui\\x.py", "aiproxy_desktop/ui/x.py"),
        ("aiproxy_desktop/ui/x.py", "aiproxy_desktop/ui/x.py"),
        ("/home/anna/plug_in.py", "(elsewhere)"),
        ("../anna.py", "(elsewhere)"),
        ("<string>", "<string>"),
        ("<frozen runpy>", "<frozen runpy>"),
        ("", "(elsewhere)"),
    ],
)
def test_places_are_told_by_their_package(path: str, told: str) -> None:
    assert place_of(path) == told


def test_the_hook_of_uncaught_errors_leaves_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: LogGuard
) -> None:
    expected_logs.expect("nobody caught this")
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    paths = folders(tmp_path)
    with logging_to_file(paths, Redactor()):
        CrashReports(paths, Redactor()).take_up(ABOUT)
        sys.excepthook(ValueError, ValueError("x"), None)
        nothing: dict[str, str] = {}
        thread = threading.Thread(target=lambda: nothing["what was typed"])
        thread.start()
        thread.join()
    report = CrashReports(paths, Redactor()).take_up({})
    assert report is not None
    assert "ValueError" in report.text
    assert "KeyError\n" in report.text
    assert "typed" not in report.text
