"""Two builds of one commit are the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shipping.freezing.compare import differences
from shipping.layout import FROZEN, TOP

from tests.packaged.conftest import Figures
from tests.packaged.frozen import needs_frozen

PYTHON = TOP / ".venv-package" / "bin" / "python"
pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems sign what they build"),
    needs_frozen,
]


def test_frozen_once_more_it_is_the_same_to_the_last_byte(tmp_path: Path, figures: Figures) -> None:
    code = (
        "from pathlib import Path; import sys; from shipping.freezing.freeze import freeze; "
        "freeze(*map(Path, sys.argv[1:3]))"
    )
    subprocess.run(
        [PYTHON, "-c", code, tmp_path / "frozen", tmp_path / "work"],
        env={
            "PYTHONPATH": str(TOP / ".ci"),
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "TZ": "Pacific/Apia",
        },
        check=True,
        capture_output=True,
    )
    again = tmp_path / "frozen" / FROZEN.name
    licences = Path("_internal", "licences")  # another step adds them
    shutil.copytree(FROZEN / licences, again / licences)
    found = differences(FROZEN, again)
    figures.add("differences between two builds", str(len(found)), "0")
    assert not found
