"""One block's inline Markdown into plain text and styled spans, in time linear in its length.

CommonMark's rules for emphasis, code spans, links, autolinks, escapes and entities, with strikethrough
and bare URLs of GitHub's dialect. A line end is a line break. HTML is text, save `<br>`. Links lead to
http, https and mailto only; with any other target the source stays as it was written. An image is its
alt text, as a link where its target allows one. A formula stays as its source, marks included, in one span
(`MATH`); so do references by name (`Inline.references`), since a definition may come later.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.cleaning import clean
from aiproxy_desktop.ui.markdown.emphasis import BOLD, ITALIC, STRIKE, Delimiter, Mark, pair
from aiproxy_desktop.ui.markdown.formulas import FormulaFinder

CODE: Final = 8
IMAGE: Final = 16
MATH: Final = 32

__all__ = [
    "BOLD",
    "CODE",
    "IMAGE",
    "ITALIC",
    "MATH",
    "STRIKE",
    "Inline",
    "Reference",
    "Span",
    "allowed_target",
    "parse_inline",
]

_SPECIAL = re.compile(r"\\|\$+|`+|\*+|_+|~+|!?\[|\]|<|&| *\n *|(?<![A-Za-z0-9])https?://")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,2000})>", re.IGNORECASE)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_BARE_URL = re.compile(r"https?://[^\s<>\"`\[\]|\\^{}]{1,2000}")
_TARGET = re.compile(
    rf"\(\s*(?:<([^<>\n]{{0,{limits.LINK_TARGET}}})>|((?:[^\s()<]|\([^\s()]*\)){{0,{limits.LINK_TARGET}}}))"
    r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?\s*\)"
)
_ALLOWED = re.compile(r"(?:https?://[^\s]+|mailto:[^\s]+)\Z", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_LABEL = re.compile(rf"\[([^\[\]\\`*~<>&$\n]{{0,{limits.LABEL}}})\]")
_NOTE_LABEL = re.compile(rf"\^([^\s\[\]^]{{1,{limits.LABEL}}})\Z")
_HALF_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\([^()\s]{0,2000}\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` in one style: a sum of BOLD, ITALIC, STRIKE, CODE, IMAGE, MATH, and a link target."""

    start: int
    end: int
    style: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """`text[start:end]` names a link or, where `note` is set, a note by `label`.

    `text[first:last]` is what is read where it is defined.
    """

    start: int
    first: int
    last: int
    end: int
    label: str
    note: bool = False

    @property
    def key(self) -> str:
        """The label, with a mark before it that tells a note from a link."""
        return f"^{self.label}" if self.note else self.label


@dataclass(frozen=True, slots=True)
class Inline:
    """Text as it is read, and its spans: in order, never overlapping, unstyled stretches left out.

    So are its references; whether they lead anywhere is for their definitions to say.
    """

    text: str
    spans: tuple[Span, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """A reference by the pieces of its brackets."""

    first: int
    last: int
    label: str
    note: bool


@dataclass(slots=True)
class _Bracket:
    start: int
    piece: int
    image: bool
    delimiters: int
    active: bool = True


class _Parser:
    """One pass over the source; pieces of text whose styles are settled at the end."""

    def __init__(self, source: str, *, open_end: bool) -> None:
        self.source = source
        self.open_end = open_end
        self.texts: list[str] = []
        self.hrefs: list[str] = []
        self.styles: list[int] = []
        self.delimiters: list[Delimiter] = []
        self.brackets: list[_Bracket] = []
        self.marks: list[Mark] = []
        self.named: list[_Named] = []
        self.ticks: dict[int, list[int]] | None = None
        self.finder: FormulaFinder | None = None

    def run(self) -> Inline:
        source, position, length = self.source, 0, len(self.source)
        while position < length:
            found = _SPECIAL.search(source, position)
            if found is None:
                self.add(source[position:])
                break
            start = found.start()
            if start > position:
                self.add(source[position:start])
            position = self.special(found[0], start)
        self.marks.extend(pair(self.delimiters, self.texts, open_end=self.open_end))
        return self.settle()

    def add(self, text: str, style: int = 0, href: str = "") -> None:
        self.texts.append(text)
        self.styles.append(style)
        self.hrefs.append(href)

    def special(self, token: str, start: int) -> int:
        """Handle one special token; the position to go on from."""
        kind = token[0] if token[-1] != "\n" else "\n"
        after = start + len(token)
        match kind:
            case "\\":
                return self.escape(start)
            case "$":
                return self.formula(token, start)
            case "`":
                return self.code(token, start)
            case "*" | "_" | "~":
                self.delimiter(token, start)
            case "!" | "[":
                self.brackets.append(_Bracket(start, len(self.texts), kind == "!", len(self.delimiters)))
                self.add(token)
            case "]":
                return self.close_bracket(start)
            case "<":
                return self.angle(start)
            case "&":
                return self.entity(start)
            case "h":
                return self.bare_url(start)
            case _:
                self.add("\n")
        return after

    def formula(self, token: str, start: int) -> int:
        if self.finder is None:
            self.finder = FormulaFinder(self.source)
        end = self.finder.end(start)
        if end is None:
            self.add(token)
            return start + len(token)
        self.add(self.source[start:end], MATH)
        return end

    def escape(self, start: int) -> int:
        following = self.source[start + 1 : start + 2]
        if following in {"(", "["}:
            self.finder = self.finder or FormulaFinder(self.source)
            if self.finder.end(start) is not None:
                return self.formula("", start)
        if following in _PUNCTUATION and following:
            self.add(following)
            return start + 2
        if following != "\n":
            self.add("\\")
        return start + 1

    def code(self, token: str, start: int) -> int:
        if self.ticks is None:
            self.ticks = {}
            for run in re.finditer("`+", self.source):
                self.ticks.setdefault(len(run[0]), []).append(run.start())
        after = start + len(token)
        starts = self.ticks.get(len(token), [])
        index = bisect_right(starts, after - 1)
        if index < len(starts):
            content = self.source[after : starts[index]].replace("\n", " ")
            end = starts[index] + len(token)
        elif self.open_end and len(token) == 1 and "\n" not in self.source[after:]:
            content, end = self.source[after:], len(self.source)
        else:
            self.add(token)
            return after
        if content[:1] == content[-1:] == " " and content.strip():
            content = content[1:-1]
        self.add(content, CODE)
        return end

    def delimiter(self, token: str, start: int) -> None:
        before = self.source[start - 1 : start]
        after = self.source[start + len(token) : start + len(token) + 1]
        space_before, space_after = not before or before.isspace(), not after or after.isspace()
        punctuation_before, punctuation_after = _is_punctuation(before), _is_punctuation(after)
        left = not space_after and (not punctuation_after or space_before or punctuation_before)
        right = not space_before and (not punctuation_before or space_after or punctuation_after)
        if token[0] == "_":
            opens, closes = (
                left and (not right or punctuation_before),
                right and (not left or punctuation_after),
            )
        else:
            opens, closes = left, right
        if token[0] == "~" and len(token) != 2:
            opens = closes = False
        if opens or closes:
            lone = space_before or punctuation_before
            self.delimiters.append(
                Delimiter(len(self.texts), token[0], len(token), len(token), opens, closes, lone)
            )
        self.add(token)

    def close_bracket(self, start: int) -> int:
        if not self.brackets:
            self.add("]")
            return start + 1
        bracket = self.brackets.pop()
        found = _TARGET.match(self.source, start + 1) if bracket.active else None
        if found is None:
            return self.name(bracket, start)
        href = allowed_target(found[1] if found[1] is not None else found[2])
        if href is None and not bracket.image:
            self.add("]")
            return start + 1
        self.link(bracket, href or "")
        return found.end()

    def name(self, bracket: _Bracket, start: int) -> int:
        """A bracket that closes without a target: it may be, or have behind it, a name."""
        inside = self.source[bracket.start + 1 : min(start, bracket.start + limits.LABEL + 3)]
        note = _NOTE_LABEL.match(inside)
        behind = _LABEL.match(self.source, start + 1) if note is None else None
        if behind is not None and behind[1].startswith("^"):
            behind = None
        label = note[1] if note is not None else behind[1] if behind is not None and behind[1] else inside
        closing = "]" if behind is None else "]" + behind[0]
        last = len(self.texts)
        self.add(closing)
        is_name = 0 < len(label) <= limits.LABEL and not label.isspace()
        if is_name and not bracket.image and last > bracket.piece + 1:
            while self.named and self.named[-1].first > bracket.piece:
                self.named.pop()
            key = " ".join(label.casefold().split())
            self.named.append(_Named(bracket.piece, last, key, note is not None))
        return start + len(closing)

    def link(self, bracket: _Bracket, href: str) -> None:
        """Everything since the bracket becomes one link, or one image's alt text."""
        inner = self.delimiters[bracket.delimiters :]
        del self.delimiters[bracket.delimiters :]
        self.marks.extend(pair(inner, self.texts, open_end=False))
        self.texts[bracket.piece] = ""
        while self.named and self.named[-1].first > bracket.piece:
            self.named.pop()
        for index in range(bracket.piece + 1, len(self.texts)):
            self.hrefs[index] = href
            if bracket.image:
                self.styles[index] |= IMAGE
        if not any(self.texts[bracket.piece + 1 :]):
            self.add(href or "image", IMAGE if bracket.image else 0, href)
        if not bracket.image:
            # A link cannot hold another one: what was open before can only be text or an image now.
            for earlier in reversed(self.brackets):
                if not earlier.image:
                    if not earlier.active:
                        break
                    earlier.active = False

    def angle(self, start: int) -> int:
        found = _AUTOLINK.match(self.source, start)
        if found is not None:
            self.add(found[1].removeprefix("mailto:"), 0, found[1])
            return found.end()
        found = _BREAK.match(self.source, start)
        if found is not None:
            self.add("\n")
            return found.end()
        self.add("<")
        return start + 1

    def entity(self, start: int) -> int:
        found = _ENTITY.match(self.source, start)
        if found is None:
            self.add("&")
            return start + 1
        self.add(clean(html.unescape(found[0])))
        return found.end()

    def bare_url(self, start: int) -> int:
        found = _BARE_URL.match(self.source, start)
        if found is None:
            self.add(self.source[start])
            return start + 1
        url = found[0]
        while url and (url[-1] in "?!.,:;*_~'" or (url[-1] == ")" and url.count(")") > url.count("("))):
            url = url[:-1]
        self.add(url, 0, url if len(url) > len("https://") else "")
        return start + len(url)

    def settle(self) -> Inline:
        """Pieces and marks into text and spans."""
        pieces = len(self.texts)
        levels = {flag: [0] * (pieces + 1) for flag in (BOLD, ITALIC, STRIKE)}
        for mark in self.marks:
            levels[mark.style][mark.first] += 1
            levels[mark.style][mark.last + 1] -= 1
        running = dict.fromkeys(levels, 0)
        spans: list[Span] = []
        offsets: list[int] = []
        position = 0
        for index, text in enumerate(self.texts):
            offsets.append(position)
            style = self.styles[index]
            for flag, changes in levels.items():
                running[flag] += changes[index]
                if running[flag]:
                    style |= flag
            if not text:
                continue
            end = position + len(text)
            href = self.hrefs[index]
            if style or href:
                last = spans[-1] if spans and not style & MATH else None
                if last is not None and (last.end, last.style, last.href) == (position, style, href):
                    spans[-1] = Span(last.start, end, style, href)
                else:
                    spans.append(Span(position, end, style, href))
            position = end
        return Inline("".join(self.texts), tuple(spans), self.settled_names(offsets))

    def settled_names(self, offsets: list[int]) -> tuple[Reference, ...]:
        """References by their places in the text."""
        found = []
        for named in self.named:
            start, last = offsets[named.first], offsets[named.last]
            end = last + len(self.texts[named.last])
            if start + 1 < last:
                found.append(Reference(start, start + 1, last, end, named.label, named.note))
        return tuple(found)


def _is_punctuation(character: str) -> bool:
    if not character:
        return False
    return character in _PUNCTUATION if character < "\x80" else unicodedata.category(character)[0] in "PS"


def allowed_target(target: str) -> str | None:
    """A link's target as an address, or None where it leads elsewhere than to http, https and mailto."""
    address = _unescaped(target)
    return address if _ALLOWED.match(address) is not None else None


def _unescaped(target: str) -> str:
    return clean(html.unescape(_ESCAPED.sub(r"\1", target)))


def parse_inline(source: str, *, open_end: bool = False) -> Inline:
    """Read one block's inline Markdown.

    `open_end` says that more may follow: marks still open at the end are shown as if they closed
    there, so that words do not change their look while they arrive.
    """
    if open_end:
        source = _HALF_LINK.sub(r"\1", source)
    return _Parser(source, open_end=open_end).run()
