"""Debian's packages: the application with its model, and the slim one without."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from shipping import desktop_files
from shipping.dependencies import packages_needed
from shipping.layout import BUILD, FROZEN, OUT, VERSION, architecture, epoch, project

# What is opened by name while it runs, so that no header of a file tells: QtDBus, and what lists the sound devices.
_LOADED = ("libdbus-1-3", "libx11-xcb1")
_RECOMMENDED = (
    "ca-certificates",
    "fonts-noto-color-emoji",
    "gnome-keyring | kwalletmanager | keepassxc",
    "libasound2-plugins",
    "libpulse0",
)
_SUGGESTED = ("ollama",)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the packages.

    Attributes:
        package: its name.
        headline: one line, as lists of packages show it.
        with_model: whether the built-in model's file comes along.
    """

    package: str
    headline: str
    with_model: bool


FULL = Kind(project.COMMAND, "chat with AI models in one window, one built in", with_model=True)
SLIM = Kind(f"{project.COMMAND}-slim", "chat with AI models in one window", with_model=False)


def debian_version(version: str) -> str:
    """A version as Debian sorts it: 1.2.0rc1 comes before 1.2.0."""
    for mark in ("a", "b", "rc", ".dev"):
        version = version.replace(mark, f"~{mark.strip('.')}")
    return version


def package_file(kind: Kind) -> Path:
    """Where the package lies once it is made."""
    return OUT / f"{kind.package}_{debian_version(VERSION)}_{architecture()}.deb"


def make() -> None:
    """Leave both in `dist/`."""
    OUT.mkdir(exist_ok=True)
    for kind in (FULL, SLIM):
        build(kind)


def build(kind: Kind, version: str = VERSION, target: Path | None = None) -> Path:
    """Make one of them.

    Args:
        kind: which.
        version: what it says it is; a test of upgrades says something lower.
        target: the file; without it the one in `dist/`.

    Returns:
        the file.
    """
    root = BUILD / "deb" / kind.package
    shutil.rmtree(root, ignore_errors=True)
    lay(kind, version, root)
    target = target or package_file(kind)
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z9", "--build", str(root), str(target)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return target


def lay(kind: Kind, version: str, root: Path) -> None:
    """Lay out what is in the package, and what dpkg wants to know of it, below a folder."""
    application = root / "usr" / "lib" / project.COMMAND
    shutil.copytree(FROZEN, application, symlinks=True)
    if not kind.with_model:
        for model in application.rglob("*.gguf"):
            model.unlink()
    command = root / "usr" / "bin" / project.COMMAND
    command.parent.mkdir(parents=True)
    command.symlink_to(f"../lib/{project.COMMAND}/{project.COMMAND}")
    share = root / "usr" / "share"
    desktop_files.put(share)
    _documents(kind, version, share / "doc" / kind.package)
    _even(root)
    _control(kind, version, root)


def _documents(kind: Kind, version: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "copyright").write_text(desktop_files.filled("copyright"), "utf-8")
    day = format_datetime(datetime.fromtimestamp(epoch(), UTC))
    entry = (
        f"{kind.package} ({debian_version(version)}) stable; urgency=medium\n\n  * See {project.REPOSITORY}\n"
    )
    entry += f"\n -- {project.MAINTAINER}  {day}\n"
    (folder / "changelog.gz").write_bytes(gzip.compress(entry.encode(), 9, mtime=0))


def _even(root: Path) -> None:
    """The same modes and times wherever it is built; only the program itself is one to start."""
    for path in root.rglob("*"):
        if not path.is_symlink():
            program = path.is_dir() or path.name == project.COMMAND
            path.chmod(0o755 if program else 0o644)
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)


def _control(kind: Kind, version: str, root: Path) -> None:
    other = SLIM if kind is FULL else FULL
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    needed = sorted({*packages_needed(root / "usr" / "lib" / project.COMMAND), *_LOADED})
    fields = {
        "Package": kind.package,
        "Version": debian_version(version),
        "Architecture": architecture(),
        "Maintainer": project.MAINTAINER,
        "Installed-Size": str(sum(-(-path.stat().st_size // 1024) for path in files)),
        "Depends": ", ".join(needed),
        "Recommends": ", ".join(_RECOMMENDED),
        "Suggests": ", ".join(_SUGGESTED),
        "Conflicts": other.package,
        "Replaces": other.package,
        **({} if kind is FULL else {"Provides": f"{FULL.package} (= {debian_version(version)})"}),
        "Section": "net",
        "Priority": "optional",
        "Homepage": project.REPOSITORY,
        "Description": f"{kind.headline}\n {project.SUMMARY}.",
    }
    folder = root / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text("".join(f"{name}: {text}\n" for name, text in fields.items()), "utf-8")
    sums = [f"{_md5(path)}  {path.relative_to(root)}\n" for path in sorted(files)]
    (folder / "md5sums").write_text("".join(sums), "utf-8")


def _md5(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
