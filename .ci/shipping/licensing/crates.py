"""Crates of Rust's that are linked into compiled files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from shipping.licensing import known
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.found_bytes import found

PURL = "pkg:cargo/"
# Where the code of a crate came from, as Rust's messages of failure name it inside a compiled file.
_CRATE = (
    r"(?:registry/src/[^/\x00]{1,80}/|/rust/deps/)"
    r"([A-Za-z0-9_-]+?)-([0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)[/\\]"
)


def crates(carrier: str, files: Iterable[Path], listed: Iterable[dict[str, Any]]) -> Iterator[Component]:
    """The crates that a wheel lists itself, those that its compiled files name, and what is in all of them.

    Raises:
        UnknownComponentError: neither the list nor known/crates.toml says what licence one has.
    """
    rows = {(row["name"], row["version"]): row for row in listed if str(row.get("purl", "")).startswith(PURL)}
    named = {(name, version) for file in files for name, version in found(file, _CRATE)}
    if named | set(rows):
        yield Component(
            "Rust's standard library",
            "",
            "MIT OR Apache-2.0",
            "part",
            within=carrier,
            url="https://www.rust-lang.org",
            copyright=("Copyright (c) The Rust Project contributors",),
        )
    for name, version in sorted(named | set(rows)):
        row = rows.get((name, version), {})
        licence = _expression(row) or known.crates().get(name, "")
        if not licence:
            raise UnknownComponentError(
                f"{carrier} holds the crate {name} {version}, whose licence nobody has looked at: "
                "name it in known/crates.toml."
            )
        author = re.sub(r" ?<[^>]*>", "", str(row.get("author", ""))) or f"the authors of {name}"
        yield Component(
            name,
            version,
            licence,
            "part",
            within=carrier,
            purl=f"{PURL}{name}@{version}",
            copyright=(f"Copyright (c) {author}",),
        )


def _expression(row: dict[str, Any]) -> str:
    for licence in row.get("licenses") or ():
        if "expression" in licence:
            return str(licence["expression"]).replace("/", " OR ")
        if "id" in licence.get("license", {}):
            return str(licence["license"]["id"])
    return ""
