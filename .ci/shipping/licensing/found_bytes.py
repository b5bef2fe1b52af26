"""What stands in compiled files."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

_SHARED = re.compile(r"\.(so(\.[0-9.]+)?|dll|dylib)$")
# Python's own endings for a module of its, which is no library for others.
_MODULE = re.compile(r"\.(cpython-[^/]*|abi3|[a-z0-9_.-]*linux-gnu)\.so$|\.pyd$")


def is_compiled(file: str) -> bool:
    """Whether it is a shared library or a module of Python's, by its name."""
    return bool(_SHARED.search(file) or _MODULE.search(file))


def is_library(file: str) -> bool:
    """Whether it is a shared library for others: no module of Python's, and no plugin."""
    return bool(_SHARED.search(file)) and not _MODULE.search(file) and "/plugins/" not in file


def found(file: Path, pattern: str) -> Iterator[tuple[str, ...]]:
    """The groups of each place in a file that a pattern fits; the whole of it where there are none."""
    if not file.is_file() or not file.stat().st_size:  # what is empty cannot be mapped
        return
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for match in re.finditer(pattern.encode("latin-1"), content):
            yield tuple(group.decode("latin-1") for group in match.groups()) or (match[0].decode("latin-1"),)
