"""What PyInstaller says it put into the frozen tree, and where it took each piece from."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from PyInstaller.archive.readers import CArchiveReader

from shipping.layout import BUILD, FROZEN
from shipping.licensing.components import UnknownComponentError

# Python's own modules that PyInstaller puts together before any other can be imported.
BASE_LIBRARY = "base_library.zip"
_INTERNAL = "_internal"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the tree, or a module `inside` the executable, and the file it was made from."""

    name: str
    source: Path
    inside: bool = False


def pieces(tree: Path = FROZEN, work: Path = BUILD / "pyinstaller") -> tuple[Piece, ...]:
    """Everything that lies in the tree and in its executables, in the order of names.

    Raises:
        UnknownComponentError: the tree holds what the lists of its making do not know.
    """
    # On Windows, with its own mark between folders.
    listed = {
        entry[0].replace("\\", "/"): entry for toc in work.glob("*/COLLECT-*.toc") for entry in _entries(toc)
    }
    found = {}
    for file in sorted(tree.rglob("*")):
        if file.is_dir() or _made_after(file.relative_to(tree)):
            continue
        name = file.relative_to(tree).as_posix()
        known = listed.get(name.removeprefix(f"{_INTERNAL}/"))
        if known is None:
            raise UnknownComponentError(
                f"{name} lies in the frozen tree, and no list of PyInstaller's names it: freeze it again."
            )
        if known[2] == "SYMLINK" or file.is_symlink():
            continue
        found[name] = Piece(name, Path(known[1]))
    modules = _modules(tree, work, tuple(entry[0] for entry in listed.values() if entry[2] == "EXECUTABLE"))
    return (*found.values(), *modules)


def _made_after(name: Path) -> bool:
    """What the steps after the freezing add."""
    return name.parts[:2] == (_INTERNAL, "licences")


def _modules(tree: Path, work: Path, programs: tuple[str, ...]) -> tuple[Piece, ...]:
    """The modules that each executable really holds, with the files they were compiled from."""
    sources = {entry[0]: entry[1] for toc in work.glob("*/PYZ-*.toc") for entry in _entries(toc)}
    sources |= {
        entry[0]: entry[1]
        for toc in work.glob("*/PKG-*.toc")
        for entry in _entries(toc)
        if entry[2] in {"PYSOURCE", "PYMODULE"}
    }
    held: set[str] = set()
    for program in programs:
        archive = CArchiveReader(str(tree / program))
        # The last letter says what an entry is: a script to run, a module, the archive of the others.
        for name, (*_, letter) in archive.toc.items():
            if letter in {"s", "m"}:
                held.add(name)
            elif letter == "z":
                held |= set(archive.open_embedded_archive(name).toc)
    lost = sorted(held - set(sources))
    if lost:
        raise UnknownComponentError(
            f"The executable holds {lost[0]}, and no list of PyInstaller's says from where: freeze it again."
        )
    # A name of a package that has no file of its own stands with "-".
    return tuple(
        Piece(name, Path(sources[name]), inside=True)
        for name in sorted(held)
        if sources[name] not in {"-", ""}
    )


def _entries(toc: Path) -> list[tuple[str, str, str]]:
    """The first list of entries (name, source, kind) that a file of PyInstaller's holds."""
    values = ast.literal_eval(toc.read_text(encoding="utf-8"))
    for value in values:
        if isinstance(value, list) and value and isinstance(value[0], tuple) and len(value[0]) == 3:
            return value
    return []
