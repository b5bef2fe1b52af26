"""What one line can begin: recognised here, each in time linear in the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Alignment, Item

_QUOTE = re.compile(r" {0,3}> ?")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_CLOSING_HASHES = re.compile(r"(?:^|[ \t])#+[ \t]*$")
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)$", re.DOTALL)
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_BULLET = re.compile(r"( {0,3})([-+*])(?=[ \t]|$)")
_NUMBER = re.compile(r"( {0,3})(\d{1,9})([.)])(?=[ \t]|$)")
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_DELIMITERS = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_PIPE = re.compile(r"(?<!\\)\|")
_LEAD = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+[ \t>]*)*")
_UNDECIDED = re.compile(
    r"[ \t>]*(?:[-+*_=#`~|:]*|\${1,2}|\\\[?|[-+*]?[ \t]+\[?[ xX]?\]?|\d{1,9}[.)]?)[ \t]*\Z"
)

INDENTED: Final = 4

# Tabs further in than any container reaches stay tabs: expanding them all would make the line longer.
_LONGEST_LEAD: Final = 256


@dataclass(frozen=True, slots=True)
class FenceStart:
    """An opening fence: its indentation, its characters, the first word of its info string."""

    indent: int
    mark: str
    language: str


@dataclass(frozen=True, slots=True)
class ItemStart:
    """A list marker: the item, the columns its content is indented, and the rest of the line."""

    item: Item
    indent: int
    rest: str


def indentation(line: str) -> int:
    """Columns of leading spaces."""
    return len(line) - len(line.lstrip(" "))


def expand_lead(line: str) -> str:
    """The line with tabs among its markers and indentation as spaces."""
    found = _LEAD.match(line)
    lead = "" if found is None else found[0][:_LONGEST_LEAD]
    return lead.expandtabs(4) + line[len(lead) :] if "\t" in lead else line


def quote(line: str) -> str | None:
    """What follows a quote marker."""
    found = _QUOTE.match(line)
    return None if found is None else line[found.end() :]


def heading(line: str) -> tuple[int, str] | None:
    """Level and text of a heading."""
    found = _HEADING.match(line)
    if found is None:
        return None
    text = line[found.end() :].strip()
    return len(found[1]), _CLOSING_HASHES.sub("", text[-64:]).join((text[:-64], "")).rstrip()


def fence(line: str) -> FenceStart | None:
    """An opening fence."""
    found = _FENCE.match(line)
    if found is None or (found[2][0] == "`" and "`" in found[3]):
        return None
    words = found[3].strip().removeprefix("{").removeprefix(".").split(maxsplit=1)
    language = words[0].rstrip("}")[:40] if words else ""
    return FenceStart(len(found[1]), found[2], language)


def closes_fence(line: str, mark: str) -> bool:
    """Whether the line closes a fence opened with `mark`."""
    text = line.strip(" \t")
    return indentation(line) < INDENTED and len(text) >= len(mark) and not text.strip(mark[0]) and bool(text)


def is_rule(line: str) -> bool:
    """Whether the line is a horizontal rule."""
    return _RULE.match(line) is not None


def underline(line: str) -> int | None:
    """The level of heading this line makes of the paragraph before it."""
    found = _UNDERLINE.match(line)
    return None if found is None else (1 if found[1][0] == "=" else 2)


def list_item(line: str) -> ItemStart | None:
    """A list marker and its task box."""
    found = _BULLET.match(line) or _NUMBER.match(line)
    if found is None:
        return None
    rest = line[found.end() :]
    spaces = indentation(rest)
    if not rest.strip() or spaces > INDENTED:
        spaces = 1
    indent = found.end() + spaces
    rest = rest[spaces:]
    task = _TASK.match(rest)
    checked = None
    if task is not None:
        checked = task[1] != " "
        rest = rest[task.end() :]
    number = int(found[2]) if found.re is _NUMBER else None
    return ItemStart(Item(number, found[found.re.groups], checked), indent, rest)


def cells(line: str) -> list[str]:
    """The cells of a table row."""
    parts = _PIPE.split(line.strip())
    if parts and not parts[0].strip():
        del parts[0]
    if parts and not parts[-1].strip():
        del parts[-1]
    return [part.replace("\\|", "|").strip() for part in parts]


def alignments(line: str, header: str) -> tuple[Alignment, ...] | None:
    """The columns of a table whose header row is `header`, if `line` is its delimiter row."""
    if "|" not in header or _DELIMITERS.match(line) is None:
        return None
    columns = cells(line)
    if not columns or len(columns) > limits.COLUMNS or len(columns) != len(cells(header)):
        return None
    return tuple(_alignment(column) for column in columns)


def _alignment(column: str) -> Alignment:
    if column.endswith(":"):
        return "center" if column.startswith(":") else "right"
    return "left"


def undecided(line: str) -> bool:
    """Whether an unfinished line may yet begin anything: too early to show it."""
    return len(line) <= 100 and _UNDECIDED.match(line) is not None
