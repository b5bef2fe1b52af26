"""What is selected, across pieces and messages, and how it is copied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiproxy_desktop.ui.chat.transcript.clipboard import RICH_LIMIT, Clip, message_html
from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.message_view import MessageView
from aiproxy_desktop.ui.markdown.copying import Piece as CopyPiece
from aiproxy_desktop.ui.markdown.copying import as_markdown, as_plain
from aiproxy_desktop.ui.markdown.html import html_of_pieces
from aiproxy_desktop.ui.markdown.resolved import Names

_WORD = re.compile(r"\w+|\s+|[^\w\s]+")

# Beyond this, plain text of whole messages is their source: reading it all would hold the window up.
_PLAIN_LIMIT: Final = 2_000_000


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two units: message, piece, UTF-16 unit of that piece's text."""

    message: int
    piece: int
    offset: int


@dataclass(frozen=True, slots=True)
class Selection:
    """From where it began to where it is now, in either order."""

    anchor: Position
    head: Position

    @property
    def start(self) -> Position:
        """The earlier end."""
        return min(self.anchor, self.head)

    @property
    def end(self) -> Position:
        """The later end."""
        return max(self.anchor, self.head)

    @property
    def pair(self) -> tuple[Position, Position]:
        """Both ends."""
        return self.anchor, self.head

    @property
    def empty(self) -> bool:
        """Whether nothing is selected."""
        return self.anchor == self.head

    def within(self, message: int, piece: int, length: int) -> tuple[int, int] | None:
        """The part of one piece that is selected, in its units."""
        start, end = self.start, self.end
        here = (message, piece)
        if here < (start.message, start.piece) or here > (end.message, end.piece):
            return None
        first = start.offset if here == (start.message, start.piece) else 0
        last = end.offset if here == (end.message, end.piece) else length
        return (first, last) if first < last else None

    def moved(self, messages: int) -> Selection:
        """The same selection, after so many messages came before."""
        return Selection(
            replace(self.anchor, message=self.anchor.message + messages),
            replace(self.head, message=self.head.message + messages),
        )

    def extended(self, start: Position, end: Position) -> Selection:
        """The selection grown to a word or paragraph at its moving end."""
        if start < self.anchor:
            return Selection(max(self.end, self.anchor), start)
        return replace(self, head=end)


def word_around(text: str, offset: int) -> tuple[int, int]:
    """Start and end of the word (or the stretch of spaces, or of signs) at a position."""
    begin = max(0, offset - 200)
    for found in _WORD.finditer(text, begin):
        if found.end() > offset:
            return found.start(), found.end()
    return offset, offset


def select_all(column: Column) -> Selection | None:
    """Everything."""
    if not column.views:
        return None
    # Beyond any piece of any message: nothing has to be read to say "all".
    return Selection(Position(0, 0, 0), Position(len(column.views), 0, 0))


def copied(column: Column, selection: Selection, *, plain: bool) -> str:
    """The selected text: Markdown source, or as it is read."""
    start, end = selection.start, selection.end
    out: list[str] = []
    size = 0
    for index in range(start.message, min(end.message, len(column.views) - 1) + 1):
        view = column.views[index]
        whole_start = index > start.message or (start.piece, start.offset) == (0, 0)
        whole = whole_start and index < end.message
        size += len(view.text)
        if whole and (not plain or view.own or size > _PLAIN_LIMIT):
            out.append(view.text.strip("\n"))
            continue
        pieces, names = _selected_pieces(view, index, selection)
        if pieces:
            out.append(as_plain(pieces, names) if plain else as_markdown(pieces))
    return "\n\n".join(out)


def selection_clip(column: Column, selection: Selection, *, plain: bool, rich: bool) -> Clip:
    """What a selection puts on the clipboard: as it is read or as source, and rich text beside the source."""
    html = copied_html(column, selection) if rich and not plain else ""
    return Clip(copied(column, selection, plain=plain), html)


def message_clip(column: Column, index: int, *, plain: bool, rich: bool) -> Clip:
    """What a whole message puts on the clipboard."""
    view = column.views[index]
    if not plain:
        return Clip(view.text, message_html(view) if rich else "")
    view.materialise()
    whole = Selection(Position(index, 0, 0), Position(index, len(view.pieces), 0))
    return Clip(copied(column, whole, plain=True))


def copied_html(column: Column, selection: Selection) -> str:
    """The selected text as HTML, or "" where that would be too much of it."""
    start, end = selection.start, selection.end
    indices = range(start.message, min(end.message, len(column.views) - 1) + 1)
    size = 0
    for index in indices:
        size += len(column.views[index].text)
        if size > RICH_LIMIT:
            return ""
    out: list[str] = []
    for index in indices:
        view = column.views[index]
        whole_start = index > start.message or (start.piece, start.offset) == (0, 0)
        if whole_start and index < end.message:
            out.append(message_html(view))
        else:
            out.append(html_of_pieces(*_selected_pieces(view, index, selection)))
    return "".join(out)


def _selected_pieces(
    view: MessageView, index: int, selection: Selection
) -> tuple[Sequence[CopyPiece], Names | None]:
    # A look at a message out of view must not keep its pieces; only those that had some keep them.
    had = not view.materialise()
    found: list[CopyPiece] = []
    for number, piece in enumerate(view.pieces):
        if piece.block is None:
            continue
        length = len(piece.text)
        part = selection.within(index, number, length)
        if part is None and not (length == 0 and _inside(selection, index, number)):
            continue
        first, last = part or (0, 0)
        end = None if last >= length else piece.to_read(last)
        found.append(CopyPiece(piece.block, piece.to_read(first), end))
    names = view.references
    if not had:
        view.dematerialise()
    return found, names


def _inside(selection: Selection, message: int, piece: int) -> bool:
    start, end = selection.start, selection.end
    return (start.message, start.piece) < (message, piece) < (end.message, end.piece)
