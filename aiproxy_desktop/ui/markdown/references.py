"""What a text refers to by name: links and notes, defined anywhere in the same message.

A leaf never changes when its definition comes: it only names its references. `References` is the table
that grows while definitions come, and says which leaves are read otherwise from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Block, Definition, Heading, Note, Paragraph, TableRow
from aiproxy_desktop.ui.markdown.inline import allowed_target, parse_inline

# Columns that the further lines of a note are indented.
NOTE_INDENT: Final = 4

_NOTE = re.compile(rf" {{0,3}}\[\^([^\s\[\]^]{{1,{limits.LABEL}}})\]:[ \t]*")
_DEFINITION = re.compile(
    rf" {{0,3}}\[(?!\^)([^\[\]\\]{{1,{limits.LABEL}}})\]:[ \t]*<?([^\s<>]{{1,{limits.LINK_TARGET}}})>?"
    r"(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*\Z"
)


@dataclass(frozen=True, slots=True)
class NoteStart:
    """The label of a note, and the rest of its first line."""

    label: str
    rest: str


@dataclass(frozen=True, slots=True)
class Target:
    """A label, and the address it stands for."""

    label: str
    href: str


def note(line: str) -> NoteStart | None:
    """The note a line begins."""
    found = _NOTE.match(line)
    return None if found is None else NoteStart(key_of(found[1]), line[found.end() :])


def definition(line: str) -> Target | None:
    """What a line defines. Addresses lead to http, https and mailto only; any other line is text."""
    found = _DEFINITION.match(line)
    if found is None or not found[1].strip():
        return None
    href = allowed_target(found[2])
    return None if href is None else Target(key_of(found[1]), href)


def key_of(label: str) -> str:
    """A label as labels are compared."""
    return " ".join(label.casefold().split())


def numbered(label: str) -> str:
    """The key of a note among the keys of links."""
    return f"^{label}"


class References:
    """The definitions of one message so far, and which of its leaves name what.

    Every leaf is taken once; a definition costs the leaves that name it. Of two definitions of the same
    label the first counts.
    """

    def __init__(self) -> None:
        self._links: dict[str, str] = {}
        self._notes: dict[str, int] = {}  # label: the leaf it begins with
        self._numbers: dict[str, int] = {}
        self._naming: dict[str, list[int]] = {}
        self._order: dict[str, None] = {}  # labels of notes as they are first named
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many leaves were taken."""
        return self._taken

    def link(self, label: str) -> str:
        """Where a label leads, or ""."""
        return self._links.get(label, "")

    def number(self, label: str) -> int | None:
        """The number of a note, by first mention; None if there is no such note."""
        return self._numbers.get(label)

    def first_mention(self, label: str) -> int | None:
        """The first leaf that names a note."""
        naming = self._naming.get(numbered(label))
        return naming[0] if naming else None

    @property
    def notes(self) -> dict[str, int]:
        """The leaf that each note begins with, in order of definition."""
        return self._notes

    def take(self, blocks: Sequence[Block], final: int) -> set[int]:
        """Take the leaves up to `final` that were not taken yet; those that are read otherwise now."""
        affected: set[int] = set()
        renumber = False
        for index in range(self._taken, final):
            block = blocks[index]
            for label in self._labels(block):
                self._naming.setdefault(label, []).append(index)
                if label[0] == "^" and label[1:] not in self._order:
                    self._order[label[1:]] = None
                    renumber = renumber or label[1:] in self._notes
            if isinstance(block, Definition):
                affected |= self._define(block)
            elif _begins_note(block):
                renumber = self._define_note(block, index) or renumber
        self._taken = max(self._taken, final)
        return affected | self._renumber() if renumber else affected

    def expect(self, blocks: Sequence[Block]) -> set[int]:
        """See the note that is just arriving, whose label is all there; the leaves read otherwise now."""
        last = len(blocks) - 1
        if last < self._taken or not _begins_note(blocks[last]) or not self._define_note(blocks[last], last):
            return set()
        return self._renumber()

    def _define(self, block: Definition) -> set[int]:
        if block.label in self._links or len(self._links) >= limits.DEFINITIONS:
            return set()
        self._links[block.label] = block.href
        return set(self._naming.get(block.label, ()))

    def _define_note(self, block: Block, index: int) -> bool:
        label = _note_of(block)
        if label is None or label in self._notes or len(self._notes) >= limits.DEFINITIONS:
            return False
        self._notes[label] = index
        return True

    def _renumber(self) -> set[int]:
        """Number the notes anew: named ones first; the leaves that show another number now."""
        named = [label for label in self._order if label in self._notes]
        others = [label for label in self._notes if label not in self._order]
        numbers = {label: number for number, label in enumerate([*named, *others], 1)}
        changed = [label for label, number in numbers.items() if self._numbers.get(label) != number]
        self._numbers = numbers
        affected = {self._notes[label] for label in changed}
        for label in changed:
            affected.update(self._naming.get(numbered(label), ()))
        return affected

    def _labels(self, block: Block) -> Iterator[str]:
        for source in _sources(block):
            if "]" in source:
                yield from dict.fromkeys(reference.key for reference in parse_inline(source).references)


def arranged(blocks: Sequence[Block], references: References) -> list[Block]:
    """A whole message's leaves with its notes at the end, in the order of their numbers."""
    if not references.notes:
        return list(blocks)
    text: list[Block] = []
    notes: dict[str, list[Block]] = {}
    for block in blocks:
        label = _note_of(block)
        (text if label is None else notes.setdefault(label, [])).append(block)
    for label in sorted(notes, key=lambda label: references.number(label) or len(references.notes) + 1):
        text += notes[label]
    return text


def _begins_note(block: Block) -> bool:
    place = block.place
    return _note_of(block) is not None and place.opened == len(place.containers)


def _note_of(block: Block) -> str | None:
    containers = block.place.containers
    return containers[0].label if containers and isinstance(containers[0], Note) else None


def _sources(block: Block) -> tuple[str, ...]:
    match block:
        case Paragraph() | Heading():
            return (block.source,)
        case TableRow():
            return block.cells
        case _:
            return ()
