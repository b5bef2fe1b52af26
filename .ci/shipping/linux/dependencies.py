"""Which of Debian's packages the machine code of a tree needs."""

from __future__ import annotations

import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from shipping.errors import ShippingError
from shipping.freezing.elf_file import is_elf


@cache  # half a minute, and both packages hold the same programs
def packages_needed(tree: Path) -> tuple[str, ...]:
    """Relations as the field `Depends` has them, in order, by dpkg-shlibdeps over every program and library.

    Args:
        tree: the application; a library inside it is nobody's package.

    Raises:
        ShippingError: a library is neither inside nor of a package.
    """
    files = [path for path in sorted(tree.rglob("*")) if is_elf(path)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "debian").mkdir()
        (place / "debian" / "control").write_text("Source: x\n\nPackage: x\nArchitecture: any\n", "utf-8")
        # A line without packages says that a library needs none (deb-shlibs(5)), even if the system has it.
        known = sorted({line for path in tree.rglob("*.so*") if (line := _name_and_version(path.name))})
        (place / "debian" / "shlibs.local").write_text("".join(f"{line}\n" for line in known), "utf-8")
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
        command += [f"-l{parent}" for parent in sorted({str(path.parent) for path in files})]
        command += [f"-e{path}" for path in files]
        told = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if told.returncode:
        raise ShippingError(f"The packages needed cannot be told: {told.stderr.strip()}")
    relations = told.stdout.partition("shlibs:Depends=")[2].strip()
    return tuple(sorted(filter(None, re.split(r",\s*", relations))))


def _name_and_version(soname: str) -> str | None:
    """A library's name as dpkg takes it apart: `libGL 1` of libGL.so.1."""
    found = re.fullmatch(r"(.+)\.so\.(.+)", soname) or re.fullmatch(r"(.+)-(\d.*)\.so", soname)
    return f"{found[1]} {found[2]}" if found else None
