"""Reading the tree as text and as syntax, for the rules of the house."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "aiproxy_desktop"
_BINARY = {".png", ".ico", ".icns", ".ttf", ".gguf", ".db", ".wav", ".pyc"}


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file, read once: its path from the repository's top, its text, and what it mentions.

    Each mention is a line number and a text: dotted names of what is imported, wherever in the file; names
    and attributes used, and things called (`a.b.c`, and `().c` after an expression); texts in quotes.
    """

    name: str
    text: str
    imports: tuple[tuple[int, str], ...]
    names: tuple[tuple[int, str], ...]
    calls: tuple[tuple[int, str], ...]
    literals: tuple[tuple[int, str], ...]

    def lines(self) -> Iterator[tuple[int, str]]:
        """Numbered lines, from 1."""
        return enumerate(self.text.splitlines(), 1)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    imports: list[tuple[int, str]] = []
    names: list[tuple[int, str]] = []
    calls: list[tuple[int, str]] = []
    literals: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imports += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Name | ast.Attribute):
            names.append((node.lineno, _dotted(node)))
        elif isinstance(node, ast.Call):
            calls.append((node.lineno, _dotted(node.func)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            literals.append((node.lineno, node.value))
    name = path.relative_to(REPOSITORY).as_posix()
    return Source(name, text, tuple(imports), tuple(names), tuple(calls), tuple(literals))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return "()"


@cache
def python_files(folder: Path) -> tuple[Source, ...]:
    """Every Python file below a folder."""
    return tuple(_read(path) for path in sorted(folder.rglob("*.py")))


def top_level() -> list[str]:
    """Names at the top of the tree, without what .gitignore leaves out."""
    ignored = _ignored() | {".git"}
    return sorted(
        path.name
        for path in REPOSITORY.iterdir()
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored)
    )


def text_files() -> Iterator[tuple[str, str]]:
    """Path and text of every text file of the tree."""
    ignored = _ignored()
    for entry in top_level():
        start = REPOSITORY / entry
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            parts = path.relative_to(REPOSITORY).parts
            left_out = any(fnmatch.fnmatch(part, pattern) for part in parts for pattern in ignored)
            if path.is_file() and not left_out and path.suffix not in _BINARY:
                yield path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")


@cache
def _ignored() -> frozenset[str]:
    lines = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#"))
