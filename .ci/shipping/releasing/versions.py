"""The version: where it stands, what it may look like, which are released already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from shipping.errors import VersionError

# From the top of the tree: the one place the version stands. pyproject.toml and the packages read it there.
FILE = "aiproxy_desktop/__init__.py"

_NUMBER = r"(0|[1-9][0-9]{0,4})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}", re.ASCII)
_LINE = re.compile(r'(?m)^__version__ = "([^"\n]*)"$')


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Three numbers, as semver.org has them; compared number by number.

    No more than that: Debian, PyPI, Windows and Apple have each their own word for anything besides.
    """

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Version:
        """Read it.

        Raises:
            VersionError: it is not of this form.
        """
        found = _VERSION.fullmatch(text)
        if found is None:
            raise VersionError(f"{text!r} is no version: write three numbers, such as 1.2.3.")
        major, minor, patch = map(int, found.groups())
        return cls(major, minor, patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        """The name of its tag."""
        return f"v{self}"


def tagged(names: list[str]) -> list[Version]:
    """The versions among the names of tags, the newest first; other tags are none of ours."""
    found = []
    for name in names:
        try:
            found.append(Version.of(name.removeprefix("v")))
        except VersionError:
            continue
    return sorted(found, reverse=True)


def standing(source: str) -> Version:
    """The version that the text of `FILE` holds.

    Raises:
        VersionError: it holds none, or several.
    """
    found = _LINE.findall(source)
    if len(found) != 1:
        raise VersionError(f'{FILE} should hold one line __version__ = "x.y.z", and holds {len(found)}.')
    return Version.of(found[0])


def version_of(top: Path) -> Version:
    """The version of a tree.

    Raises:
        VersionError: it has none.
    """
    return standing((top / FILE).read_text("utf-8"))


def raised(source: str, version: Version) -> str:
    """The text of `FILE` with another version in it.

    Raises:
        VersionError: it holds none that could be replaced.
    """
    standing(source)
    return _LINE.sub(f'__version__ = "{version}"', source)
