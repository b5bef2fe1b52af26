"""A block's text in the units Qt counts: UTF-16, with the room round inline code as characters of its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from aiproxy_desktop.ui.markdown.inline import CODE, Inline

# Glued to the code on both sides, so that a line never ends between a chip's edge and its text.
PAD: Final = "\N{NO-BREAK SPACE}"
PADDING: Final = 32
LINE_SEPARATOR: Final = "\N{LINE SEPARATOR}"

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Run:
    """`length` units from `start` in one style: the parser's flags, or PADDING."""

    start: int
    length: int
    style: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Display:
    """Text for a QTextLayout. `added` are the positions of units that the read text does not have."""

    text: str
    runs: tuple[Run, ...] = ()
    added: tuple[int, ...] = ()

    def to_read(self, position: int) -> int:
        """The position in the text as it is read (and copied)."""
        return position - bisect_left(self.added, position)

    def href_at(self, position: int) -> str:
        """The link target at a unit, or ""."""
        for run in self.runs:
            if run.start <= position < run.start + run.length:
                return run.href
        return ""


def plain_display(text: str) -> Display:
    """Text without styles."""
    text = text.replace("\n", LINE_SEPARATOR)
    if text.isascii() or _ASTRAL.search(text) is None:
        return Display(text)
    added: list[int] = []
    for count, found in enumerate(_ASTRAL.finditer(text)):
        added.append(found.start() + count + 1)
    return Display(_in_utf16(text), (), tuple(added))


def inline_display(inline: Inline, *, padded: bool) -> Display:
    """Styled text; `padded` makes room for a rounded background round inline code."""
    text = inline.text.replace("\n", LINE_SEPARATOR)
    parts: list[str] = []
    runs: list[Run] = []
    added: list[int] = []
    position = source = 0

    def add(end: int) -> int:
        nonlocal position, source
        part = text[source:end]
        if not part.isascii() and _ASTRAL.search(part) is not None:
            for count, found in enumerate(_ASTRAL.finditer(part)):
                added.append(position + found.start() + count + 1)
            part = _in_utf16(part)
        parts.append(part)
        source = end
        position += len(part)
        return len(part)

    def pad(href: str) -> None:
        nonlocal position
        parts.append(PAD)
        added.append(position)
        runs.append(Run(position, 1, CODE | PADDING, href))
        position += 1

    for span in inline.spans:
        add(span.start)
        chip = padded and span.style & CODE
        if chip:
            pad(span.href)
        start = position
        length = add(span.end)
        runs.append(Run(start, length, span.style, span.href))
        if chip:
            pad(span.href)
    add(len(text))
    return Display("".join(parts), tuple(runs), tuple(added))


def _in_utf16(text: str) -> str:
    """The same text with a surrogate pair for each character Qt counts as two."""
    return _ASTRAL.sub(lambda found: _pair(ord(found[0])), text)


def _pair(code: int) -> str:
    code -= 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))
