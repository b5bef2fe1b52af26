"""What a component carries inside its own files: libraries in its wheel, and what is linked into those."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from typing import Any

from shipping.licensing import known
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.crates import crates
from shipping.licensing.found_bytes import found, is_compiled, is_library
from shipping.licensing.licence_texts import slug


def carried(
    carrier: Component, key: str, tree: Path, package: Distribution | None = None
) -> Iterator[Component]:
    """The parts of a component that lie in the bundle.

    Args:
        carrier: the component, with its files.
        key: its name in the tables.
        tree: where its files lie.
        package: the Python package that it is, which may list parts itself (PEP 770).

    Raises:
        UnknownComponentError: it brings a library or a crate along that no table names.
    """
    parts = [part for part in known.parts() if part.within == key]
    _no_stranger(carrier, key, parts)
    listed = tuple(_listed(package))
    versions = {str(row["name"]): str(row.get("version") or "") for row in listed}
    for part in parts:
        files = tuple(file for file in carrier.files if part.matches(file))
        if part.files and not files:
            continue
        if part.symbols and not _holds_one(part.symbols, [tree / file for file in files]):
            continue
        yield _component(part, carrier, files, _version(part, files, tree, versions))
    compiled = [tree / file for file in carrier.files if is_compiled(file)]
    yield from crates(carrier.name, compiled, listed)


def _holds_one(symbols: tuple[str, ...], files: list[Path]) -> bool:
    pattern = "|".join(re.escape(symbol) for symbol in symbols)
    return any(next(found(file, pattern), None) for file in files)


def _component(part: known.Part, carrier: Component, files: tuple[str, ...], version: str) -> Component:
    facts = part.facts
    # What is the part and nothing else; else it is inside a file of its carrier's.
    own = files if facts.kind else tuple(file for file in files if part.library and is_library(file))
    return Component(
        facts.name,
        version,
        facts.licence,
        facts.kind or "part",
        within="" if part.within == "project" else carrier.name,
        url=facts.url,
        purl=f"pkg:generic/{slug(facts.name)}@{version}" if version else "",
        note=facts.note,
        group=facts.group,
        copyright=facts.copyright,
        words=facts.words,
        texts=carrier.texts if part.carrier_has_text else (),
        files=own,
    )


def _version(part: known.Part, files: tuple[str, ...], tree: Path, listed: Mapping[str, str]) -> str:
    """As the table says; or the carrier's list; or as its files do."""
    told = part.facts.version or listed.get(part.listed_as, "")
    if told or not part.version_from:
        return told
    for file in files:
        named = re.search(part.version_from, PurePosixPath(file).name)
        if named:
            return named[1]
    for file in files:
        inside = next(found(tree / file, part.version_from), None)
        if inside:
            return inside[0]
    return ""


def _no_stranger(carrier: Component, key: str, parts: list[known.Part]) -> None:
    own = known.packages().get(key, known.Facts()).own
    for file in carrier.files:
        if not is_library(file) or known.matches(own, file):
            continue
        if not any(part.library and part.matches(file) for part in parts):
            raise UnknownComponentError(
                f"{carrier.name} brings {file} along, whose licence nobody has looked at: "
                "name it in known/parts.toml."
            )


def _listed(package: Distribution | None) -> Iterator[dict[str, Any]]:
    """The rows of the lists of parts among a package's metadata."""
    for file in (package.files or ()) if package else ():
        if file.parts[1:2] == ("sboms",):
            content = json.loads(Path(str(file.locate())).read_text(encoding="utf-8"))
            yield from content.get("components", ())
