"""The ways inside a message: from a mark to its note, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from aiproxy_desktop.ui.chat.transcript.display import TO_MENTION, TO_NOTE
from aiproxy_desktop.ui.chat.transcript.navigation import LinkPlace
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.pieces.footnotes import begins_note, note_of
from aiproxy_desktop.ui.markdown.blocks import Heading, Paragraph, TableRow
from aiproxy_desktop.ui.markdown.copying import block_text
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

_HINT: Final = 300


def is_inside(href: str) -> bool:
    """Whether a link leads to another place of its own message."""
    return href.startswith((TO_NOTE, TO_MENTION))


def follow(area: Transcript, message: int, piece: int, href: str) -> None:
    """Go where a link leads: out of the program, or to its other end, the keyboard too if it was in use."""
    if not is_inside(href):
        area.link_activated.emit(href)
        return
    found = _other_end(area.column.views[message].pieces, piece, href)
    if found is None:
        return
    navigation = area.navigation
    if navigation.ring and navigation.current == message:
        navigation.link = found
    area.column.reveal_piece(message, found.piece)
    area.settle()


def hint(area: Transcript, message: int, piece: int, href: str) -> str:
    """What a link's tooltip says: its address, or the note it leads to."""
    if href.startswith(TO_MENTION):
        return tr("Back to the text")
    if not href.startswith(TO_NOTE):
        return href
    found = _other_end(area.column.views[message].pieces, piece, href)
    block = None if found is None else area.column.piece(message, found.piece).block
    text = "" if block is None else block_text(block)
    return text if len(text) <= _HINT else text[:_HINT] + "…"


def _other_end(pieces: Sequence[Piece], start: int, href: str) -> LinkPlace | None:
    """The nearest link back: below for a note, above for a mention, else on the other side."""
    below, above = range(start + 1, len(pieces)), range(start, -1, -1)
    if href.startswith(TO_NOTE):
        return next(_notes(pieces, [*below, *above], href.removeprefix(TO_NOTE)), None)
    return next(_mentions(pieces, [*above, *below], href.removeprefix(TO_MENTION)), None)


def _notes(pieces: Sequence[Piece], order: Sequence[int], label: str) -> Iterator[LinkPlace]:
    for index in order:
        note = note_of(pieces[index].block)
        if note is None or note.label != label or not begins_note(pieces[index].block):
            continue
        back = _link(pieces[index], TO_MENTION + label, index)
        yield back if back is not None else LinkPlace(index, 0, 0, "")


def _mentions(pieces: Sequence[Piece], order: Sequence[int], label: str) -> Iterator[LinkPlace]:
    for index in order:
        block = pieces[index].block
        match block:
            case Paragraph() | Heading():
                named = "[^" in block.source
            case TableRow():
                named = any("[^" in cell for cell in block.cells)
            case _:
                named = False
        mention = _link(pieces[index], TO_NOTE + label, index) if named else None
        if mention is not None:
            yield mention


def _link(piece: Piece, href: str, index: int) -> LinkPlace | None:
    for link in piece.links():
        if link.href == href:
            return LinkPlace(index, link.start, link.end, link.href)
    return None
