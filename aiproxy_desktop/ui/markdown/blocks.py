"""What a document is made of: a flat list of frozen leaves, each knowing the containers round it.

Flat, because a leaf is what gets laid out: a list of a thousand items, a table of a thousand rows and
a program of a thousand lines are each many small leaves, and only the last of them ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Alignment: TypeAlias = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A block quote round a leaf."""


@dataclass(frozen=True, slots=True)
class Item:
    """A list item round a leaf. `number` is None for a bullet, `checked` None without a task box."""

    number: int | None = None
    delimiter: str = "-"
    checked: bool | None = None

    @property
    def marker(self) -> str:
        """The marker as Markdown source."""
        mark = self.delimiter if self.number is None else f"{self.number}{self.delimiter}"
        return mark if self.checked is None else f"{mark} [{'x' if self.checked else ' '}]"


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote round a leaf; `number` is None until it is numbered."""

    label: str
    number: int | None = None


Container: TypeAlias = Quote | Item | Note


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leaf stands.

    Attributes:
        containers: outermost first.
        opened: how many of the innermost containers begin with this leaf.
        spaced: a blank line stands before it.
        glued: it goes on where the leaf before it was cut, without a line break between.
    """

    containers: tuple[Container, ...] = ()
    opened: int = 0
    spaced: bool = False
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Inline Markdown, at most about two `limits.PARAGRAPH` long."""

    place: Place
    source: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Inline Markdown of a heading, level 1 to 6."""

    place: Place
    level: int
    source: str


@dataclass(frozen=True, slots=True)
class Code:
    """Up to `limits.CODE_LINES` lines of one code block.

    Attributes:
        place: where it stands; `glued` says its first line goes on the last line of the leaf before.
        language: first word of the fence's info string, or "".
        lines: without line ends; may be empty in the last leaf.
        number: index in the whole block of the first line (a line cut in two counts twice).
        first: the first leaf of its block.
        last: the last leaf so far.
        closed: nothing more can come.
        fenced: it had a fence (else it was indented).
    """

    place: Place
    language: str
    lines: tuple[str, ...]
    number: int = 0
    first: bool = True
    last: bool = True
    closed: bool = False
    fenced: bool = True


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; cells are inline Markdown, as many as `alignments`. Row 0 is the header."""

    place: Place
    cells: tuple[str, ...]
    alignments: tuple[Alignment, ...]
    index: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal rule."""

    place: Place


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula on lines of its own. `raw` is its source with its marks; all of them where it is `closed`."""

    place: Place
    raw: str
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a reference leads: nothing of it is read. `raw` is its line."""

    place: Place
    label: str
    href: str
    raw: str


@dataclass(frozen=True, slots=True)
class Plain:
    """Lines of plain text, where nothing means anything but itself."""

    place: Place
    text: str


Block: TypeAlias = Paragraph | Heading | Code | TableRow | Rule | Formula | Definition | Plain
