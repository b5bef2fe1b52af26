"""Blocks back into text, whole or in part: as Markdown source or as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiproxy_desktop.ui.markdown.blocks import (
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
    Plain,
    Quote,
    Rule,
    TableRow,
)
from aiproxy_desktop.ui.markdown.inline import BOLD, CODE, ITALIC, STRIKE, Inline, parse_inline
from aiproxy_desktop.ui.markdown.resolved import Names, read


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of one block: `start` to `end` of its `block_text`, `end` None for all the rest."""

    block: Block
    start: int = 0
    end: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing of the block is left out."""
        return self.start == 0 and self.end is None


def block_text(block: Block) -> str:
    """The text of a block as it is read; the cells of a table row with tabs between."""
    match block:
        case Paragraph() | Heading():
            return parse_inline(block.source).text
        case Code():
            return "\n".join(block.lines)
        case TableRow():
            return "\t".join(parse_inline(cell).text.replace("\n", " ") for cell in block.cells)
        case Plain():
            return block.text
        case Formula():
            return block.raw
        case Rule() | Definition():
            return ""


def as_plain(pieces: Sequence[Piece], names: Names | None = None) -> str:
    """As read: list markers stay, every other mark goes; references to `names` are followed."""
    out: list[str] = []
    before: Block | None = None
    for piece in pieces:
        if isinstance(piece.block, Definition):
            continue
        text = _read(piece, names)
        place = piece.block.place
        first, rest = _prefixes(place, quotes=False) if piece.start == 0 else ("", "")
        out.append(_separator(before, piece.block, quotes=False) if before else "")
        out.append(text if place.glued and before else _prefixed(text, first, rest))
        before = piece.block
    return "".join(out)


def _read(piece: Piece, names: Names | None) -> str:
    block = piece.block
    match block:
        case Paragraph() | Heading():
            return read(block.source, names, piece.start, piece.end)
        case TableRow():
            cells = [read(cell.text, names, cell.start, cell.end) for cell in cells_of(piece)]
            return "\t".join(cells).replace("\n", " ")
        case _:
            return block_text(block)[piece.start : piece.end]


@dataclass(frozen=True, slots=True)
class CellPart:
    """Part of a cell's inline Markdown, `start` to `end` of it as it is read."""

    text: str
    start: int
    end: int


def cells_of(piece: Piece) -> list[CellPart]:
    """The cells of a row, each with the part of it that the piece holds."""
    row = piece.block
    assert isinstance(row, TableRow)
    found: list[CellPart] = []
    start = 0
    for cell in row.cells:
        source = cell.replace("\n", " ")
        length = len(parse_inline(source).text)
        end = length if piece.end is None else max(0, min(length, piece.end - start))
        found.append(CellPart(source, max(0, piece.start - start), end))
        start += length + 1
    return found


def as_markdown(pieces: Sequence[Piece]) -> str:
    """As source. Part of a single block comes without that block's own marks."""
    alone = len(pieces) == 1 or _one_listing(pieces)
    out: list[str] = []
    before: Block | None = None
    for piece in pieces:
        block = piece.block
        bare = piece.start > 0 or (alone and not piece.whole) or (alone and isinstance(block, Code))
        text = _source(piece, bare=alone)
        first, rest = ("", "") if bare else _prefixes(block.place, quotes=True)
        out.append(_separator(before, block, quotes=True) if before else "")
        out.append(text if block.place.glued and before else _prefixed(text, first, rest))
        before = block
    return "".join(out)


def _one_listing(pieces: Sequence[Piece]) -> bool:
    """Whether it is all lines of one code block."""
    return all(isinstance(piece.block, Code) for piece in pieces) and not any(
        isinstance(piece.block, Code) and piece.block.first for piece in pieces[1:]
    )


def _source(piece: Piece, *, bare: bool) -> str:
    block = piece.block
    match block:
        case Paragraph():
            return block.source if piece.whole else inline_markdown(block.source, piece.start, piece.end)
        case Heading():
            if piece.whole:
                return f"{'#' * block.level} {block.source}".replace("\n", " ")
            return inline_markdown(block.source, piece.start, piece.end)
        case Code():
            return _listing(block, block_text(block)[piece.start : piece.end], bare=bare)
        case TableRow() if piece.whole or not bare:
            return _row(block)
        case Rule():
            return "---"
        case Definition():
            return block.raw
        case _:
            return block_text(block)[piece.start : piece.end]


def _listing(block: Code, text: str, *, bare: bool) -> str:
    if bare:
        return text
    fence = "```" if "```" not in text else "~~~~"
    head = f"{fence}{block.language}\n" if block.first else ""
    tail = f"{chr(10) if block.lines else ''}{fence}" if block.last else ""
    return f"{head}{text}{tail}"


def _row(block: TableRow) -> str:
    cells = " | ".join(cell.replace("|", "\\|") for cell in block.cells)
    row = f"| {cells} |"
    if block.index:
        return row
    marks = {"left": "---", "center": ":-:", "right": "--:"}
    return f"{row}\n|{'|'.join(marks[alignment] for alignment in block.alignments)}|"


def inline_markdown(source: str, start: int, end: int | None) -> str:
    """Part of a text with the marks of its styles put back; `start` and `end` count read characters."""
    inline = parse_inline(source)
    end = len(inline.text) if end is None else min(end, len(inline.text))
    out: list[str] = []
    position = start
    for span in inline.spans:
        first, last = max(span.start, start), min(span.end, end)
        if first >= last:
            continue
        out.append(inline.text[position:first])
        out.append(_marked(inline, first, last, span.style, span.href))
        position = last
    out.append(inline.text[position:end])
    return "".join(out)


def _marked(inline: Inline, first: int, last: int, style: int, href: str) -> str:
    text = inline.text[first:last]
    for flag, mark in ((CODE, "`"), (ITALIC, "*"), (BOLD, "**"), (STRIKE, "~~")):
        if style & flag:
            text = f"{mark}{text}{mark}"
    if href and href != text:
        text = f"[{text}]({href})"
    return text


def _prefixes(place: Place, *, quotes: bool) -> tuple[str, str]:
    """What stands before the first line of a leaf and before its further lines."""
    first, rest = "", ""
    opened = len(place.containers) - place.opened
    for depth, container in enumerate(place.containers):
        if isinstance(container, Quote):
            first, rest = (first + "> ", rest + "> ") if quotes else (first, rest)
            continue
        marker, indent = _marker(container, quotes=quotes)
        first += marker if depth >= opened else indent
        rest += indent
    return first, rest


def _marker(container: Item | Note, *, quotes: bool) -> tuple[str, str]:
    """What stands before the first line in an item or a note, and before its further lines."""
    if isinstance(container, Item):
        marker = container.marker + " "
        return marker, " " * (len(marker) if container.checked is None else len(marker) - 4)
    number = container.number
    marker = f"[^{container.label}]: " if quotes or number is None else f"{number}. "
    return marker, " " * 4


def _prefixed(text: str, first: str, rest: str) -> str:
    if not (first or rest):
        return text
    head, *tail = text.split("\n")
    return "\n".join([(first + head).rstrip() if not head else first + head, *(rest + line for line in tail)])


def _separator(before: Block, after: Block, *, quotes: bool) -> str:
    if after.place.glued:
        return ""
    if not after.place.spaced and not _must_part(before, after):
        return "\n"
    common = _common(before.place.containers, after.place.containers) if quotes else 0
    return f"\n{'> ' * common}".rstrip(" ") + "\n"


def _must_part(before: Block, after: Block) -> bool:
    """Whether only a blank line keeps two blocks apart."""
    return isinstance(before, TableRow) and isinstance(after, TableRow) and after.index == 0


def _common(before: tuple[Container, ...], after: tuple[Container, ...]) -> int:
    count = 0
    for one, other in zip(before, after, strict=False):
        if not (isinstance(one, Quote) and isinstance(other, Quote)):
            break
        count += 1
    return count
