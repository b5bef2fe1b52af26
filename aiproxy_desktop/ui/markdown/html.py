"""Blocks as HTML: our own few elements, every text escaped, links to http, https and mailto only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Final

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
from aiproxy_desktop.ui.markdown.copying import Piece, block_text, cells_of
from aiproxy_desktop.ui.markdown.inline import BOLD, CODE, ITALIC, MATH, STRIKE, Span, parse_inline
from aiproxy_desktop.ui.markdown.resolved import Names, Part, resolved

_TAGS: Final = ((CODE | MATH, "code"), (ITALIC, "em"), (BOLD, "strong"), (STRIKE, "del"))
_ALLOWED: Final = re.compile(r"(?:https?://|mailto:)\S+\Z", re.IGNORECASE)


def html_of(blocks: Sequence[Block], names: Names | None = None) -> str:
    """Whole blocks, such as those of a message, as a fragment of HTML: what stands inside a body.

    References to `names` are followed; any other stands as it was written.
    """
    return html_of_pieces([Piece(block) for block in blocks], names)


def html_of_pieces(pieces: Sequence[Piece], names: Names | None = None) -> str:
    """Parts of blocks as a fragment of HTML; what a part stands in (its list, its quote) comes with it."""
    writer = _Writer(names)
    for piece in pieces:
        writer.add(piece)
    return writer.end()


class _Writer:
    """Leaves come flat; the containers round them are opened and closed on the way.

    `_list` is the item whose list still stands open at the present depth: the next one may join it.
    """

    def __init__(self, names: Names | None) -> None:
        self._names = names
        self._out: list[str] = []
        self._open: list[Container] = []
        self._list: Item | None = None
        self._before: Block | None = None
        self._leaf_end = ""

    def add(self, piece: Piece) -> None:
        block = piece.block
        before, self._before = self._before, block
        if before is not None and _goes_on(before, block):
            self._out.append(_joint(block))
        else:
            self._close_leaf()
            self._enter(block.place)
            self._out.append(self._begin(block))
        self._out.append(_content(piece, self._names))

    def end(self) -> str:
        self._close_leaf()
        self._leave(0)
        self._close_list()
        return "".join(self._out)

    # -- containers

    def _enter(self, place: Place) -> None:
        keep = 0
        most = min(len(place.containers) - place.opened, len(self._open))
        while keep < most and self._open[keep] == place.containers[keep]:
            keep += 1
        self._leave(keep)
        for container in place.containers[keep:]:
            if isinstance(container, Item):
                self._open_item(container)
            else:
                self._close_list()
                self._out.append(_opening(container))
            self._open.append(container)
        if len(place.containers) == keep:
            self._close_list()

    def _leave(self, depth: int) -> None:
        while len(self._open) > depth:
            self._close_list()
            container = self._open.pop()
            if isinstance(container, Item):
                self._out.append("</li>\n")
                self._list = container
            else:
                self._out.append("</blockquote>\n" if isinstance(container, Quote) else "</div>\n")

    def _open_item(self, item: Item) -> None:
        former = self._list
        if former is None or not _same_list(former, item):
            self._close_list()
            start = "" if item.number in (None, 1) else f' start="{item.number}"'
            self._out.append("<ul>\n" if item.number is None else f"<ol{start}>\n")
        self._list = None
        box = ""
        if item.checked is not None:
            box = f'<input type="checkbox" disabled{" checked" if item.checked else ""}> '
        self._out.append(f'<li dir="auto">{box}')

    def _close_list(self) -> None:
        if self._list is not None:
            self._out.append("</ul>\n" if self._list.number is None else "</ol>\n")
            self._list = None

    # -- leaves

    def _begin(self, block: Block) -> str:
        match block:
            case Code():
                language = f' class="language-{escape(block.language)}"' if block.language else ""
                self._leaf_end = "</code></pre>\n"
                return f'<pre dir="ltr"><code{language}>'
            case TableRow():
                self._leaf_end = "</table>\n"
                return "<table>\n"
            case Heading():
                self._leaf_end = f"</h{block.level}>\n"
                return f'<h{block.level} dir="auto">'
            case Rule():
                return "<hr>\n"
            case Definition():
                return ""
            case Formula():
                self._leaf_end = "</code></pre>\n"
                return '<pre dir="ltr"><code class="math">'
            case Plain():
                self._leaf_end = "</p>\n"
                return '<p dir="auto" style="white-space: pre-wrap">'
        place = block.place
        if place.opened and isinstance(place.containers[-1], Item | Note):
            return ""  # an item's first paragraph is the item's own text, however loose its list is
        self._leaf_end = "</p>\n"
        return '<p dir="auto">'

    def _close_leaf(self) -> None:
        self._out.append(self._leaf_end)
        self._leaf_end = ""


def _opening(container: Quote | Note) -> str:
    if isinstance(container, Quote):
        return "<blockquote>\n"
    mark = container.label if container.number is None else str(container.number)
    return f'<div role="doc-footnote">[{escape(mark)}] '


def _same_list(former: Item, item: Item) -> bool:
    return (former.number is None) == (item.number is None) and former.delimiter == item.delimiter


def _goes_on(before: Block, block: Block) -> bool:
    """Whether a leaf only carries on what the one before it began."""
    match block:
        case Code():
            return isinstance(before, Code) and not block.first
        case TableRow():
            return isinstance(before, TableRow) and block.index > 0
        case Plain():
            return isinstance(before, Plain)
        case Paragraph():
            place = block.place
            # Without a blank line between them two paragraphs are one that was cut for its length.
            cut = not place.opened and not place.spaced and place.containers == before.place.containers
            return isinstance(before, Paragraph) and (place.glued or cut)
    return False


def _joint(block: Block) -> str:
    if block.place.glued or isinstance(block, TableRow) or (isinstance(block, Code) and not block.lines):
        return ""
    return "<br>\n" if isinstance(block, Paragraph) else "\n"


def _content(piece: Piece, names: Names | None) -> str:
    block = piece.block
    match block:
        case Paragraph() | Heading():
            return _inline(block.source, piece.start, piece.end, names)
        case TableRow():
            return _row(block, piece, names)
        case Definition():
            return ""
        case _:
            return escape(block_text(block)[piece.start : piece.end])


def _row(block: TableRow, piece: Piece, names: Names | None) -> str:
    name = "td" if block.index else "th"
    cells: list[str] = []
    for cell, alignment in zip(cells_of(piece), block.alignments, strict=True):
        style = "" if alignment == "left" else f' style="text-align: {alignment}"'
        inner = _inline(cell.text, cell.start, cell.end, names)
        cells.append(f'<{name} dir="auto"{style}>{inner}</{name}>')
    return f"<tr>{''.join(cells)}</tr>\n"


def _inline(source: str, start: int, end: int | None, names: Names | None) -> str:
    """Part of a text with its styles; `start` and `end` count read characters."""
    inline = parse_inline(source)
    end = len(inline.text) if end is None else min(end, len(inline.text))
    out: list[str] = []
    position = start
    for href, parts in groupby(resolved(inline, names), key=lambda part: part.span.href):
        inner: list[str] = []
        for part in parts:
            first, last = max(part.span.start, start), min(part.span.end, end)
            if first >= last:
                continue
            if first > position:
                out += [_linked("".join(inner), href), _text(inline.text[position:first])]
                inner = []
            inner.append(_part(part, inline.text[first:last]))
            position = last
        out.append(_linked("".join(inner), href))
    out.append(_text(inline.text[position:end]))
    return "".join(out)


def _part(part: Part, text: str) -> str:
    if part.note:
        return f"<sup>[{part.shown}]</sup>"
    return "" if part.shown is not None else _styled(text, part.span)


def _linked(html: str, href: str) -> str:
    if not html or _ALLOWED.match(href) is None:
        return html
    return f'<a href="{escape(href)}">{html}</a>'


def _styled(text: str, span: Span) -> str:
    html = _text(text)
    for flag, tag in _TAGS:
        if span.style & flag:
            html = f"<{tag}>{html}</{tag}>"
    return html


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
