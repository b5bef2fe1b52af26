"""Code into coloured runs with pygments. It takes milliseconds a kilobyte: call it on a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from aiproxy_desktop.ui.markdown import limits

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

Kind: TypeAlias = Literal[
    "keyword",
    "string",
    "number",
    "comment",
    "function",
    "type",
    "operator",
    "punctuation",
    "inserted",
    "deleted",
]

# Pygments' token names, longest prefix first where one holds another.
_KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("Token.Comment.Preproc", "keyword"),
    ("Token.Comment", "comment"),
    ("Token.Keyword.Type", "type"),
    ("Token.Keyword", "keyword"),
    ("Token.Name.Builtin.Pseudo", "keyword"),
    ("Token.Name.Builtin", "function"),
    ("Token.Name.Function", "function"),
    ("Token.Name.Class", "type"),
    ("Token.Name.Exception", "type"),
    ("Token.Name.Namespace", "type"),
    ("Token.Name.Decorator", "function"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Name.Attribute", "function"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Operator", "operator"),
    ("Token.Punctuation", "punctuation"),
    ("Token.Literal.Number", "number"),
    ("Token.Literal", "string"),
    ("Token.Generic.Inserted", "inserted"),
    ("Token.Generic.Deleted", "deleted"),
    ("Token.Generic.Heading", "keyword"),
    ("Token.Generic.Subheading", "function"),
    ("Token.Generic.Prompt", "comment"),
)

_NAMES: Final = {
    "asm": "Assembly",
    "bash": "Bash",
    "c": "C",
    "cpp": "C++",
    "c++": "C++",
    "cs": "C#",
    "csharp": "C#",
    "css": "CSS",
    "csv": "CSV",
    "go": "Go",
    "graphql": "GraphQL",
    "html": "HTML",
    "ini": "INI",
    "javascript": "JavaScript",
    "js": "JavaScript",
    "json": "JSON",
    "jsx": "JSX",
    "md": "Markdown",
    "php": "PHP",
    "ps1": "PowerShell",
    "powershell": "PowerShell",
    "py": "Python",
    "rb": "Ruby",
    "rs": "Rust",
    "sh": "Shell",
    "sql": "SQL",
    "toml": "TOML",
    "ts": "TypeScript",
    "tsx": "TSX",
    "txt": "Text",
    "typescript": "TypeScript",
    "xml": "XML",
    "yaml": "YAML",
    "yml": "YAML",
}


@dataclass(frozen=True, slots=True)
class CodeRun:
    """Columns start to end of one line in one colour."""

    start: int
    end: int
    kind: Kind


Highlighting: TypeAlias = tuple[tuple[CodeRun, ...], ...]


def language_name(language: str) -> str:
    """What to call a language of a fence's info string."""
    if not language:
        return "Code"
    return _NAMES.get(language.lower(), language[:1].upper() + language[1:])


def highlight(language: str, code: str, pause: Callable[[], None] | None = None) -> Highlighting | None:
    """The coloured runs of each line, or None where the language is unknown or the code too much.

    `pause` is called every few dozen tokens, so that a thread can let others work.
    """
    lexer = _lexer(language)
    if lexer is None or len(code) > limits.HIGHLIGHTED:
        return None
    if any(len(line) > limits.HIGHLIGHTED_LINE for line in code.split("\n")):
        return None
    rows: list[list[CodeRun]] = [[]]
    column = 0
    try:
        for count, (_, token, value) in enumerate(lexer.get_tokens_unprocessed(code)):
            kind = _kind(token)
            for index, part in enumerate(value.split("\n")):
                if index:
                    rows.append([])
                    column = 0
                if part and kind is not None:
                    rows[-1].append(CodeRun(column, column + len(part), kind))
                column += len(part)
            if pause is not None and count % 32 == 0:
                pause()
    except Exception:  # noqa: BLE001 - hundreds of lexers meet any text at all; plain code is no loss
        return None
    return tuple(tuple(row) for row in rows)


def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer: Lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return lexer


@cache
def _kind(token: _TokenType) -> Kind | None:
    name = str(token)
    return next((kind for prefix, kind in _KINDS if name.startswith(prefix)), None)
