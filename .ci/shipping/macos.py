"""What people get on a Mac: the .dmg, signed and notarised where the environment says with what."""

from __future__ import annotations

import platform
import shutil
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
    import plistlib

    filled = marks.filled(MACOS / "Info.plist", xml=True)
    told: dict[str, object] = plistlib.loads(filled.encode())
    return told


def target() -> Path:
    """What people get; a Mac with Apple's own processor cannot share it with one of Intel's."""
    return OUT / f"{project.COMMAND}-{VERSION}-macos-{platform.machine()}.dmg"


def add_licences(tree: Path, bundle: Path) -> None:
    """Put the licences that were written into the frozen tree into the bundle, which was made before them.

    Modules are in its `Frameworks`; files that are no code belong into `Resources`, and a link leads there.
    """
    written = tree / "_internal" / "licences"
    if not written.is_dir():
        return
    place = bundle / "Contents" / "Resources" / written.name
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(written, place)
    link = bundle / "Contents" / "Frameworks" / written.name
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..", "Resources", written.name))


def make() -> None:
    """Leave it in `dist/`; elsewhere than on a Mac, say so.

    Raises:
        subprocess.CalledProcessError: it could not be made; the script said why.
    """
    if platform.system() != "Darwin":
        sys.stdout.write("No .dmg: what makes it is on a Mac alone.\n")
        return
    add_licences(FROZEN, BUNDLE)
    command = [str(MACOS / "make-dmg.sh"), str(BUNDLE), str(ENTITLEMENTS), str(target())]
    subprocess.run(command, check=True)
