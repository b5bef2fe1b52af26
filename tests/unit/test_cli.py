from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from aiproxy_desktop import cli, commands
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.paths import AppPaths
from tests.guards import LogGuard


def test_an_error_nobody_planned_for_is_kept_without_the_keys_met_on_the_way(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    expected_logs: LogGuard,
) -> None:
    async def fail(options: argparse.Namespace, redactor: Redactor) -> None:
        redactor.add("of-no-known-shape-4f2a")
        raise ValueError("sent of-no-known-shape-4f2a")

    monkeypatch.setattr(commands, "ask", fail)
    expected_logs.expect("unexpected")
    assert cli.main(["--data-dir", str(tmp_path), "ask", "Hello"]) == 1
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "went wrong (ValueError)" in complaint
    log = AppPaths.resolve(str(tmp_path), {}).log_file.read_text()
    assert "ValueError: sent [redacted]" in log
    assert "4f2a" not in log


def test_an_error_that_ends_the_window_is_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: LogGuard
) -> None:
    def fail(_options: argparse.Namespace) -> int:
        raise ValueError("dear Anna")

    monkeypatch.setattr(cli, "_open_window", fail)
    expected_logs.expect("unexpected")
    paths = AppPaths.resolve(str(tmp_path), {})
    assert cli.main(["--data-dir", str(tmp_path), "open", "a.txt"]) == 1
    kept = paths.crash_file.read_text()
    assert "ValueError" in kept
    assert "Anna" not in kept
