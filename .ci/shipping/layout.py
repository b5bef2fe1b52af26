"""Where the steps find what they need and leave what they make."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from shipping.errors import ShippingError

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP))

from aiproxy_desktop import __version__ as VERSION  # noqa: E402, N812  # the path above is needed for it
from aiproxy_desktop import project  # noqa: E402

__all__ = [
    "BUILD",
    "FROZEN",
    "ICONS",
    "INSTALLER_FILES",
    "LIBRARIES",
    "MODELS",
    "OUT",
    "TOP",
    "VERSION",
    "architecture",
    "epoch",
    "project",
    "whole",
]

# What only serves on the way.
BUILD = TOP / "build"
# The application as PyInstaller leaves it: the executable, and `_internal` beside it.
FROZEN = BUILD / "frozen" / project.COMMAND
# In it, the model that one can do without: packages without it are the same tree but for this file.
MODELS = FROZEN / "_internal" / "aiproxy_desktop" / "resources" / "models"
# Libraries made for the frozen application, in place of those of the same name.
LIBRARIES = BUILD / "libraries"
# The application's icon in every size and form.
ICONS = BUILD / "icons"
# Desktop files, scripts and descriptions of packages.
INSTALLER_FILES = TOP / "resources" / "installer"
# What people get.
OUT = TOP / "dist"


def whole(frozen: Path) -> Path:
    """A frozen application that can be packed: it has its program, and the licences of all that is in it.

    Raises:
        ShippingError: a step that comes before is missing.
    """
    if not any(frozen.glob(f"{project.COMMAND}*")):
        raise ShippingError(f"There is no application in {frozen}: do the step freeze first.")
    if not (frozen / "_internal" / "licences" / "components.json").is_file():
        raise ShippingError(f"The application in {frozen} has no licences: do the step licences first.")
    return frozen


def architecture() -> str:
    """The machine's, in Debian's word (amd64, arm64)."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def epoch() -> int:
    """Seconds since 1970 that every file of a package bears: SOURCE_DATE_EPOCH, else the commit's.

    See reproducible-builds.org/specs/source-date-epoch.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    told = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=TOP, capture_output=True, text=True, check=True
    )
    return int(told.stdout)
