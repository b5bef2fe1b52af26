"""Which runs of `*`, `_` and `~` open and close what: CommonMark's delimiter algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BOLD: Final = 1
ITALIC: Final = 2
STRIKE: Final = 4


@dataclass(slots=True)
class Delimiter:
    """A run of one delimiter character, standing as its own piece of text.

    Attributes:
        piece: index of that piece.
        character: `*`, `_` or `~`.
        count: characters not used up yet.
        length: characters at first; the rule of three looks at these.
        opens: it may open.
        closes: it may close.
        lone: nothing but space or punctuation stands before it.
    """

    piece: int
    character: str
    count: int
    length: int
    opens: bool
    closes: bool
    lone: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """The pieces first to last (inclusive) stand in one style."""

    first: int
    last: int
    style: int


def pair(delimiters: list[Delimiter], texts: list[str], *, open_end: bool) -> list[Mark]:
    """Pair what can be paired, taking the characters used up out of `texts`."""
    marks: list[Mark] = []
    openers: list[Delimiter] = []
    # Below this height of the stack no opener for that kind of closer is left: keeps it linear.
    searched: dict[tuple[str, bool, int], int] = {}
    for delimiter in delimiters:
        while delimiter.closes and delimiter.count:
            key = (delimiter.character, delimiter.opens, delimiter.length % 3)
            index = _opener(openers, delimiter, searched.get(key, 0))
            if index is None:
                searched[key] = len(openers)
                break
            del openers[index + 1 :]
            searched = {kind: min(height, index) for kind, height in searched.items()}
            marks.append(_use(openers[index], delimiter, texts))
            if not openers[index].count:
                del openers[index]
        if delimiter.opens and delimiter.count:
            openers.append(delimiter)
    if open_end:
        marks.extend(_left_open(openers, texts))
    return marks


def _opener(openers: list[Delimiter], closer: Delimiter, bottom: int) -> int | None:
    for index in range(len(openers) - 1, bottom - 1, -1):
        opener = openers[index]
        if opener.character != closer.character:
            continue
        three = (opener.closes or closer.opens) and (opener.length + closer.length) % 3 == 0
        if three and (opener.length % 3 or closer.length % 3):
            continue
        return index
    return None


def _use(opener: Delimiter, closer: Delimiter, texts: list[str]) -> Mark:
    used = 2 if opener.count >= 2 and closer.count >= 2 else 1
    style = STRIKE if opener.character == "~" else BOLD if used == 2 else ITALIC
    for delimiter in (opener, closer):
        delimiter.count -= used
        texts[delimiter.piece] = texts[delimiter.piece][used:]
    return Mark(opener.piece + 1, closer.piece - 1, style)


def _left_open(openers: list[Delimiter], texts: list[str]) -> list[Mark]:
    """Marks that run to the end for now: only those that hardly mean anything else."""
    marks = []
    last = len(texts) - 1
    for opener in openers:
        if opener.count > 2 or not (opener.count == 2 or opener.lone) or opener.piece == last:
            continue
        style = STRIKE if opener.character == "~" else BOLD if opener.count == 2 else ITALIC
        texts[opener.piece] = ""
        marks.append(Mark(opener.piece + 1, last, style))
    return marks
