"""Print the Debian packages this machine lacks, of those that `system-packages` lists for some groups."""

import ctypes
import importlib
import os
import shutil
import sys
import sysconfig


def is_there(kind: str, name: str) -> bool:
    """Whether the dynamic loader, PATH, this Python or the disk has it."""
    if kind == "program":
        return shutil.which(name) is not None
    if kind == "file":
        return os.path.exists(name)  # noqa: PTH110 - runs before anything is set up; kept to what starts fast
    if kind == "header":
        return os.path.exists(os.path.join(sysconfig.get_path("include"), name))  # noqa: PTH110, PTH118 - as above
    try:
        if kind == "lib":
            ctypes.CDLL(name)
        else:
            importlib.import_module(name)
    except (OSError, ImportError):
        return False
    return True


def main() -> None:
    """Read the table and print what is missing, one line."""
    groups = set(sys.argv[2:])
    missing = []
    with open(sys.argv[1], encoding="utf-8") as table:  # noqa: PTH123 - as above
        for line in table:
            if line.strip() and not line.startswith("#"):
                group, kind, name, package = line.split()
                if group in groups and not is_there(kind, name):
                    missing.append(package)
    print(*missing)  # noqa: T201 - the answer


main()
