"""Where programs and libraries look for others: beside them, or where the system says, and nowhere else.

A Python that was built by hand has its own place in each of its modules. On another machine that folder may
be anyone's, who could put a library there.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from shipping.errors import FreezeError
from shipping.freezing import elf_file


def foreign(search: str) -> bool:
    """Whether a list of folders, as an ELF file has it, names one that does not go with the file."""
    return any(folder and not folder.startswith("$ORIGIN") for folder in search.split(":"))


def forget_foreign(tree: Path) -> None:
    """Remove, from all machine code of a tree, the lists of folders that name this machine's.

    Raises:
        FreezeError: patchelf could not; what it says.
    """
    files = [path for path in sorted(tree.rglob("*")) if elf_file.is_elf(path)]
    wanting = [str(path) for path in files if foreign(elf_file.read(path).search)]
    if not wanting:
        return
    done = subprocess.run(
        ["patchelf", "--remove-rpath", *wanting], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise FreezeError(f"patchelf failed: {done.stderr.strip()}")
