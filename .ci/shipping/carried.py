"""What a component carries inside its own files: libraries in its wheel, and what is linked into those."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from shipping import known
from shipping.components import Component, UnknownComponentError

# Where the code of a crate came from, as Rust's messages of failure name it inside a compiled file.
_CRATE = re.compile(
    rb"(?:registry/src/[^/\x00]{1,80}/|/rust/deps/)([A-Za-z0-9_-]+?)-([0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)[/\\]"
)
_SHARED = re.compile(r"\.(so(\.[0-9.]+)?|dll|dylib)$")
# Python's own ending for a module of its, which is no library for others.
_MODULE = re.compile(r"\.(cpython-[^/]*|abi3|[a-z0-9_.-]*linux-gnu)\.so$|\.pyd$")


def carried(
    carrier: Component, key: str, tree: Path, package: Distribution | None = None
) -> Iterator[Component]:
    """The parts of a component that lie in the bundle.

    Args:
        carrier: the component, with its files.
        key: its name in the tables.
        tree: where its files lie.
        package: the Python package that it is, which may list parts itself.

    Raises:
        UnknownComponentError: it brings a library or a crate along that no table names.
    """
    parts = [part for part in known.parts() if part.within == key]
    _no_stranger(carrier, key, parts)
    for part in parts:
        files = tuple(file for file in carrier.files if part.matches(file))
        if part.files and not files:
            continue
        if part.symbols and not any(_holds(tree / file, part.symbols) for file in files):
            continue
        facts = part.facts
        yield Component(
            facts.name,
            facts.version,
            facts.licence,
            facts.kind or "part",
            within=carrier.name if key != "project" else "",
            url=facts.url,
            note=facts.note,
            group=facts.group,
            copyright=facts.copyright,
            words=facts.words,
            texts=carrier.texts if part.carrier_has_text else (),
            files=_wholly(part, files),
        )
    yield from _crates(carrier, tree, package)


def _wholly(part: known.Part, files: tuple[str, ...]) -> tuple[str, ...]:
    """The files that are the part and nothing else."""
    if part.facts.kind:
        return files
    return tuple(file for file in files if part.library and _is_library(file))


def _is_library(file: str) -> bool:
    return bool(_SHARED.search(file)) and not _MODULE.search(file) and "/plugins/" not in file


def _no_stranger(carrier: Component, key: str, parts: list[known.Part]) -> None:
    own = known.packages().get(key, known.Facts()).own
    for file in carrier.files:
        if not _is_library(file):
            continue
        if known.matches(own, file) or any(part.library and part.matches(file) for part in parts):
            continue
        raise UnknownComponentError(
            f"{carrier.name} brings {file} along, whose licence nobody has looked at: "
            "name it in known/parts.toml."
        )


def _holds(file: Path, words: tuple[str, ...]) -> bool:
    if not file.is_file() or not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(word.encode()) >= 0 for word in words)


def _crates(carrier: Component, tree: Path, package: Distribution | None) -> Iterator[Component]:
    """Rust's crates, as the wheel lists them itself (PEP 770) and as its compiled files name them."""
    listed = {(row["name"], row["version"]): row for row in _listed(package)}
    named = set()
    for file in carrier.files:
        path = tree / file
        if _SHARED.search(file) or _MODULE.search(file):
            with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
                named |= {(found[1].decode(), found[2].decode()) for found in _CRATE.finditer(content)}
    for name, version in sorted(named | set(listed)):
        row = listed.get((name, version), {})
        licence = _expression(row) or known.crates().get(name, "")
        if not licence:
            raise UnknownComponentError(
                f"{carrier.name} holds the crate {name} {version}, whose licence nobody has looked at: "
                "name it in known/crates.toml."
            )
        author = str(row.get("author", "")) or f"the authors of {name}"
        yield Component(
            name,
            version,
            licence,
            "part",
            within=carrier.name,
            url=f"https://crates.io/crates/{name}",
            purl=f"pkg:cargo/{name}@{version}",
            copyright=(f"Copyright (c) {re.sub(r' ?<[^>]*>', '', author)}",),
        )


def _listed(package: Distribution | None) -> Iterator[dict[str, Any]]:
    for file in (package.files or ()) if package else ():
        if file.parts[1:2] == ("sboms",):
            content = json.loads(Path(str(file.locate())).read_text(encoding="utf-8"))
            yield from (
                row
                for row in content.get("components", ())
                if str(row.get("purl", "")).startswith("pkg:cargo/")
            )


def _expression(row: dict[str, Any]) -> str:
    for licence in row.get("licenses") or ():
        if "expression" in licence:
            return str(licence["expression"]).replace("/", " OR ")
        if "id" in licence.get("license", {}):
            return str(licence["license"]["id"])
    return ""
