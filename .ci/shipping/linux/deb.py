"""Debian's packages: the application with its built-in model, and the slim one without."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

from shipping import marks
from shipping.layout import BUILD, FROZEN, MODELS, OUT, VERSION, architecture, epoch, project, whole
from shipping.linux import deb_control, desktop_files
from shipping.linux.deb_control import FULL, SLIM, Package
from shipping.releasing import release_notes

# Where the frozen application lies in a package, below its root.
APPLICATION = Path("usr", "lib", project.COMMAND)


def target(package: Package, version: str = VERSION) -> Path:
    """Where people find it."""
    return OUT / f"{package.name}_{version}_{architecture()}.deb"


def make() -> None:
    """Leave both in `dist/`."""
    for package in (FULL, SLIM):
        build(package)


def build(package: Package, version: str = VERSION, file: Path | None = None, *, quick: bool = False) -> Path:
    """Make one of them.

    Args:
        package: which.
        version: what it says it is; a test of upgrades says something lower.
        file: where to; without it, `target`.
        quick: hardly compressed, for tests.

    Returns:
        the file.

    Raises:
        ShippingError: the application is not frozen yet.
        subprocess.CalledProcessError: dpkg-deb failed; it said why.
    """
    root = BUILD / "deb" / package.name
    lay(package, version, root)
    file = file or target(package, version)
    file.parent.mkdir(parents=True, exist_ok=True)
    strength = ["-Zgzip", "-z1"] if quick else ["-Zxz", "-z6"]
    command = ["dpkg-deb", "--root-owner-group", *strength, "--build", str(root), str(file)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return file


def lay(package: Package, version: str, root: Path) -> None:
    """Lay out anew, below a folder, what is in the package and what dpkg wants to know of it.

    Raises:
        ShippingError: the application is not frozen yet.
    """
    whole(FROZEN)
    shutil.rmtree(root, ignore_errors=True)
    application = root / APPLICATION
    left_out = None if package.with_model else shutil.ignore_patterns(MODELS.name)
    shutil.copytree(FROZEN, application, symlinks=True, ignore=left_out)
    command = root / "usr" / "bin" / project.COMMAND
    command.parent.mkdir(parents=True)
    command.symlink_to(Path("..", "lib", project.COMMAND, project.COMMAND))
    desktop_files.put(root / "usr" / "share")
    _put_documents(package, version, root / "usr" / "share")
    _make_even(root)
    deb_control.put(package, version, root)


def _put_documents(package: Package, version: str, share: Path) -> None:
    documents = share / "doc" / package.name
    documents.mkdir(parents=True)
    (documents / "copyright").write_text(deb_control.rights(FROZEN), "utf-8")
    told = release_notes.as_debian(release_notes.releases(), package.name, version)
    (documents / "changelog.gz").write_bytes(gzip.compress(told.encode(), 9, mtime=0))
    overrides = share / "lintian" / "overrides" / package.name
    marks.write(desktop_files.LINUX / "lintian-overrides", overrides, PACKAGE=package.name)


def _make_even(root: Path) -> None:
    """The same modes and times wherever it is built; the program itself is the one file to start."""
    for path in sorted(root.rglob("*"), reverse=True):
        if not path.is_symlink():
            program = path.is_dir() or path == root / APPLICATION / project.COMMAND
            path.chmod(0o755 if program else 0o644)
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)
