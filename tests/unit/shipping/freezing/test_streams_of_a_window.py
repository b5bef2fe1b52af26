"""A program without a console can still be written to."""

from __future__ import annotations

import runpy
import sys
from contextlib import ExitStack

import pytest
from shipping.layout import TOP

HOOK = str(TOP / ".ci" / "shipping" / "freezing" / "run_first" / "streams_of_a_window.py")
NAMES = ("stdin", "stdout", "stderr")


def test_what_is_written_to_a_stream_that_is_not_there_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setattr(sys, name, None)
    runpy.run_path(HOOK)
    with ExitStack() as opened:
        for name in NAMES:
            opened.enter_context(getattr(sys, name))
        sys.stdout.write("said to nobody")
        sys.stderr.flush()
        assert sys.stdin.read() == ""


def test_a_stream_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [getattr(sys, name) for name in NAMES]
    runpy.run_path(HOOK)
    assert [getattr(sys, name) for name in NAMES] == before
