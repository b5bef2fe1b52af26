"""Programs that the frozen application starts find their own libraries."""

from __future__ import annotations

import os
import runpy

import pytest
from shipping.layout import TOP

HOOK = str(TOP / ".ci" / "shipping" / "freezing" / "run_first" / "restored_environment.py")
pytestmark = pytest.mark.skipif("not sys.platform.startswith('linux')", reason="the variable is Linux'")


def test_what_was_set_before_is_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/application/_internal:/theirs")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    runpy.run_path(HOOK)
    assert os.environ["LD_LIBRARY_PATH"] == "/theirs"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_what_was_not_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/application/_internal")
    monkeypatch.setenv("_PYI_PARENT_PROCESS_LEVEL", "0")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    runpy.run_path(HOOK)
    assert "LD_LIBRARY_PATH" not in os.environ
    assert "_PYI_PARENT_PROCESS_LEVEL" not in os.environ
