"""The AppImage: one file that runs on any Linux desktop, without being installed.

It is the runtime of the AppImage project, which mounts what follows it, followed by a SquashFS of an AppDir
(docs.appimage.org/reference/appdir.html, github.com/AppImage/AppImageSpec, "Image format", type 2). Its
runtime is the one part not made here: APPIMAGE_RUNTIME names its file. Without it there is the AppDir alone.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from shipping import marks
from shipping.errors import ShippingError
from shipping.layout import BUILD, FROZEN, INSTALLER_FILES, OUT, VERSION, epoch, project, whole
from shipping.linux import desktop_files
from shipping.releasing.checksums import digest

APP_DIR = BUILD / "appimage" / f"{project.COMMAND}.AppDir"

# github.com/AppImage/type2-runtime, release 20251108, by the machine's name: the SHA-256 of its file.
RUNTIMES = {
    "x86_64": "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d",
    "aarch64": "00cbdfcf917cc6c0ff6d3347d59e0ca1f7f45a6df1a428a0d6d8a78664d87444",
}


def target() -> Path:
    """What people get."""
    return OUT / f"{project.COMMAND}-{VERSION}-linux-{platform.machine()}.AppImage"


def lay(frozen: Path = FROZEN, app_dir: Path = APP_DIR) -> Path:
    """Lay the AppDir anew: AppRun, the desktop entry and the icon at its top, all else below `usr`.

    Raises:
        ShippingError: the application is not frozen yet.
    """
    whole(frozen)
    shutil.rmtree(app_dir, ignore_errors=True)
    share = app_dir / "usr" / "share"
    shutil.copytree(frozen, app_dir / "usr" / "lib" / project.COMMAND, symlinks=True)
    desktop_files.put(share)
    marks.write(INSTALLER_FILES / "appimage" / "AppRun", app_dir / "AppRun")
    # Whoever shows or integrates an AppImage looks for these at the top.
    entry = f"{project.COMMAND}.desktop"
    (app_dir / entry).symlink_to(Path("usr", "share", "applications", entry))
    icon = Path("usr", "share", "icons", "hicolor", "256x256", "apps", f"{project.COMMAND}.png")
    (app_dir / icon.name).symlink_to(icon)
    (app_dir / ".DirIcon").symlink_to(icon.name)
    return app_dir


def runtime() -> Path | None:
    """The runtime's file, which APPIMAGE_RUNTIME names; None where it is not set.

    Raises:
        ShippingError: it is not the one that was chosen, or there is none for this machine.
    """
    named = os.environ.get("APPIMAGE_RUNTIME")
    if not named:
        return None
    wanted = RUNTIMES.get(platform.machine())
    path = Path(named)
    if wanted is None or not path.is_file() or digest(path) != wanted:
        raise ShippingError(
            f"APPIMAGE_RUNTIME names {named}, which is not the runtime whose hash appimage.py has."
        )
    return path


def pack(app_dir: Path, runtime_file: Path, image: Path) -> None:
    """Make one file of the runtime and the AppDir, the same each time.

    Raises:
        subprocess.CalledProcessError: mksquashfs failed; it said why.
    """
    image.parent.mkdir(parents=True, exist_ok=True)
    image.unlink(missing_ok=True)
    squashed = app_dir.with_suffix(".squashfs")
    squashed.unlink(missing_ok=True)
    command = ["mksquashfs", str(app_dir), str(squashed)]
    command += ["-root-owned", "-noappend", "-no-progress", "-quiet"]
    command += ["-comp", "zstd", "-Xcompression-level", "19", "-b", "256K", "-no-xattrs"]
    # Of itself it only brings times down to SOURCE_DATE_EPOCH, and refuses to be told both ways.
    command += ["-mkfs-time", str(epoch()), "-all-time", str(epoch())]
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(command, env=environment, check=True)
    with image.open("wb") as written:
        for part in (runtime_file, squashed):
            with part.open("rb") as file:
                shutil.copyfileobj(file, written)
    squashed.unlink()
    image.chmod(0o755)


def make() -> None:
    """Leave the AppImage in `dist/`, or say what it needs."""
    app_dir = lay()
    runtime_file = runtime()
    if runtime_file is None:
        sys.stdout.write(f"No AppImage: APPIMAGE_RUNTIME is not set. Its AppDir is in {app_dir}.\n")
        return
    pack(app_dir, runtime_file, target())
