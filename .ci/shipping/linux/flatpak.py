"""The Flatpak: a folder that has all `flatpak-builder` needs, and the bundle where that and its runtime are.

The folder can be carried to where they are: `build.sh` in it does the rest, without a network.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from shipping import marks
from shipping.layout import BUILD, FROZEN, INSTALLER_FILES, OUT, VERSION, epoch, project, whole
from shipping.linux import desktop_files

FOLDER = BUILD / "flatpak"
BUILD_SCRIPT = "build.sh"
MANIFEST = f"{project.APPLICATION_ID}.yml"
# Of org.freedesktop.Platform, which has what the frozen application asks of a system.
RUNTIME_VERSION = "25.08"
BRANCH = "stable"


def target() -> Path:
    """What people get."""
    return OUT / f"{project.COMMAND}-{VERSION}-linux-{platform.machine()}.flatpak"


def lay(frozen: Path = FROZEN, folder: Path = FOLDER) -> Path:
    """Lay the folder anew: the manifest, which is returned, the application, and what a desktop reads of it.

    Raises:
        ShippingError: the application is not frozen yet.
    """
    whole(frozen)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(frozen, folder / "application", symlinks=True)
    desktop_files.put(folder / "share")
    # The manifest renames the others; of kinds of files older versions of flatpak-builder know nothing.
    kinds = folder / "share" / "mime" / "packages"
    (kinds / f"{project.COMMAND}.xml").rename(kinds / f"{project.APPLICATION_ID}.xml")
    templates = INSTALLER_FILES / "flatpak"
    marks.write(templates / BUILD_SCRIPT, folder / BUILD_SCRIPT, BRANCH=BRANCH, EPOCH=str(epoch()))
    return marks.write(templates / "manifest.yml", folder / MANIFEST, RUNTIME_VERSION=RUNTIME_VERSION)


def what_lacks() -> str:
    """What of the tools is not here, in words; nothing where all are."""
    if shutil.which("flatpak-builder") is None:
        return "flatpak-builder is not installed"
    for part in ("Platform", "Sdk"):
        name = f"org.freedesktop.{part}//{RUNTIME_VERSION}"
        if subprocess.run(["flatpak", "info", name], capture_output=True, check=False).returncode:
            return f"{name} is not installed"
    return ""


def make() -> None:
    """Leave the bundle in `dist/`, or say what it needs.

    Raises:
        subprocess.CalledProcessError: it could not be made; flatpak-builder said why.
    """
    manifest = lay()
    lacking = what_lacks()
    if lacking:
        sys.stdout.write(f"No Flatpak: {lacking}. What it is made of is in {manifest.parent}.\n")
        return
    subprocess.run([str(manifest.parent / BUILD_SCRIPT), str(target())], check=True)
