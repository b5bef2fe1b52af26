"""A piece of a message round what was found in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiproxy_desktop.storage.search_query import Term, contained, fold, pattern, spans

# Characters before the first hit, and in all: two lines of a wide sidebar.
_BEFORE = 24
_LENGTH = 160

# A message can be megabytes; a hit further in is shown without its surroundings.
_LOOK_INTO = 256 * 1024

# What Markdown writes and nobody reads: emphasis, code, headings, the rule under a table's head.
_MARKS = re.compile(r"\*\*|`+|^#{1,6} |^\|[-:| ]+\|$", re.MULTILINE)

_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Marked:
    """One line of text with the hits in it: (start, end) in characters."""

    text: str
    hits: tuple[tuple[int, int], ...] = ()


def marked_title(title: str, words: Sequence[str]) -> Marked:
    """A whole title, with the words wherever they stand in it."""
    line = one_line(title)
    return Marked(line, spans(line, map(contained, words)))


def snippet(text: str, terms: Sequence[Term]) -> Marked:
    """At most _LENGTH characters round the first hit, with every hit among them.

    The text is one line of valid Unicode, most marks of Markdown left out; an ellipsis stands where it was
    cut at its beginning.
    """
    start = _first_hit(text[:_LOOK_INTO], terms)
    begin = max(start - _BEFORE, 0)
    if begin:
        # Not within a word, where there is a gap close by.
        gap = _UNFIT.search(text, begin, start)
        begin = gap.end() if gap is not None else begin
    part = text[begin : begin + _LENGTH]
    lead = "…" if begin else ""
    read = lead + one_line(_MARKS.sub("", part))
    hits = spans(read, map(pattern, terms))
    if not hits:  # the marks were what was looked for
        read = lead + one_line(part)
        hits = spans(read, map(pattern, terms))
    return Marked(read, hits)


def one_line(text: str) -> str:
    """Whitespace and controls as single spaces."""
    return _UNFIT.sub(" ", text).strip()


def _first_hit(text: str, terms: Sequence[Term]) -> int:
    folded = fold(text)
    starts = [match.start() for term in terms if (match := pattern(term).search(folded)) is not None]
    return min(starts, default=0)
