"""A tool's arguments as they are read: JSON set out in lines, nothing hidden, nothing changed. No Qt here."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeAlias

# "hidden" is a character that would not be seen, spelled out.
Ink: TypeAlias = Literal["key", "string", "number", "keyword", "punctuation", "plain", "hidden"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
# Characters: more than that nobody reads, and a model can write any number.
MOST: Final = 16_000

_LONGEST_JSON: Final = 1_000_000
_INDENT: Final = "  "
_DEEPEST: Final = 60
# Letters that are drawn as nothing though Unicode counts them as letters or signs.
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Inked:
    """Some text of one ink."""

    text: str
    ink: Ink


def is_hidden(character: str) -> bool:
    """Whether it would leave no mark of its own, or change how others are read."""
    if " " <= character <= "~" or character in "\n\t":
        return False
    category = unicodedata.category(character)
    if category in _UNSEEN or (category == "Zs" and character != " ") or character in _BLANK:
        return True
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def spelled_out(text: str, ink: Ink) -> list[Inked]:
    """The text with its hidden characters as `[U+202E]`, each in the ink "hidden"."""
    if text.isascii() and text.isprintable():
        return [Inked(text, ink)] if text else []
    found: list[Inked] = []
    begin = 0
    for place, character in enumerate(text):
        if is_hidden(character):
            if place > begin:
                found.append(Inked(text[begin:place], ink))
            found.append(Inked(f"[U+{ord(character):04X}]", "hidden"))
            begin = place + 1
    if begin < len(text):
        found.append(Inked(text[begin:], ink))
    return found


def arguments_text(source: str) -> list[Inked]:
    """JSON set out in lines, what is no JSON as it came; in either case not much more than `MOST` of it."""
    pretty = _set_out(source)
    return plain_text(source.strip()) if pretty is None else pretty


def plain_text(text: str) -> list[Inked]:
    """Any text, up to a little more than `MOST`."""
    return spelled_out(text[: MOST + 1], "plain")


def hidden_count(parts: list[Inked]) -> int:
    """How many characters had to be spelled out."""
    return sum(part.ink == "hidden" for part in parts)


def first_lines(parts: list[Inked], lines: int, characters: int) -> tuple[list[Inked], bool]:
    """The parts up to so many lines and characters; whether that is all of them."""
    kept: list[Inked] = []
    for part in parts:
        text = part.text
        pieces = text.split("\n")
        if len(pieces) > lines:
            kept.append(Inked("\n".join(pieces[:lines])[:characters], part.ink))
            return kept, False
        if len(text) > characters:
            kept.append(Inked(text[:characters], part.ink))
            return kept, False
        lines -= len(pieces) - 1
        characters -= len(text)
        kept.append(part)
    return kept, True


def _set_out(source: str) -> list[Inked] | None:
    """By its own tokens, not by values read from it: numbers and repeated names stay as they were written."""
    if len(source) > _LONGEST_JSON:
        return None
    try:
        json.loads(source)
    except (ValueError, RecursionError):
        return None
    out: list[Inked] = []
    depth = size = 0
    found = [match[0] for match in islice(_TOKEN.finditer(source), MOST + 2)]
    for place, lexeme in enumerate(found):
        if size > MOST:
            break
        size += len(lexeme)
        after = found[place + 1] if place + 1 < len(found) else ""
        if lexeme in "{[":
            depth += 1
            empty = after in {"}", "]"}
            out.append(Inked(lexeme if empty else lexeme + _line(depth), "punctuation"))
        elif lexeme in "}]":
            depth -= 1
            opened = place > 0 and found[place - 1] in {"{", "["}
            out.append(Inked(lexeme if opened else _line(depth) + lexeme, "punctuation"))
        elif lexeme == ",":
            out.append(Inked("," + _line(depth), "punctuation"))
        elif lexeme == ":":
            out.append(Inked(": ", "punctuation"))
        else:
            out += _value(lexeme, key=after == ":")
    return out


def _line(depth: int) -> str:
    return "\n" + _INDENT * min(depth, _DEEPEST)


def _value(lexeme: str, *, key: bool) -> list[Inked]:
    if not lexeme.startswith('"'):
        return [Inked(lexeme, "keyword" if lexeme[0].isalpha() else "number")]
    # Escapes of what can be read are resolved, and what cannot be is spelled out as ever.
    readable = json.dumps(json.loads(lexeme), ensure_ascii=False)[: MOST + 1]
    return spelled_out(readable, "key" if key else "string")
