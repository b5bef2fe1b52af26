"""What was found out about components that do not say it of themselves, as tables beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from shipping.licensing.components import Kind

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table says of one component; empty where it says nothing."""

    name: str = ""
    version: str = ""
    licence: str = ""
    kind: Kind | None = None
    group: str = ""
    url: str = ""
    note: str = ""
    words: str = ""
    copyright: tuple[str, ...] = ()
    # Shared libraries that are the component's own.
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Something that another component carries inside its files; see parts.toml."""

    within: str
    facts: Facts
    files: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    library: bool = False
    # Where its version stands, in the names or the bytes of those files; its name in the carrier's own list.
    version_from: str = ""
    listed_as: str = ""
    carrier_has_text: bool = False

    def matches(self, file: str) -> bool:
        """Whether a file of the carrier's is, or holds, the part."""
        return not self.files or matches(self.files, file)


def matches(patterns: tuple[str, ...], file: str) -> bool:
    """Whether the last part of a path fits one of the patterns."""
    name = PurePosixPath(file.lower()).name  # as Windows spells its libraries in two ways
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


_FACTS = tuple(field.name for field in fields(Facts))


def _facts(row: dict[str, Any]) -> Facts:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Facts(**{key: values[key] for key in _FACTS if key in values})


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def packages() -> dict[str, Facts]:
    """By the normal name of a Python package."""
    return {name: _facts(row) for name, row in _table("packages").items()}


@cache
def system() -> dict[str, Facts]:
    """By Debian's source package, or binary package."""
    return {name: _facts(row) for name, row in _table("system").items()}


@cache
def parts() -> tuple[Part, ...]:
    """In the order of the table."""
    return tuple(
        Part(
            row["within"],
            _facts(row),
            tuple(row.get("files", ())),
            tuple(row.get("symbols", ())),
            library=row.get("library", False),
            version_from=row.get("version_from", ""),
            listed_as=row.get("listed_as", row["name"]),
            carrier_has_text=row.get("text") == "carrier",
        )
        for row in _table("parts")["part"]
    )


@cache
def built() -> tuple[tuple[tuple[str, ...], str, str], ...]:
    """Patterns of files built here, with the kind of their owner and its name."""
    return tuple((tuple(row["files"]), row["whose"], row["name"]) for row in _table("built")["built"])


@cache
def elsewhere() -> tuple[tuple[tuple[str, ...], Facts], ...]:
    """Patterns of files that lie outside of every package, with what is known of them."""
    return tuple((tuple(row["files"]), _facts(row)) for row in _table("elsewhere")["library"])


@cache
def crates() -> dict[str, str]:
    """Licences of Rust's crates by their names."""
    return {str(name): str(licence) for name, licence in _table("crates").items()}
