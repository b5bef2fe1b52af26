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
    """One Python file: its path from the repository's top, its text and its syntax tree."""

    name: str
    text: str
    tree: ast.Module

    def lines(self) -> Iterator[tuple[int, str]]:
        """Numbered lines, from 1."""
        return enumerate(self.text.splitlines(), 1)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def names(self) -> Iterator[tuple[int, str]]:
        """Line and text of every name and attribute used, attributes as `a.b.c` where they are that plain."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name | ast.Attribute):
                yield node.lineno, _dotted(node)

    def calls(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything called; `().name` where it is called on an expression."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, _dotted(node.func)

    def literals(self) -> Iterator[tuple[int, str]]:
        """Line and value of every text in quotes."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return "()"


@cache
def python_files(folder: Path) -> tuple[Source, ...]:
    """Every Python file below a folder."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Source(path.relative_to(REPOSITORY).as_posix(), text, ast.parse(text)))
    return tuple(found)


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
