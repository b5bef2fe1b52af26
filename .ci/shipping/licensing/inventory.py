"""What the frozen application is made of: every file and module of it, traced to who wrote it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import Distribution
from pathlib import Path

from shipping.layout import FROZEN, project
from shipping.licensing import packages
from shipping.licensing.carried import carried
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.origins import Origin, Origins, installed
from shipping.licensing.runtime import elsewhere, python, system_library
from shipping.licensing.tocs import Piece, pieces

# Facts on models that were taken from others, by a script, into a file of our own.
_MODEL_TABLE = "model_table/table.json"


@dataclass(frozen=True, slots=True)
class Held:
    """What of one owner lies in the bundle: files by their names in the tree, and the names of modules."""

    origin: Origin
    files: tuple[str, ...]
    modules: tuple[str, ...]
    sources: tuple[Path, ...]


def read(tree: Path = FROZEN) -> tuple[Component, ...]:
    """Every component of others in the frozen application, each once, what is carried behind its carrier.

    Raises:
        UnknownComponentError: something in it belongs to nobody known, or its licence is unknown.
    """
    return from_pieces(pieces(tree), tree, installed())


def from_pieces(
    found: Iterable[Piece], tree: Path, distributions: Mapping[str, Distribution]
) -> tuple[Component, ...]:
    """The components of what was found in a tree."""
    components: list[Component] = []
    for held in _by_owner(found, Origins(dict(distributions))):
        components += _components(held, tree, distributions)
    return tuple(sorted(_merged(components), key=lambda component: component.key))


def _by_owner(found: Iterable[Piece], origins: Origins) -> Iterator[Held]:
    """Everything of one owner together; a system's library alone, since each has a licence of its own."""
    everything = list(found)
    owners = origins.of({piece.source for piece in everything})
    grouped: dict[Origin, list[Piece]] = defaultdict(list)
    for piece in everything:
        grouped[owners[piece.source]].append(piece)
    for origin in sorted(grouped, key=lambda origin: (origin.whose, origin.name)):
        mine = grouped[origin]
        files = tuple(sorted(piece.name for piece in mine if not piece.inside))
        modules = tuple(sorted(piece.name for piece in mine if piece.inside))
        yield Held(origin, files, modules, tuple(sorted({piece.source for piece in mine})))


def _components(held: Held, tree: Path, distributions: Mapping[str, Distribution]) -> Iterator[Component]:
    match held.origin.whose:
        case "package":
            carrier = packages.component(distributions[held.origin.name], held.files)
        case "python":
            carrier = python(held.files)
        case "system":
            yield from (system_library(held.origin.name, (file,)) for file in held.files)
            return
        case "project":
            yield from _facts_of_others(held.files, tree)
            return
        case _ if all(elsewhere(file) for file in held.files) and not held.modules:
            yield from (found for file in held.files if (found := elsewhere(file)))
            return
        case _:
            raise UnknownComponentError(
                f"{(held.files or held.modules)[0]} is from {held.sources[0]}, which belongs to no known "
                "package: name it in known/, or leave it out."
            )
    key = held.origin.name or held.origin.whose
    parts = tuple(carried(carrier, key, tree, distributions.get(key)))
    # A file that is a part is no longer its carrier's.
    others = {file for part in parts for file in part.files}
    yield replace(carrier, files=tuple(file for file in carrier.files if file not in others))
    yield from parts


def _facts_of_others(files: tuple[str, ...], tree: Path) -> Iterator[Component]:
    """What is in the files of the project itself and comes from others."""
    tables = [file for file in files if file.endswith(_MODEL_TABLE)]
    own = Component(project.COMMAND, "", "MIT", "package", files=tuple(tables))
    if tables:
        yield from carried(own, "project", tree)


def _merged(components: Iterable[Component]) -> Iterator[Component]:
    """Libraries of one origin and licence as one component with all of its files."""
    seen: dict[tuple[str, str, str, str], Component] = {}
    for component in components:
        key = (component.name, component.version, component.licence, component.within)
        before = seen.get(key, component)
        files = tuple(sorted({*before.files, *component.files}))
        texts = tuple(dict.fromkeys((*before.texts, *component.texts)))
        seen[key] = replace(before, files=files, texts=texts)
    yield from seen.values()
