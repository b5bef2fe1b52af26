r"""Where formulas begin and end: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, each found in linear time."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from aiproxy_desktop.ui.markdown import limits

_FENCE: Final = "```math"
_CLOSERS: Final = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
_MARKS = re.compile(r"\\[\s\S]|\$+")
_OPENING = re.compile(r" {0,3}(\$\$|\\\[)(?!\$)")
# A footnote's or a list's number in brackets that someone escaped, not a formula.
_BRACKETED = re.compile(r"[\d\s,.;\-–^]*\Z|[xX ]\Z")
_AFTER_ESCAPED = frozenset({"(", "[", ":"})


@dataclass(frozen=True, slots=True)
class Latex:
    """A formula without its marks. `display` says that it is set as large as on a line of its own."""

    source: str
    display: bool


def latex_of(raw: str) -> Latex:
    """The formula in a source with marks."""
    if raw.startswith(_FENCE):
        return Latex(raw.partition("\n")[2].rpartition("\n")[0].strip(), display=True)
    if raw.startswith(("$$", "\\[", "\\(")):
        closer = _CLOSERS[raw[:2]]
        return Latex(raw[2:].strip().removesuffix(closer).strip(), display=raw[:2] != "\\(")
    inner = raw[1:-1]
    if len(inner) > 2 and inner[0] == inner[-1] == "`":
        inner = inner[1:-1]
    return Latex(inner.strip(), display=False)


def fenced(lines: tuple[str, ...]) -> str:
    """The lines of a fence of maths with its marks."""
    return "\n".join((_FENCE, *lines, "```"))


def opening(line: str) -> str | None:
    """The mark with which a line begins a formula of its own."""
    found = _OPENING.match(line)
    return None if found is None else found[1]


def end_of(mark: str, source: str, start: int) -> int | None:
    """Where a formula ends that `mark` opened: the index after its closing mark, at or after `start`."""
    closer = _CLOSERS[mark]
    for found in _MARKS.finditer(source, start):
        if found[0] == closer:
            return found.end()
    return None


@dataclass(slots=True)
class FormulaFinder:
    """Finds the formulas of one text."""

    source: str
    _dollars: list[int] = field(default_factory=list)
    _runs: list[int] = field(default_factory=list)
    _pairs: list[int] = field(default_factory=list)
    _closers: dict[str, list[int]] = field(default_factory=lambda: {"\\)": [], "\\]": []})

    def __post_init__(self) -> None:
        for found in _MARKS.finditer(self.source):
            token = found[0]
            if token[0] == "$":
                self._dollars.append(found.start())
                self._runs.append(len(token))
                if len(token) == 2:
                    self._pairs.append(found.start())
            elif token in self._closers:
                self._closers[token].append(found.start())

    def end(self, start: int) -> int | None:
        """The index after the formula that begins at `start`, or None if none does."""
        if self.source[start] == "$":
            return self._after_dollars(start)
        mark = self.source[start : start + 2]
        end = _next(self._closers[_CLOSERS[mark]], start + 2)
        if end is None or end - start > limits.FORMULA:
            return None
        content = self.source[start + 2 : end]
        if not content.strip() or content.count("`") % 2:
            return None
        escaped = _BRACKETED.match(content) or self.source[end + 2 : end + 3] in _AFTER_ESCAPED
        return None if mark == "\\[" and escaped else end + 2

    def _after_dollars(self, start: int) -> int | None:
        index = bisect_left(self._dollars, start)
        if index >= len(self._dollars) or self._dollars[index] != start:
            return None
        if self._runs[index] == 2:
            end = _next(self._pairs, start + 2)
            fits = end is not None and end - start <= limits.FORMULA
            return end + 2 if end is not None and fits and self._means_one(start + 2, end) else None
        if self._runs[index] != 1 or index + 1 >= len(self._dollars) or self._runs[index + 1] != 1:
            return None
        end = self._dollars[index + 1]
        return end + 1 if end - start <= limits.FORMULA and self._is_no_price(start, end) else None

    def _means_one(self, start: int, end: int) -> bool:
        content = self.source[start:end]
        return bool(content.strip()) and "`" not in content and "$$" not in content

    def _is_no_price(self, start: int, end: int) -> bool:
        """Whether two single dollar signs stand as round a formula, not before two sums of money."""
        before, after = self.source[start - 1 : start], self.source[end + 1 : end + 2]
        content = self.source[start + 1 : end]
        if not content or content[0].isspace() or content[-1].isspace() or "\n" in content:
            return False
        if before.isalnum() or after.isdigit() or after == "_":
            return False
        if after.isalpha() and (after.isupper() or not (content[-1].isalnum() or content[-1] in "})")):
            # The sign before a name, not behind a formula; behind one as in "the $n$th" it is another thing.
            return False
        quoted = len(content) > 2 and content[0] == content[-1] == "`" and content.count("`") == 2
        return quoted or "`" not in content


def _next(positions: list[int], start: int) -> int | None:
    index = bisect_left(positions, start)
    return positions[index] if index < len(positions) else None
