"""A folder `data` beside the frozen application holds all it keeps, and the person's home nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from shipping.layout import FROZEN

from tests.display import private_display

pytestmark = pytest.mark.skipif(
    not (FROZEN / "aiproxy-desktop").is_file(), reason="nothing is frozen: `make package` does that"
)
_PATIENCE = 300


def link(source: str, target: str) -> None:
    """The same file under another name; a copy of it where that is another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_all_of_it_is_carried_along(tmp_path: Path) -> None:
    # With a name as sticks have them.
    stick, home = tmp_path / "Anna's stick é", tmp_path / "home"
    shutil.copytree(FROZEN, stick, symlinks=True, copy_function=link)
    (stick / "data").mkdir()
    home.mkdir()
    with private_display() as name:
        environ = {"DISPLAY": name, "HOME": str(home), "OLLAMA_HOST": "127.0.0.1:1", "PATH": os.defpath}
        done = subprocess.run(
            [stick / "aiproxy-desktop", "--smoke", tmp_path / "seen.png", "--prompt", "Say hello."],
            env=environ,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
    assert done.returncode == 0, done.stderr
    kept = {path.name for path in (stick / "data").iterdir()}
    assert kept >= {"conversations.db", "settings.json", "logs", "cache"}
    assert [path for path in home.rglob("*") if path.is_file()] == []
