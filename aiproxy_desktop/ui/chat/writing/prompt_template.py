"""Saved prompts with variables: `{{name}}`, or `{{name=default}}`. No Qt here; any text in, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

_VARIABLE = re.compile(r"\{\{([^{}=\n]{1,80})(?:=([^{}\n]*))?\}\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a template as it is written; with a name it is a variable, else plain text.

    `default` is None where none is given, which is not the same as an empty one.
    """

    source: str
    name: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A variable that the person fills: where it stands in the text, in UTF-16 units as editors count."""

    name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A template ready to be put into a message. What has no value stands there as it was written."""

    text: str
    stops: tuple[Stop, ...]


def parse(template: str) -> tuple[Piece, ...]:
    """The pieces of a template, whose sources joined are the template again."""
    pieces: list[Piece] = []
    end = 0
    for found in _VARIABLE.finditer(template):
        if not found[1].strip():
            continue
        if found.start() > end:
            pieces.append(Piece(template[end : found.start()]))
        pieces.append(Piece(found[0], found[1].strip(), found[2]))
        end = found.end()
    if end < len(template):
        pieces.append(Piece(template[end:]))
    return tuple(pieces)


def fill(template: str, known: Mapping[str, Callable[[], str]]) -> Filled:
    """Put in what is known; the other variables become stops.

    Args:
        template: with its variables; line ends of any kind become line feeds.
        known: a function for each name (in lower case) that is filled at once.
    """
    text: list[str] = []
    stops: list[Stop] = []
    place = 0
    for piece in parse(_lines(template)):
        value = piece.source
        if piece.name:
            builtin = known.get(piece.name.casefold()) if piece.default is None else None
            if builtin is not None:
                value = _lines(builtin())
            else:
                value = piece.source if piece.default is None else piece.default
                stops.append(Stop(piece.name, place, units(value)))
        text.append(value)
        place += units(value)
    return Filled("".join(text), tuple(stops))


def builtins(now: datetime, clipboard: Callable[[], str]) -> Mapping[str, Callable[[], str]]:
    """What is filled at once: the date (ISO), the time (24 hours) and the text on the clipboard."""
    return {
        "date": lambda: now.date().isoformat(),
        "time": lambda: now.strftime("%H:%M"),
        "clipboard": clipboard,
    }


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
