"""Whose a file is: a Python package's, Python's, the system's, or this project's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Literal

from shipping.layout import BUILD, TOP
from shipping.licensing import known
from shipping.licensing.tocs import BASE_LIBRARY

Whose = Literal["project", "package", "python", "system", "nobody"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The owner of a file; `name` is its package's, as PyPI or Debian spells it."""

    whose: Whose
    name: str = ""


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package of the system's, as dpkg knows it.

    Attributes:
        version: of what it packs.
        whole: the same with the packaging's own, which lists of mended faults go by.
        documents: where its copyright file lies.
    """

    name: str
    source: str
    version: str
    whole: str
    documents: Path


def normal(name: str) -> str:
    """A package's name as all compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, Distribution]:
    """The packages beside which this runs, which are those that were frozen."""
    return {normal(found.name): found for found in distributions()}


class Origins:
    """Looks owners up; reads what is installed once."""

    def __init__(self, packages: dict[str, Distribution]) -> None:
        self._owners: dict[str, str] = {}
        for name, package in packages.items():
            folder = str(Path(str(package.locate_file(""))).resolve())
            recorded = (os.path.normpath(f"{folder}/{file}") for file in package.files or ())
            self._owners |= dict.fromkeys(map(os.path.normcase, recorded), name)
        base = Path(sys.base_prefix).resolve()
        standard = Path(sysconfig.get_path("stdlib")).resolve()
        # Under /usr everything else is the system's too.
        self._python = (standard,) if base == Path("/usr") else (standard, base)

    def of(self, files: Iterable[Path]) -> dict[Path, Origin]:
        """The owner of each."""
        found = {file: self._at_once(file) for file in files}
        asked = [file for file, origin in found.items() if origin.whose == "nobody"]
        told = _owners_by_dpkg(asked)
        return found | {file: _of_package(owner) for file, owner in told.items()}

    def _at_once(self, file: Path) -> Origin:
        real = file.resolve()
        owner = self._owners.get(os.path.normcase(real))
        if owner:
            return Origin("package", owner)
        if real.is_relative_to(BUILD.resolve()):
            inner = real.relative_to(BUILD.resolve()).parts[0]
            if inner != "pyinstaller":
                return _built(real.name)
            # The executable and the modules it starts with; and Python's own that it needs first.
            return Origin("python") if real.name == BASE_LIBRARY else Origin("package", "pyinstaller")
        if any(real.is_relative_to(folder) for folder in self._python):
            return Origin("python")
        ours = real.is_relative_to(TOP) and not real.is_relative_to(Path(sys.prefix).resolve())
        return Origin("project" if ours else "nobody")


def _of_package(owner: str) -> Origin:
    # Debian has Python in several packages.
    return Origin("python") if re.match(r"(lib)?python3", owner) else Origin("system", owner)


def _built(name: str) -> Origin:
    for patterns, whose, owner in known.built():
        if known.matches(patterns, name):
            return Origin("system" if whose == "system" else "package", owner)
    return Origin("nobody")


def _owners_by_dpkg(files: list[Path]) -> dict[Path, str]:
    """Debian's packages of the files that belong to one."""
    # A file is known to dpkg under the one name of /lib and /usr/lib that its package chose.
    spelled: dict[str, Path] = {}
    for file in files:
        for path in (file, file.resolve()):
            text = str(path)
            spelled |= dict.fromkeys((text, text.removeprefix("/usr"), f"/usr{text}"), file)
    if not spelled:
        return {}
    try:
        told = subprocess.run(
            ["dpkg-query", "--search", *spelled], capture_output=True, text=True, check=False
        )  # it also ends with 1 where it knew only some of them
    except FileNotFoundError:
        return {}
    found: dict[Path, str] = {}
    for line in told.stdout.splitlines():
        names, _, where = line.partition(": ")
        if where in spelled:
            found[spelled[where]] = names.split(",")[0].split(":")[0]
    return found


def system_package(name: str) -> SystemPackage:
    """What dpkg knows of an installed package."""
    shape = "${source:Package}\t${source:Upstream-Version}\t${Version}\n"
    told = subprocess.run(
        ["dpkg-query", "--show", f"--showformat={shape}", name], capture_output=True, text=True, check=True
    )
    source, version, whole = told.stdout.splitlines()[0].split("\t")
    return SystemPackage(name, source, version, whole, Path("/usr/share/doc") / name)
