"""A frozen application in small: a program that says how it was started, a library, a list of licences."""

from __future__ import annotations

from pathlib import Path

_PROGRAM = """#!/bin/sh
echo "$0" "$@"
"""


def tiny_frozen(folder: Path) -> Path:
    """Lay it below a folder; returns where it is."""
    frozen = folder / "aiproxy-desktop"
    (frozen / "_internal" / "lib").mkdir(parents=True)
    program = frozen / "aiproxy-desktop"
    program.write_text(_PROGRAM)
    program.chmod(0o755)
    library = frozen / "_internal" / "lib" / "libone.so.1"
    library.write_bytes(b"\x7fELF" + bytes(2000))
    (frozen / "_internal" / "libone.so").symlink_to("lib/libone.so.1")
    (frozen / "_internal" / "licences").mkdir()
    (frozen / "_internal" / "licences" / "components.json").write_text("[]\n")
    return frozen
