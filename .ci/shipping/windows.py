"""What people get on Windows: the installer, by Inno Setup, and the same files in a folder to carry about."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from shipping import icons, marks
from shipping.layout import BUILD, FROZEN, INSTALLER_FILES, OUT, TOP, VERSION, epoch, project, whole

FOLDER = BUILD / "windows"
SCRIPT = FOLDER / "setup.iss"
VERSION_RESOURCE = FOLDER / "version.txt"

# For terminals, which look for .com before .exe: as pyinstaller.spec names it, and as people have it.
CONSOLE = (f"{project.COMMAND}-console.exe", f"{project.COMMAND}.com")

# Inno Setup 6, where its own installer puts it.
_USUAL = ("C:/Program Files (x86)/Inno Setup 6/ISCC.exe", "C:/Program Files/Inno Setup 6/ISCC.exe")


def version_resource() -> Path:
    """What `EXE(version=…)` of pyinstaller.spec reads."""
    return marks.write(INSTALLER_FILES / "windows" / "version.txt", VERSION_RESOURCE)


def script() -> Path:
    """The script of the installer, filled in."""
    return marks.write(INSTALLER_FILES / "windows" / "setup.iss", SCRIPT, TOP=_as_inno_wants(TOP))


def target() -> Path:
    """The installer."""
    return OUT / f"{project.COMMAND}-{VERSION}-windows-x86_64-setup.exe"


def portable_target() -> Path:
    """The folder to carry about."""
    return OUT / f"{project.COMMAND}-{VERSION}-windows-x86_64-portable.zip"


def compiler() -> str | None:
    """Inno Setup's: ISCC says where, else it is looked for; None where there is none."""
    named = os.environ.get("ISCC") or shutil.which("ISCC")
    return named or next((path for path in _USUAL if Path(path).is_file()), None)


def pack(frozen: Path, archive: Path) -> None:
    """A .zip of the application with a folder `data`, by which it keeps everything beside itself.

    Each file bears the same time, and they stand in the order of their names.
    """
    at = datetime.fromtimestamp(epoch(), UTC)
    moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(frozen.rglob("*")):
            if path.is_file():
                name = path.relative_to(frozen.parent).as_posix().replace(*CONSOLE)
                packed.writestr(
                    _entry(name, moment, 0o755 if os.access(path, os.X_OK) else 0o644), path.read_bytes()
                )
        packed.writestr(_entry(f"{frozen.name}/data/", moment, 0o755), b"")


def _entry(name: str, moment: tuple[int, int, int, int, int, int], mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, moment)
    entry.create_system = 3  # whatever packs it, the permissions are written as Unix has them
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def sign(path: Path) -> None:
    """Sign a file with the command of WINDOWS_SIGN_TOOL, if there is one.

    It is written as Inno Setup wants it: `$f` stands for the file, `$q` for a quotation mark.

    Raises:
        subprocess.CalledProcessError: it could not be signed.
    """
    command = os.environ.get("WINDOWS_SIGN_TOOL")
    if command:
        words = [
            word.replace("$f", str(path)) for word in shlex.split(command.replace("$q", '"'), posix=False)
        ]
        subprocess.run([word.strip('"') for word in words], check=True)


def make() -> None:
    """Leave both in `dist/`; without Inno Setup say so, and leave the script in `build/windows`.

    Raises:
        ShippingError: the application is not frozen yet.
        subprocess.CalledProcessError: Inno Setup refused the script, or a signature failed; each said why.
    """
    icons.make()
    path = script()
    for program in sorted(whole(FROZEN).glob("*.exe")):
        sign(program)
    pack(FROZEN, portable_target())
    inno = compiler()
    if inno is None:
        sys.stdout.write(f"No installer: Inno Setup is not here (ISCC may name it). Its script is {path}.\n")
        return
    tool = os.environ.get("WINDOWS_SIGN_TOOL")
    options = [f"/Ssigning={tool}", "/DSign=signing"] if tool else []
    subprocess.run([inno, "/Qp", *options, str(path)], cwd=TOP, check=True)


def _as_inno_wants(path: Path) -> str:
    return str(path).rstrip("\\/")
