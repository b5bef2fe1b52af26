"""Programs and libraries of a tree, and what Debian's packages they need."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path


def elf_files(tree: Path) -> list[Path]:
    """Every program, library and module in machine code, in order; links are left out."""
    return [path for path in sorted(tree.rglob("*")) if _is_elf(path)]


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def packages_needed(tree: Path, loaded: Iterable[Path] = ()) -> list[str]:
    """Relations of Debian that all machine code of a tree needs, as `Depends` has them, in order.

    Args:
        tree: the application; a library inside it is nobody's package.
        loaded: programs or libraries of the system that need others for it.

    Raises:
        RuntimeError: a library is neither inside nor of a package; dpkg-shlibdeps named it.
    """
    files = elf_files(tree)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "debian").mkdir()
        (place / "debian" / "control").write_text("Source: x\n\nPackage: x\nArchitecture: any\n", "utf-8")
        # A line without packages says that this one needs none (deb-shlibs(5)), also where the system has its like.
        inside = {path.name for path in tree.rglob("*.so*")}
        known = [f"{name} {version}" for name, version in sorted(filter(None, map(_parts, inside)))]
        (place / "debian" / "shlibs.local").write_text("".join(f"{line}\n" for line in known), "utf-8")
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
        command += [f"-l{folder}" for folder in sorted({str(path.parent) for path in files})]
        command += [f"-e{path}" for path in [*files, *loaded]]
        told = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if told.returncode:
        raise RuntimeError(told.stderr.strip())
    relations = told.stdout.partition("shlibs:Depends=")[2].strip()
    return sorted(re.split(r",\s*", relations)) if relations else []


def _parts(soname: str) -> tuple[str, str] | None:
    """A library's name and version, as dpkg takes them apart."""
    found = re.fullmatch(r"(.+)\.so\.(.+)", soname) or re.fullmatch(r"(.+)-(\d.*)\.so", soname)
    return (found[1], found[2]) if found else None
