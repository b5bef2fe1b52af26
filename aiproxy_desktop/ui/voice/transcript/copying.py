"""What a selection copies. Where it takes in several entries, each begins with who said it and when."""

from __future__ import annotations

from aiproxy_desktop.services.voice.values import VoiceTurn
from aiproxy_desktop.ui.chat.transcript.display import LINE_SEPARATOR
from aiproxy_desktop.ui.chat.transcript.selection import Position, Selection
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.transcript.blocks import Part
from aiproxy_desktop.ui.voice.transcript.column import AnyBlock, Column
from aiproxy_desktop.ui.voice.words import session_time


def everything(column: Column) -> Selection | None:
    """All entries."""
    if not column.blocks:
        return None
    return Selection(Position(0, 0, 0), Position(len(column.blocks), 0, 0))


def copied(column: Column, selection: Selection) -> str:
    """The selected words."""
    start, end = selection.start, selection.end
    last = min(end.message, len(column.blocks) - 1)
    several = start.message < last
    found: list[str] = []
    for index in range(start.message, last + 1):
        block = column.blocks[index]
        whole_start = index > start.message or (start.piece, start.offset) == (0, 0)
        text = block.copied() if whole_start and index < end.message else _part_of(column, index, selection)
        if text.strip():
            found.append(_said(block, text, column.who) if several else text)
    return "\n\n".join(found)


def _said(block: AnyBlock, text: str, who: str) -> str:
    entry = block.entry
    if not isinstance(entry, VoiceTurn):
        return text
    name = tr("You") if entry.role == "user" else who
    return tr("{name} ({time}): {words}", name=name, time=session_time(entry.at), words=text)


def _part_of(column: Column, index: int, selection: Selection) -> str:
    block = column.laid_out(index)
    found = []
    for place, part in enumerate(block.parts):
        chosen = selection.within(index, place, len(part.display.text))
        if chosen is not None:
            found.append(_read(part, *chosen))
    return "\n".join(found)


def _read(part: Part, first: int, last: int) -> str:
    """Units as they are read: without the signs that only the painting has."""
    text, added = part.display.text, frozenset(part.display.added)
    halves = "".join(
        text[unit] for unit in range(first, last) if unit not in added or "\udc00" <= text[unit] <= "\udfff"
    )
    whole = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return whole.replace(LINE_SEPARATOR, "\n")
