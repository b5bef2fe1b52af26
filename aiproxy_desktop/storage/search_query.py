"""What a person types into the search field, as words to look for, and where these stand in a text.

The index splits text as its tokenizer `unicode61` does: runs of letters and digits, without case and without
accents. It cannot find within such a run, and some scripts (Chinese, Japanese, Thai, Lao, Khmer, Burmese,
Tibetan) write whole sentences as one; nor does it know symbols (`C++`, emoji). Terms of these kinds are
`literal`: they are looked for as they are written, whatever their case, by going through the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

# A query longer than this is no longer typed; what is beyond it narrows nothing any more.
MAX_QUERY = 1000
MAX_TERMS = 16

_PIECE = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_UNSEGMENTED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u30ff\u3100-\u312f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
_MARKS = "[\u0300-\u036f]*"
_NO_LETTER_BEFORE = r"(?<![^\W_])"
_NO_LETTER_AFTER = r"(?![^\W_])"


class _Folding(dict[int, int]):
    """For `str.translate`: each character without case and accent, still one character."""

    def __missing__(self, code: int) -> int:
        parts = unicodedata.normalize("NFD", chr(code))
        # Only accents: a syllable of Hangul is not its first consonant.
        bare = chr(code) if any(not _is_accent(mark) for mark in parts[1:]) else parts[0]
        lower = bare.casefold()
        folded = ord(lower) if len(lower) == 1 else ord(bare.lower()[0])
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text without case and accents, as long as it was."""
    return text.translate(_FOLDING)


@dataclass(frozen=True, slots=True)
class Term:
    """One word or quoted phrase, on one line. `prefix`: words that begin like its last word fit too."""

    text: str
    prefix: bool = False

    @property
    def literal(self) -> bool:
        """Whether the index cannot know it (see above)."""
        return bool(_UNSEGMENTED.search(self.text)) or any(map(_is_symbol, self.text))

    @property
    def indexed(self) -> bool:
        """Whether it can be asked of the index, perhaps besides being looked for literally."""
        return not _UNSEGMENTED.search(self.text) and any(map(_is_letter, self.text))

    @property
    def initial(self) -> bool:
        """Whether it is the one letter with which a word begins."""
        return self.prefix and len(self.text) == 1 and self.indexed

    @property
    def expression(self) -> str:
        """For MATCH: a string of FTS5, in which nothing is an operator."""
        # A word that ends in a symbol is whole: C of C++ begins no other word.
        goes_on = self.prefix and not (self.literal and _is_symbol(self.text[-1]))
        return f'"{self.text}"' + (" *" if goes_on else "")


@dataclass(frozen=True, slots=True)
class Query:
    """All terms; a text fits when every one of them stands in it."""

    terms: tuple[Term, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The terms as they were typed."""
        return tuple(term.text for term in self.terms)


def parse(text: str) -> Query:
    """Read what was typed, whatever it is.

    The last term may be the beginning of a word, unless it is a quoted phrase that is closed. Terms of
    nothing but punctuation are left out.
    """
    cleaned = "".join(" " if _is_gap(char) else char for char in text[:MAX_QUERY])
    terms: list[Term] = []
    last_open = False
    for match in _PIECE.finditer(cleaned):
        phrase, closed, word = match.groups()
        term = " ".join((word if phrase is None else phrase).split())
        if any(_is_letter(char) or _is_symbol(char) for char in term):
            terms.append(Term(term))
            last_open = not closed
    terms = terms[:MAX_TERMS]
    if terms and last_open:
        terms[-1] = Term(terms[-1].text, prefix=True)
    return Query(tuple(terms))


@lru_cache(maxsize=256)
def pattern(term: Term) -> re.Pattern[str]:
    """Matches the term in a folded text."""
    folded = fold(term.text)
    words = [_without_marks(word) for word in _WORD.findall(folded)]
    if term.literal or not words:
        return re.compile(re.escape(folded))
    end = "" if term.prefix else _NO_LETTER_AFTER
    # Between two letters a text may hold an accent as a character of its own, and what the index counts as
    # one phrase any punctuation between its words.
    return re.compile(_NO_LETTER_BEFORE + r"[\W_]+".join(_MARKS.join(word) for word in words) + end)


def spans(text: str, patterns: Iterable[re.Pattern[str]]) -> tuple[tuple[int, int], ...]:
    """Where the patterns stand in a text: (start, end) in characters, in order, none overlapping."""
    folded = fold(text)
    return tuple(_joined(sorted({match.span() for one in patterns for match in one.finditer(folded)})))


def contained(word: str) -> re.Pattern[str]:
    """Matches a word in a folded text, within another word too."""
    return re.compile(re.escape(fold(word)))


def _joined(found: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = 0
    for start, stop in found:
        if stop > max(start, end):
            yield max(start, end), stop
            end = stop


def longest_caseless(text: str) -> str:
    """The longest part of a text that no change of case or accent can alter."""
    best = run = ""
    for char in text:
        run = run + char if _FOLDING[ord(char)] == ord(char) and char.upper() == char else ""
        best = max(best, run, key=len)
    return best


def _without_marks(text: str) -> str:
    return "".join(char for char in text if not _is_accent(char))


def _is_accent(char: str) -> bool:
    return "\u0300" <= char <= "\u036f"


def _is_gap(char: str) -> bool:
    # Controls, NUL among them, and halves of surrogate pairs.
    return unicodedata.category(char) in {"Cc", "Cs"}


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char)[0] == "S" or char == "#"
