"""A whole text as the leaves of a message that is no longer written: its notes stand at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiproxy_desktop.ui.markdown.blocks import Block, Note, Place
from aiproxy_desktop.ui.markdown.document import parse
from aiproxy_desktop.ui.markdown.references import References, arranged


@dataclass(frozen=True, slots=True)
class Whole:
    """The leaves in the order in which they are shown, and where their references lead."""

    blocks: Sequence[Block]
    references: References


def read_message(text: str) -> Whole:
    """All of a text."""
    blocks = parse(text)
    references = References()
    references.take(blocks, len(blocks))
    return Whole([numbered(block, references) for block in arranged(blocks, references)], references)


def read_whole(text: str) -> Sequence[Block]:
    """The leaves alone."""
    return read_message(text).blocks


def numbered(block: Block, references: References) -> Block:
    """A leaf with the number of the note it stands in."""
    place = block.place
    if not any(isinstance(container, Note) for container in place.containers):
        return block
    containers = tuple(
        replace(container, number=references.number(container.label))
        if isinstance(container, Note)
        else container
        for container in place.containers
    )
    return replace(block, place=Place(containers, place.opened, place.spaced, place.glued))
