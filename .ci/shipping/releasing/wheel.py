"""The wheel and the source archive, for those who install with pip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shipping.layout import OUT, TOP, VERSION, epoch


def wheel_name(version: str = VERSION) -> str:
    """The file of the wheel."""
    return f"aiproxy_desktop-{version}-py3-none-any.whl"


def source_name(version: str = VERSION) -> str:
    """The file of the source archive."""
    return f"aiproxy_desktop-{version}.tar.gz"


def make() -> None:
    """Leave both in `dist/`.

    Raises:
        subprocess.CalledProcessError: they could not be made; hatchling said why.
    """
    build(TOP, OUT, epoch())


def build(top: Path, folder: Path, seconds: int, *targets: str) -> None:
    """Build from a tree, or from an unpacked source archive, by pyproject.toml alone.

    Args:
        top: where pyproject.toml is.
        folder: where they go.
        seconds: since 1970, which every file in them bears.
        targets: `wheel`, `sdist`; by default both.

    Raises:
        subprocess.CalledProcessError: they could not be made; hatchling said why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    for target in targets:
        command += ["--target", target]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(seconds)}
    done = subprocess.run(command, cwd=top, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)  # nobody wants to hear of what worked
        done.check_returncode()
