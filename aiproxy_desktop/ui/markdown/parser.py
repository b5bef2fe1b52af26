"""Markdown's block structure, one line at a time: (state, line) -> (state, leaves that closed).

State is a value, so an unfinished last line is tried on a copy and thrown away when more of it comes.
The rules are CommonMark's with GitHub's tables, task boxes, footnotes and formulas, and with these
differences, all of which keep a leaf from changing once a later line has come: definitions of links and
of notes stand outside all containers and are leaves themselves (a text only names its references, see
`references`), no HTML blocks, and whether a list is tight is said item by item (`Place.spaced`). A table
row needs a pipe. A formula of its own ends at a blank line at the latest, and is text if its mark does
not close there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from aiproxy_desktop.ui.markdown import formulas, limits, lines, references
from aiproxy_desktop.ui.markdown.blocks import (
    Alignment,
    Block,
    Code,
    Container,
    Definition,
    Formula,
    Heading,
    Item,
    Note,
    Paragraph,
    Place,
    Quote,
    Rule,
    TableRow,
)


@dataclass(frozen=True, slots=True)
class Level:
    """An open container; `indent` is the columns an item's content stands in."""

    container: Container
    indent: int = 0

    def strip(self, line: str) -> str | None:
        """The line without this container's mark, or None if the line is outside it."""
        if isinstance(self.container, Quote):
            return lines.quote(line)
        if lines.indentation(line) >= self.indent:
            return line[self.indent :]
        return None if line.strip() else ""


@dataclass(frozen=True, slots=True)
class Text:
    """An open paragraph."""

    place: Place
    source: str


@dataclass(frozen=True, slots=True)
class Maths:
    """An open formula, with its opening mark."""

    place: Place
    mark: str
    source: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Open code. `mark` is its fence, or "" for indented code, whose trailing blank lines wait."""

    place: Place
    mark: str
    indent: int
    language: str
    lines: tuple[str, ...] = ()
    number: int = 0
    first: bool = True
    blanks: int = 0

    @property
    def is_maths(self) -> bool:
        """Whether it is a fence of maths, short enough to be one formula."""
        return self.language == "math" and bool(self.mark) and self.first and any(self.lines)

    def block(self, *, last: bool, closed: bool) -> Code:
        """As a leaf."""
        return Code(
            self.place, self.language, self.lines, self.number, self.first, last, closed, bool(self.mark)
        )


@dataclass(frozen=True, slots=True)
class Table:
    """An open table; its rows so far are leaves already."""

    alignments: tuple[Alignment, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class State:
    """Everything the next line's meaning depends on.

    `announced` counts the containers some leaf has been shown in; `spaced` says that a blank line came
    since the last leaf.
    """

    levels: tuple[Level, ...] = ()
    announced: int = 0
    leaf: Text | Maths | Listing | Table | None = None
    spaced: bool = False


Step: TypeAlias = tuple[State, list[Block]]


def advance(state: State, line: str) -> Step:
    """Take one whole line, without its line end."""
    step = _Step(state)
    step.line(line)
    return step.result()


def carry_on(state: State, fragment: str) -> Step:
    """Take more of a line too long to be taken at once."""
    step = _Step(state)
    step.fragment(fragment)
    return step.result()


def finish(state: State, *, closed: bool) -> list[Block]:
    """The leaves still open; `closed` says that nothing more will come."""
    step = _Step(state)
    step.close(closed=closed)
    step.announce_empty_items()
    return step.blocks


class _Step:
    """One line being taken."""

    def __init__(self, state: State) -> None:
        self.levels = list(state.levels)
        self.announced = state.announced
        self.leaf = state.leaf
        self.spaced = state.spaced
        self.blocks: list[Block] = []

    def result(self) -> Step:
        return State(tuple(self.levels), self.announced, self.leaf, self.spaced), self.blocks

    # -- leaves and containers

    def place(self, *, glued: bool = False) -> Place:
        """Where a leaf that begins now stands; its containers count as announced from here on."""
        opened = len(self.levels) - self.announced
        place = Place(tuple(level.container for level in self.levels), opened, self.spaced, glued)
        self.announced = len(self.levels)
        self.spaced = False
        return place

    def close(self, *, closed: bool = True) -> None:
        """Emit the open leaf."""
        leaf, self.leaf = self.leaf, None
        if isinstance(leaf, Text):
            self.blocks.append(Paragraph(leaf.place, leaf.source.rstrip()))
        elif isinstance(leaf, Maths):
            source = leaf.source.rstrip()
            self.blocks.append(
                Paragraph(leaf.place, source) if closed else Formula(leaf.place, source, closed=False)
            )
        elif isinstance(leaf, Listing):
            self.spaced = self.spaced or leaf.blanks > 0
            self.blocks.append(
                _formula_in(leaf) if closed and leaf.is_maths else leaf.block(last=True, closed=closed)
            )

    def announce_empty_items(self) -> None:
        """An item without content is a leaf all the same: its marker shows."""
        pending = self.levels[self.announced :]
        if self.leaf is None and any(isinstance(level.container, Item | Note) for level in pending):
            self.blocks.append(Paragraph(self.place(), ""))

    def leave(self, depth: int) -> None:
        """Close the open leaf and every container below `depth`."""
        self.close()
        if len(self.levels) > depth:
            self.announce_empty_items()
            del self.levels[depth:]
            self.announced = min(self.announced, depth)

    # -- lines

    def line(self, line: str) -> None:
        if "\t" in line and (self.levels or not isinstance(self.leaf, Listing) or not self.leaf.mark):
            line = lines.expand_lead(line)
        depth, rest = 0, line
        for level in self.levels:
            inner = level.strip(rest)
            if inner is None:
                break
            rest, depth = inner, depth + 1
        inside = depth == len(self.levels)
        if inside and isinstance(self.leaf, Listing) and self.listing_line(self.leaf, rest):
            return
        if inside and isinstance(self.leaf, Maths) and rest.strip():
            self.maths_line(self.leaf, rest)
            return
        if not rest.strip():
            self.blank_line(depth)
        elif not (inside and self.leaf_line(rest)):
            self.new_blocks(depth, rest)

    def blank_line(self, depth: int) -> None:
        if depth < len(self.levels):
            self.leave(depth)
        else:
            self.close()
            self.announce_empty_items()
        self.spaced = True

    def listing_line(self, leaf: Listing, line: str) -> bool:
        """Whether the line belonged to the open code, its closing fence included."""
        if leaf.mark:
            if lines.closes_fence(line, leaf.mark):
                self.close()
            else:
                self.add_code(leaf, line[min(leaf.indent, lines.indentation(line)) :])
            return True
        if not line.strip():
            self.leaf = replace(leaf, blanks=leaf.blanks + 1)
            return True
        if lines.indentation(line) < lines.INDENTED:
            return False
        for _ in range(leaf.blanks):
            assert isinstance(self.leaf, Listing)
            self.add_code(self.leaf, "")
        assert isinstance(self.leaf, Listing)
        self.add_code(replace(self.leaf, blanks=0), line[lines.INDENTED :])
        return True

    def maths_line(self, leaf: Maths, line: str) -> None:
        """One more line of the open formula, the one with its closing mark perhaps."""
        start = len(leaf.source) + 1
        source = f"{leaf.source}\n{line.strip()}"
        end = formulas.end_of(leaf.mark, source, start)
        if end == len(source) and end <= limits.FORMULA:
            self.leaf = None
            self.blocks.append(Formula(leaf.place, source))
        elif end is not None or len(source) > limits.FORMULA:
            # Words follow it, or nothing like a formula does: it stands in a text.
            self.leaf = Text(leaf.place, source)
        else:
            self.leaf = replace(leaf, source=source)

    def maths(self, depth: int, rest: str) -> bool:
        """Whether the line begins a formula of its own, which may be all of it."""
        mark = formulas.opening(rest)
        if mark is None:
            return False
        source = rest.strip()
        end = formulas.end_of(mark, source, len(mark))
        if end is None and len(source) <= limits.FORMULA:
            self.leave(depth)
            self.leaf = Maths(self.place(), mark, source)
            return True
        if end != len(source) or formulas.FormulaFinder(source).end(0) != end:
            return False
        self.leave(depth)
        self.blocks.append(Formula(self.place(), source))
        return True

    def add_code(self, leaf: Listing, line: str, *, glued: bool = False) -> None:
        full = len(leaf.lines) >= limits.CODE_LINES or sum(map(len, leaf.lines)) >= limits.LINE
        if not (full or glued):
            self.leaf = replace(leaf, lines=(*leaf.lines, line))
            return
        self.blocks.append(leaf.block(last=False, closed=True))
        place = replace(leaf.place, opened=0, spaced=False, glued=glued)
        number = leaf.number + len(leaf.lines)
        self.leaf = replace(leaf, place=place, lines=(line,), number=number, first=False)

    def leaf_line(self, line: str) -> bool:
        """Whether the line changed or lengthened the open paragraph or table."""
        leaf = self.leaf
        if isinstance(leaf, Table):
            if "|" not in line or self.starts_block(line):
                return False
            self.row(leaf, line)
            return True
        if not isinstance(leaf, Text):
            return False
        level = lines.underline(line)
        if level is not None:
            self.leaf = None
            self.blocks.append(Heading(leaf.place, level, leaf.source.rstrip()))
            return True
        before, _, header = leaf.source.rpartition("\n")
        columns = lines.alignments(line, header)
        if columns is not None:
            place = leaf.place
            self.leaf = None
            if before:
                self.blocks.append(Paragraph(place, before.rstrip()))
                place = replace(place, opened=0, spaced=False, glued=False)
            self.blocks.append(TableRow(place, _fitted(lines.cells(header), len(columns)), columns, 0))
            self.leaf = Table(columns, 1)
            return True
        return False

    def row(self, table: Table, line: str) -> None:
        row = _fitted(lines.cells(line), len(table.alignments))
        self.blocks.append(TableRow(self.place(), row, table.alignments, table.rows))
        self.leaf = replace(table, rows=table.rows + 1)

    def starts_block(self, line: str) -> bool:
        return (
            formulas.opening(line) is not None
            or references.note(line) is not None
            or lines.quote(line) is not None
            or lines.heading(line) is not None
            or lines.fence(line) is not None
            or lines.is_rule(line)
            or lines.list_item(line) is not None
        )

    def new_blocks(self, depth: int, rest: str) -> None:
        """Open what the rest of the line begins: containers first, then one leaf."""
        while True:
            if lines.indentation(rest) >= lines.INDENTED:
                if isinstance(self.leaf, Text):
                    break
                self.leave(depth)
                self.add_code(Listing(self.place(), "", 0, ""), rest[lines.INDENTED :])
                return
            entered = self.container(depth, rest)
            if entered is None:
                break
            rest, depth = entered, len(self.levels)
            if not rest.strip():
                return
        if not self.leaf_start(depth, rest):
            self.text(depth, rest)

    def container(self, depth: int, rest: str) -> str | None:
        """Enter a container the line begins; what follows its mark."""
        if depth >= limits.DEPTH:
            return None
        note = references.note(rest) if depth == 0 else None
        if note is not None:
            self.leave(0)
            self.levels.append(Level(Note(note.label), references.NOTE_INDENT))
            return note.rest
        quoted = lines.quote(rest)
        if quoted is not None:
            self.leave(depth)
            self.levels.append(Level(Quote()))
            return quoted
        start = None if lines.is_rule(rest) else lines.list_item(rest)
        if start is None:
            return None
        item = start.item
        interrupts = isinstance(self.leaf, Text) and depth == len(self.levels)
        if interrupts and (not start.rest.strip() or item.number not in (None, 1)):
            return None
        if depth < len(self.levels):
            item = _numbered_after(self.levels[depth].container, item)
        self.leave(depth)
        self.levels.append(Level(item, start.indent))
        return start.rest

    def leaf_start(self, depth: int, rest: str) -> bool:
        """Whether the line is a heading, a rule, an opening fence or mark of maths, or a definition."""
        heading = lines.heading(rest)
        if heading is not None:
            self.leave(depth)
            self.blocks.append(Heading(self.place(), *heading))
            return True
        if lines.is_rule(rest):
            self.leave(depth)
            self.blocks.append(Rule(self.place()))
            return True
        fence = lines.fence(rest)
        if fence is None:
            return self.maths(depth, rest) or self.definition(depth, rest)
        self.leave(depth)
        self.leaf = Listing(self.place(), fence.mark, fence.indent, fence.language)
        return True

    def definition(self, depth: int, rest: str) -> bool:
        """Whether the line says where a reference leads."""
        found = None if depth or isinstance(self.leaf, Text) else references.definition(rest)
        if found is None:
            return False
        self.leave(0)
        self.blocks.append(Definition(self.place(), found.label, found.href, rest.strip()))
        return True

    def text(self, depth: int, rest: str) -> None:
        """A line of a paragraph: of the open one, lazily too, or of a new one."""
        rest = rest.lstrip(" \t")
        leaf = self.leaf
        if isinstance(leaf, Text):
            if len(leaf.source) < limits.PARAGRAPH:
                self.leaf = replace(leaf, source=f"{leaf.source}\n{rest}")
                return
            self.close()
        else:
            self.leave(depth)
        self.leaf = Text(self.place(), rest)

    def fragment(self, fragment: str) -> None:
        leaf = self.leaf
        if isinstance(leaf, Listing):
            self.add_code(leaf, fragment, glued=True)
            return
        self.close()
        self.spaced = False
        self.leaf = Text(self.place(glued=True), fragment)


def _formula_in(leaf: Listing) -> Formula:
    return Formula(leaf.place, formulas.fenced(leaf.lines))


def _fitted(cells: list[str], columns: int) -> tuple[str, ...]:
    """As many cells as there are columns; what is too much stands in the last."""
    if len(cells) > columns:
        cells = [*cells[: columns - 1], " | ".join(cells[columns - 1 :])]
    return (*cells, *[""] * (columns - len(cells)))


def _numbered_after(before: Container, item: Item) -> Item:
    """The item with the number it has after its sibling: lists count on, whatever the source says."""
    if (
        isinstance(before, Item)
        and before.number is not None
        and item.number is not None
        and before.delimiter == item.delimiter
    ):
        return replace(item, number=before.number + 1)
    return item
