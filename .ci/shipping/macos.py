"""What people get on a Mac: the .dmg, signed and notarised where the environment says with what."""

from __future__ import annotations

import platform
import plistlib
import subprocess
import sys
from pathlib import Path

from shipping import marks
from shipping.layout import FROZEN, INSTALLER_FILES, OUT, VERSION, project

MACOS = INSTALLER_FILES / "macos"
ENTITLEMENTS = MACOS / "entitlements.plist"
# Where `BUNDLE` of pyinstaller.spec leaves it, beside the folder of the other systems.
BUNDLE = FROZEN.parent / f"{project.NAME}.app"


def information() -> dict[str, object]:
    """What `BUNDLE(info_plist=…)` of pyinstaller.spec takes, beside what PyInstaller writes itself."""
    filled = marks.filled(MACOS / "Info.plist", xml=True)
    told: dict[str, object] = plistlib.loads(filled.encode())
    return told


def target() -> Path:
    """What people get; a Mac with Apple's own processor cannot share it with one of Intel's."""
    return OUT / f"{project.COMMAND}-{VERSION}-macos-{platform.machine()}.dmg"


def make() -> None:
    """Leave it in `dist/`; elsewhere than on a Mac, say so.

    Raises:
        subprocess.CalledProcessError: it could not be made; the script said why.
    """
    if platform.system() != "Darwin":
        sys.stdout.write("No .dmg: what makes it is on a Mac alone.\n")
        return
    command = [str(MACOS / "make-dmg.sh"), str(BUNDLE), str(ENTITLEMENTS), str(target())]
    subprocess.run(command, check=True)
