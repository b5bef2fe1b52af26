"""Looking for words in text: without regard to case, accents, or how a line is broken."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]

_SPACES: Final = {ord(space): " " for space in "\n\t\N{NO-BREAK SPACE}\N{LINE SEPARATOR}"}


class _Folding(dict[int, str]):
    """Character codes to what they are compared as; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", chr(code).casefold())
        folded = "".join(part for part in parts if not unicodedata.combining(part))
        self[code] = folded
        return folded


_FOLDING: Final = _Folding(_SPACES)


def folded(text: str) -> str:
    """Text as it is compared: `É` is `e`, `ß` is `ss`, a line end is a space."""
    if text.isascii():
        return text.lower().replace("\n", " ").replace("\t", " ")
    return text.translate(_FOLDING)


def count_in(folded_text: str, terms: Sequence[str]) -> int:
    """How many hits a folded text has; overlapping ones of several terms count once."""
    if len(terms) == 1:
        return folded_text.count(terms[0])
    return len(_spans(folded_text, terms))


def spans_in(text: str, terms: Sequence[str]) -> list[Span]:
    """Where folded terms stand in a text: start and end, in order, never overlapping."""
    compared = folded(text)
    found = _spans(compared, terms)
    if not found or text.isascii():
        return found
    origin = [index for index, sign in enumerate(text) for _ in _FOLDING[ord(sign)]]
    return [(origin[start], _after(text, origin[end - 1] + 1)) for start, end in found]


def _after(text: str, end: int) -> int:
    """The end with the marks that belong to the last character."""
    while end < len(text) and not _FOLDING[ord(text[end])]:
        end += 1
    return end


def _spans(text: str, terms: Sequence[str]) -> list[Span]:
    found: list[Span] = []
    for term in terms:
        at = text.find(term) if term else -1
        while at >= 0:
            found.append((at, at + len(term)))
            at = text.find(term, at + len(term))
    if len(terms) == 1:
        return found
    found.sort()
    kept: list[Span] = []
    for span in found:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
