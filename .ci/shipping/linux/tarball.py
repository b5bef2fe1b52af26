"""The archive for every Linux: the application to start at once, carry along, or install without root."""

from __future__ import annotations

import gzip
import platform
import shutil
import tarfile
from pathlib import Path

from shipping import marks
from shipping.layout import BUILD, FROZEN, OUT, TOP, VERSION, epoch, project, whole
from shipping.linux import desktop_files

_SCRIPTS = ("install.sh", "uninstall.sh")


def target() -> Path:
    """Where people find it."""
    return OUT / f"{project.COMMAND}-{VERSION}-linux-{platform.machine()}.tar.gz"


def make() -> None:
    """Leave it in `dist/`."""
    folder = BUILD / "tarball" / target().name.removesuffix(".tar.gz")
    pack(lay(FROZEN, folder), target())


def lay(frozen: Path, folder: Path) -> Path:
    """Lay out anew what is in it; returns the folder.

    Raises:
        ShippingError: the application is not frozen yet.
    """
    whole(frozen)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(frozen, folder, symlinks=True)
    desktop_files.put(folder / "share")
    for name in (*_SCRIPTS, "README.txt"):
        marks.write(desktop_files.LINUX / name, folder / name)
    shutil.copyfile(TOP / "LICENSE", folder / "LICENSE")
    return folder


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder the same way each time: sorted, of nobody, one time, modes by what can be started."""
    archive.parent.mkdir(parents=True, exist_ok=True)

    def even(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = epoch()
        program = entry.isdir() or entry.name.rpartition("/")[2] in (project.COMMAND, *_SCRIPTS)
        entry.mode = 0o755 if program else 0o644
        return entry

    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=epoch()) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            tar.add(path, str(path.relative_to(folder.parent)), recursive=False, filter=even)
