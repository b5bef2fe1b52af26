"""Files that another program asks to open: which part of the application each is for. No Qt."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.media import kind_of, sniff

# Files of one wish. A file manager hands over all that is selected, which may be a whole archive.
MOST_FILES = 100

_GGUF = b"GGUF"  # how each file of that format begins (github.com/ggml-org/ggml/blob/master/docs/gguf.md)
_HEAD_BYTES = 64
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Files by where they go: pictures to the studio, models to the list of models, all else to a draft.

    `left_out` is whether there were more than `MOST_FILES`.
    """

    pictures: tuple[Path, ...] = ()
    models: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    left_out: bool = False


def sort_files(paths: Iterable[Path]) -> Sorted:
    """Tell files apart by how they begin; it blocks for as long as the disk does.

    What cannot be read, and folders, go with `others`: whoever attaches them says what is wrong.
    """
    each = tuple(dict.fromkeys(paths))
    pictures: list[Path] = []
    models: list[Path] = []
    others: list[Path] = []
    for path in each[:MOST_FILES]:
        head = _head(path)
        if head.startswith(_GGUF):
            models.append(path)
        elif (mime := sniff(head)) and kind_of(mime) == "image":
            pictures.append(path)
        else:
            others.append(path)
    return Sorted(tuple(pictures), tuple(models), tuple(others), len(each) > MOST_FILES)


def _head(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b""
        with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123 - a pipe put there meanwhile must not hold us
            return file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return b""
