"""A folder `data` beside the frozen application holds all it keeps, and the person's home nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.display import private_display
from tests.packaged.frozen import copied, needs_frozen

pytestmark = needs_frozen
_PATIENCE = 300


def test_all_of_it_is_carried_along(tmp_path: Path) -> None:
    # With a name as sticks have them.
    stick, home = tmp_path / "Anna's stick é", tmp_path / "home"
    copied(stick)
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
