"""The room between two blocks."""

from __future__ import annotations

from aiproxy_desktop.ui.markdown.blocks import Block, Code, Formula, Heading, Item, Rule, TableRow

_CARDS = (Code, TableRow, Rule, Formula)
_PARAGRAPH = 8
_CARD = 12
_BEFORE_HEADING = 20


def margin(before: Block | None, after: Block) -> int:
    """Pixels above `after` where `before` stands over it."""
    place = after.place
    if before is None or place.glued:
        return 0
    if (isinstance(after, Code) and not after.first) or (isinstance(after, TableRow) and after.index):
        return 0
    if isinstance(after, Heading):
        return _PARAGRAPH if isinstance(before, Heading) else _BEFORE_HEADING
    cards = isinstance(after, _CARDS), isinstance(before, _CARDS)
    if isinstance(before, Heading):
        return _PARAGRAPH if cards[0] or _items(after) else 4
    if any(cards):
        return _CARD
    before_items, after_items = _items(before), _items(after)
    if before_items != after_items and (not before_items or not after_items):
        return _PARAGRAPH if after_items else _CARD
    return _PARAGRAPH if place.spaced else 0


def _items(block: Block) -> int:
    return sum(isinstance(container, Item) for container in block.place.containers)
