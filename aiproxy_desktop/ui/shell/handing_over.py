"""What a second start says to the first over the local socket: one line, of bounded length."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

RAISE: Final = b"raise\n"
ANSWER: Final = b"raised\n"

# Bytes of a line, and the files in it.
MOST_LINE: Final = 512 * 1024
MOST_FILES: Final = 1000

_OPEN = b"open "


def wish(files: Sequence[Path]) -> bytes:
    """The line that asks the first window to come to the front, and to open as many files as go in.

    Names that are no text in the system's encoding survive: JSON can write what stands for their bytes.
    """
    if not files:
        return RAISE
    names: list[str] = []
    length = len(_OPEN) + 8
    for file in files[:MOST_FILES]:
        length += len(json.dumps(str(file))) + 2
        if length > MOST_LINE:
            break
        names.append(str(file))
    return _OPEN + json.dumps(names).encode("ascii") + b"\n"


def read_wish(line: bytes) -> tuple[Path, ...] | None:
    """The files that a line asks to open, none where it only asks to come forward; None: no such line."""
    if line == RAISE:
        return ()
    if not line.startswith(_OPEN) or not line.endswith(b"\n") or len(line) > MOST_LINE:
        return None
    try:
        names = json.loads(line[len(_OPEN) :])
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or len(names) > MOST_FILES:
        return None
    if not all(isinstance(name, str) and "\0" not in name for name in names):
        return None
    files = tuple(Path(name) for name in names)
    return files if all(file.is_absolute() for file in files) else None
