"""Text from outside made safe to lay out: no control characters, no reordering, no floods of marks."""

from __future__ import annotations

import re
from typing import Final

from aiproxy_desktop.ui.markdown import limits

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufff9-\ufffb]")

# Embeddings, overrides and isolates can make a line read otherwise than it is; the plain direction
# marks (U+200E, U+200F) cannot and are part of ordinary Arabic and Hebrew text.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")

# Everything that adds ink or nothing to the character before it: combining marks, joiners,
# variation selectors, tags.
_MARK = (
    "[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    "\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0981-\u0983\u09bc\u09be-\u09cd\u0b82\u0bbe-\u0bcd"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18\u0f19\u0f35\u0f37\u0f39"
    "\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060-\u2064"
    "\u206a-\u206f\u20d0-\u20f0\u302a-\u302f\u3099\u309a\ua66f-\ua672\ua674-\ua67d\ufe00-\ufe0f"
    "\ufe20-\ufe2f\ufeff\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001f3fb-\U0001f3ff"
    "\U000e0000-\U000e01ef]"
)
_MARKS = re.compile(f"{_MARK}{{{limits.COMBINING + 1},}}")
_MARKS_AT_START = re.compile(f"{_MARK}+")
_MARKS_AT_END = re.compile(f"{_MARK}+\\Z")


class Cleaner:
    """Cleans text that arrives in pieces: the result never depends on where it was cut."""

    __slots__ = ("_after_return", "_marks")

    def __init__(self) -> None:
        self._after_return = False
        self._marks = 0

    def feed(self, text: str) -> str:
        r"""The next piece, with line ends as `\n`, controls replaced and overrides spelled out."""
        if not text:
            return ""
        if self._after_return and text[0] == "\n":
            text = text[1:]
            self._after_return = False
            if not text:
                return ""
        self._after_return = text[-1] == "\r"
        text = _LINE_ENDS.sub("\n", text)
        text = _CONTROLS.sub(_REPLACEMENT, text)
        if text.isascii():
            self._marks = 0
            return text
        text = _REORDERING.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
        return self._thin(text)

    def _thin(self, text: str) -> str:
        """Drop marks beyond what one character carries, counting across pieces."""
        start = _MARKS_AT_START.match(text)
        carried = self._marks
        head = ""
        if start is not None:
            head = start[0][: max(0, limits.COMBINING - carried)]
            text = text[start.end() :]
            if not text:
                self._marks = min(limits.COMBINING, carried + len(start[0]))
                return head
        end = _MARKS_AT_END.search(text[-limits.COMBINING * 2 :])
        self._marks = 0 if end is None else min(limits.COMBINING, len(end[0]))
        return head + _MARKS.sub(lambda found: found[0][: limits.COMBINING], text)


def clean(text: str) -> str:
    """A whole text, cleaned."""
    return Cleaner().feed(text)
