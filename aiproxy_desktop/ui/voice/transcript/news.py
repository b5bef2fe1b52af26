"""What of other entries is worth being read out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aiproxy_desktop.services.voice.values import VoiceCall, VoiceEntry, VoiceTurn
from aiproxy_desktop.ui.voice.transcript.call_words import call_title
from aiproxy_desktop.ui.voice.transcript.column import Column, block_for
from aiproxy_desktop.ui.voice.transcript.remark_block import remark_words


def news(column: Column, first: int, entries: Sequence[VoiceEntry], *, heard: bool) -> list[str]:
    """Answers that cannot be heard, what waits for the person, and trouble.

    Args:
        column: the entries as they were.
        first: from here on they are others.
        entries: those.
        heard: whether answers sound: they would be said twice, and over themselves.
    """
    return list(_news(column, first, entries, heard=heard))


def _news(column: Column, first: int, entries: Sequence[VoiceEntry], *, heard: bool) -> Iterator[str]:
    for place, entry in enumerate(entries, first):
        block = column.blocks[place] if place < len(column.blocks) else None
        before = block.entry if block is not None and block.id == entry.id else None
        if isinstance(entry, VoiceTurn):
            was_live = isinstance(before, VoiceTurn) and before.status == "live"
            if not heard and was_live and entry.status != "live" and entry.role == "model":
                yield block_for(entry, column.sheet).spoken(column.who)
        elif isinstance(entry, VoiceCall):
            former = before.status if isinstance(before, VoiceCall) else ""
            if entry.status in {"asking", "waiting"} and entry.status != former:
                yield call_title(entry)
        elif before is None and entry.kind == "trouble":
            yield remark_words(entry)
