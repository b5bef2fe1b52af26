"""What a second start says to the first over the local socket: one line, of bounded length."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ANSWER: Final = b"raised\n"

# Bytes of a line, and the files in it.
MOST_LINE: Final = 512 * 1024
MOST_FILES: Final = 1000

_OPEN = b"open "
# As compositors make them; whatever else stands there is not passed on.
_TOKEN = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Wish:
    """That the first window comes to the front, and opens these files.

    `token` is what a Wayland compositor gave the second start, which lets the window come to the front
    (wayland.app/protocols/xdg-activation-v1); empty elsewhere.
    """

    files: tuple[Path, ...] = ()
    token: str = ""


def written(wish: Wish) -> bytes:
    """The line that says it, with as many files as go in.

    Names that are no text in the system's encoding survive: JSON can write what stands for their bytes.
    """
    names: list[str] = []
    length = len(_OPEN) + 300
    for file in wish.files[:MOST_FILES]:
        length += len(json.dumps(str(file))) + 2
        if length > MOST_LINE:
            break
        names.append(str(file))
    token = wish.token if _TOKEN.fullmatch(wish.token) else ""
    return _OPEN + json.dumps({"files": names, "token": token}).encode("ascii") + b"\n"


def read(line: bytes) -> Wish | None:
    """What a line says; None where it is none of these."""
    if not line.startswith(_OPEN) or not line.endswith(b"\n") or len(line) > MOST_LINE:
        return None
    try:
        said = json.loads(line[len(_OPEN) :])
    except (ValueError, RecursionError):
        return None
    names, token = (said.get("files"), said.get("token")) if isinstance(said, dict) else (None, None)
    if not isinstance(names, list) or len(names) > MOST_FILES:
        return None
    if not all(isinstance(name, str) and "\0" not in name for name in names):
        return None
    files = tuple(Path(name) for name in names)
    if not all(file.is_absolute() for file in files):
        return None
    return Wish(files, token if isinstance(token, str) and _TOKEN.fullmatch(token) else "")
