"""The frozen application, where it was made; and copies of it, to be changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from shipping.layout import FROZEN, project

PROGRAM = FROZEN / project.COMMAND

needs_frozen = pytest.mark.skipif(not PROGRAM.is_file(), reason="nothing is frozen: `make package` does that")


def copied(target: Path) -> Path:
    """The whole folder once more, at `target`; the files are the same ones, and may be replaced alone."""
    return shutil.copytree(FROZEN, target, symlinks=True, copy_function=_link)


def _link(source: str, target: str) -> None:
    """The same file under another name; a copy of it where that is another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
