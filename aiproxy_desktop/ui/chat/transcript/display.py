"""A block's text in the units Qt counts: UTF-16, with the room round inline code as characters of its own.

A formula is one unit once it is drawn, and its source before. A reference that leads somewhere is shown
without its brackets, a note as its number.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from aiproxy_desktop.ui.markdown.formulas import Latex, latex_of
from aiproxy_desktop.ui.markdown.inline import CODE, MATH, Inline, Span
from aiproxy_desktop.ui.markdown.resolved import Names, resolved

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.maths.outlines import Outline

# Glued to the code on both sides, so that a line never ends between a chip's edge and its text.
PAD: Final = "\N{NO-BREAK SPACE}"
PADDING: Final = 64
NOTE: Final = 128
LINE_SEPARATOR: Final = "\N{LINE SEPARATOR}"

# Targets inside the message: no address that a text can name begins so.
TO_NOTE: Final = "note:"
TO_MENTION: Final = "mention:"

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Formulas(Protocol):
    """Where drawn formulas come from."""

    def look(self, latex: Latex) -> tuple[bool, Outline | None]:
        """Whether a formula is known, and its outline where it can be read."""


@dataclass(frozen=True, slots=True)
class Run:
    """`length` units from `start` in one style: the parser's flags, PADDING, or NOTE."""

    start: int
    length: int
    style: int
    href: str = ""
    outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Up to here, `left_out` characters of the read text have no unit; positions after `unit` count them."""

    unit: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Display:
    """Text for a QTextLayout.

    Attributes:
        text: units.
        runs: what of it has a style.
        added: the positions of units that the read text does not have.
        cuts: what the read text has and this text has not.
        wanted: formulas that stand as their source because nobody has drawn them yet.
    """

    text: str
    runs: tuple[Run, ...] = ()
    added: tuple[int, ...] = ()
    cuts: tuple[Cut, ...] = ()
    wanted: tuple[Latex, ...] = ()

    def to_read(self, position: int) -> int:
        """The position in the text as it is read (and copied)."""
        read = position - bisect_left(self.added, position)
        index = bisect_left(self.cuts, position, key=lambda cut: cut.unit)
        return read + self.cuts[index - 1].left_out if index else read

    def from_read(self, read: int) -> int:
        """The first position whose text begins at or after one of the text as it is read."""
        return bisect_left(range(len(self.text) + 1), read, hi=len(self.text), key=self.to_read)

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


def inline_display(
    inline: Inline, *, padded: bool, formulas: Formulas | None = None, names: Names | None = None
) -> Display:
    """Styled text; `padded` makes room for a rounded background round inline code.

    Without `formulas` each stays its source, without `names` no reference leads anywhere.
    """
    builder = _Builder(inline.text.replace("\n", LINE_SEPARATOR), padded=padded)
    for part in resolved(inline, names):
        span = part.span
        if span.style & MATH:
            builder.formula(span, formulas)
        elif part.note:
            builder.instead(replace(span, style=NOTE, href=TO_NOTE + part.note), part.shown or "")
        elif part.shown is not None:
            builder.instead(span, part.shown)
        else:
            builder.styled(span)
    return builder.display()


@dataclass(slots=True)
class _Builder:
    """Puts units together."""

    text: str
    padded: bool
    parts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    wanted: list[Latex] = field(default_factory=list)
    position: int = 0
    source: int = 0
    left_out: int = 0

    def display(self) -> Display:
        """All of it."""
        self.add(len(self.text))
        return Display(
            "".join(self.parts), tuple(self.runs), tuple(self.added), tuple(self.cuts), tuple(self.wanted)
        )

    def add(self, end: int) -> int:
        """The text up to here; how many units it takes."""
        part = self.text[self.source : end]
        if not part.isascii() and _ASTRAL.search(part) is not None:
            for count, found in enumerate(_ASTRAL.finditer(part)):
                self.added.append(self.position + found.start() + count + 1)
            part = _in_utf16(part)
        self.parts.append(part)
        self.source = end
        self.position += len(part)
        return len(part)

    def styled(self, span: Span) -> None:
        """A stretch as it is."""
        self.add(span.start)
        chip = self.padded and span.style & CODE
        if chip:
            self.pad(span.href)
        start = self.position
        length = self.add(span.end)
        self.runs.append(Run(start, length, span.style, span.href))
        if chip:
            self.pad(span.href)

    def pad(self, href: str) -> None:
        """Room beside a chip."""
        self.runs.append(Run(self.position, 1, CODE | PADDING, href))
        self.added.append(self.position)
        self.put(PAD)

    def put(self, units: str) -> None:
        """Units that the read text does not have."""
        self.parts.append(units)
        self.position += len(units)

    def instead(self, span: Span, shown: str) -> None:
        """Other units instead of a stretch, which counts as read where the first of them ends."""
        self.add(span.start)
        start = self.position
        self.added.extend(range(start + 1, start + len(shown)))
        if shown:
            self.runs.append(Run(start, len(shown), span.style, span.href))
        self.leave_out(span, start, 1 if shown else 0)
        self.put(shown)

    def leave_out(self, span: Span, unit: int, units: int) -> None:
        """A stretch of the read text is not here, but for what `units` stand for."""
        self.source = span.end
        closing = not units and self.text[span.start] == "]"
        self.left_out += span.end - span.start - units
        # A closing bracket belongs to what stands before it.
        self.cuts.append(Cut(unit - 1 if closing else unit, self.left_out))

    def formula(self, span: Span, formulas: Formulas | None) -> None:
        """A formula: one unit as wide as its outline, or its source."""
        latex = latex_of(self.text[span.start : span.end].replace(LINE_SEPARATOR, "\n"))
        known, outline = formulas.look(latex) if formulas is not None else (True, None)
        if outline is None:
            if not known:
                self.wanted.append(latex)
            self.styled(Span(span.start, span.end, CODE, span.href))
            return
        self.add(span.start)
        self.runs.append(Run(self.position, 1, MATH, span.href, outline))
        self.leave_out(span, self.position, 1)
        self.put(PAD)


def _in_utf16(text: str) -> str:
    """The same text with a surrogate pair for each character Qt counts as two."""
    return _ASTRAL.sub(lambda found: _pair(ord(found[0])), text)


def _pair(code: int) -> str:
    code -= 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))
