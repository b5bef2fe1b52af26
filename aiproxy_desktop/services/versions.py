"""Which of two versions is the newer one (semver.org, version 2.0.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Longer ones are nobody's version.
_MOST = 100

# Numbers of more digits than these would only cost time.
_PATTERN = re.compile(
    r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Version:
    """`1.4.0`, or before it `1.4.0-rc.1`; what stands behind a plus says nothing about the order."""

    numbers: tuple[int, int, int]
    early: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is written, without a leading `v`."""
        return ".".join(map(str, self.numbers)) + ("-" + ".".join(self.early) if self.early else "")

    def is_newer_than(self, other: Version) -> bool:
        """Whether this one comes later."""
        if self.numbers != other.numbers:
            return self.numbers > other.numbers
        return _rank(self.early) > _rank(other.early)


def parse(text: str) -> Version | None:
    """The version that a text such as `v1.4.0` names; None where it is none."""
    match = _PATTERN.fullmatch(text) if len(text) <= _MOST else None
    if match is None:
        return None
    major, minor, patch, early = match.groups()
    return Version((int(major), int(minor), int(patch)), tuple(early.split(".")) if early else ())


def _rank(early: tuple[str, ...]) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """For comparing: nothing comes after something, numbers before words, fewer fields before more."""
    fields = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in early)
    return (0 if early else 1), fields
