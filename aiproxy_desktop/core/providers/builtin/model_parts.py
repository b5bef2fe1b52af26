"""Models in several files, as llama.cpp's gguf-split names them: `name-00001-of-00003.gguf`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.errors import LocalModelError

_NAMED = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<count>\d{5})", re.DOTALL)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one model. `stem` is its name without the number of the part; `part` counts from 1."""

    stem: str
    part: int
    count: int
    present: tuple[Path, ...]
    missing: tuple[int, ...] = ()

    def check(self, shown: str, told: int) -> None:
        """Refuse a model that is not whole.

        Args:
            shown: how to call the file.
            told: how many parts there are by the file's head.

        Raises:
            LocalModelError: it is not the first part, or others are not beside it.
        """
        if told > 1 and self.count == 1:
            raise LocalModelError(
                f"{shown} is one of {told} parts of a model, under a name that does not say which",
                "Give the parts their names back (…-00001-of-00003.gguf), then add the first one.",
            )
        if self.part != 1:
            first = f"{self.stem}-{1:05}-of-{self.count:05}.gguf"
            raise LocalModelError(
                f"{shown} is part {self.part} of {self.count} of a model", f"Add the first part, {first}."
            )
        if self.missing:
            raise LocalModelError(
                f"{shown} is one of {self.count} parts, and {_numbered(self.missing)} not beside it",
                "Put all parts into the same folder, then add the first one.",
            )


def part_number(path: Path) -> int:
    """Which part of a model a file is by its name, from 1; 1 also where it is all of it."""
    named = _NAMED.fullmatch(path.stem)
    return 1 if named is None else int(named["part"])


def parts_of(path: Path) -> Parts:
    """All files of the model that a file belongs to. Reads its folder.

    Raises:
        OSError: the folder cannot be read.
    """
    named = _NAMED.fullmatch(path.stem)
    if named is None or not 0 < int(named["part"]) <= int(named["count"]):
        return Parts(path.stem, 1, 1, (path,))
    stem, part, count = named["stem"], int(named["part"]), int(named["count"])
    beside = {other.name for other in path.parent.iterdir()}
    wanted = {number: f"{stem}-{number:05}-of-{count:05}{path.suffix}" for number in range(1, count + 1)}
    present = tuple(path.with_name(name) for name in wanted.values() if name in beside)
    missing = tuple(number for number, name in wanted.items() if name not in beside)
    return Parts(stem, part, count, present or (path,), missing)


def _numbered(missing: tuple[int, ...]) -> str:
    """Such as "part 2 is", "parts 2 and 3 are", "parts 2, 3, 4 and 17 more are"."""
    if len(missing) == 1:
        return f"part {missing[0]} is"
    named = [str(number) for number in missing[:_MOST_NAMED]]
    more = len(missing) - len(named)
    last = f"{more} more" if more else named.pop()
    return f"parts {', '.join(named)} and {last} are"
