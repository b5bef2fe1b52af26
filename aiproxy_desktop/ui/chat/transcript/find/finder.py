"""Hits in a whole conversation: how many there are, and which is next. No widget in here.

A short conversation is counted in the text as it is read. A long one is counted in its messages' source,
which takes no parsing; a message that is visited is then counted as it is read, and the sum with it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.find.searching import count_in, folded, spans_in
from aiproxy_desktop.ui.chat.transcript.heights import HeightIndex
from aiproxy_desktop.ui.markdown.blocks import Block
from aiproxy_desktop.ui.markdown.copying import block_text

# Characters up to which a conversation is counted as it is read.
_READ: Final = 400_000

# Messages of a longer one whose text is kept.
_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Hit:
    """The `number`-th hit of a message, from 0."""

    message: int
    number: int


@dataclass(frozen=True, slots=True)
class Found:
    """Read characters `start` to `end` of a piece."""

    piece: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Read:
    block: Block
    text: str


class Finder:
    """Counts hits a slice at a time. `complete` says that every message was looked at."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self.terms: tuple[str, ...] = ()
        self._counts = HeightIndex()
        self._next = 0
        self._changed: set[int] = set()
        # Blocks as they are compared: those that did not change are not read again.
        self._read: dict[int, list[_Read]] = {}
        self._as_read = False

    @property
    def complete(self) -> bool:
        """Whether nothing is left to look at."""
        return not self.terms or (self._next >= len(self._column.views) and not self._changed)

    @property
    def total(self) -> int:
        """Hits so far."""
        return self._counts.total

    def reset(self) -> None:
        """There are other messages."""
        self._read.clear()
        self.search(self.terms)

    def prepended(self, count: int) -> None:
        """So many messages came before those there were."""
        self._read = {message + count: read for message, read in self._read.items()}
        self.search(self.terms)

    def replaced_from(self, index: int) -> None:
        """There are other messages from an index on."""
        self._read = {message: read for message, read in self._read.items() if message < index}
        self.search(self.terms)

    def search(self, terms: Sequence[str]) -> None:
        """Look for other words, folded; without any there are no hits."""
        self.terms = tuple(term for term in terms if term)
        self._counts = HeightIndex()
        self._next = 0
        self._changed.clear()
        if not self.terms:
            self._read.clear()
        views = self._column.views
        self._as_read = sum(len(view.text) for view in views) <= _READ

    def changed(self, message: int) -> None:
        """A message has another text."""
        if self.terms and message < self._next:
            self._changed.add(message)

    def step(self, seconds: float) -> None:
        """Look at some more messages, for about as long."""
        end = time.perf_counter() + seconds
        while self._changed:
            message = self._changed.pop()
            self._counts.set(message, self._count(message, again=True))
        views = self._column.views
        while self.terms and self._next < len(views) and time.perf_counter() < end:
            self._counts.append(self._count(self._next))
            self._next += 1

    def _count(self, message: int, *, again: bool = False) -> int:
        view = self._column.views[message]
        if not self._as_read:
            return count_in(folded(view.text), self.terms)
        read = self._read.get(message)
        if read is None or again:
            read = self._texts(message, view.text_blocks())
        return sum(count_in(one.text, self.terms) for one in read)

    def _texts(self, message: int, blocks: Sequence[Block]) -> list[_Read]:
        """A message's blocks as they are compared."""
        known = self._read.get(message, [])
        same, most = 0, min(len(known), len(blocks))
        while same < most and known[same].block is blocks[same]:
            same += 1
        read = known[:same] + [_Read(block, folded(block_text(block))) for block in blocks[same:]]
        if not self._as_read and len(self._read) >= _KEPT:
            self._read.clear()
        self._read[message] = read
        return read

    # -- from hit to hit

    def reached(self, message: int) -> bool:
        """Whether some hit in a message or after it is known."""
        return self._next > message and self._counts.total > self._counts.top(message)

    def place(self, hit: Hit) -> int:
        """Which of all hits it is, from 1; of those known so far, while it counts."""
        return self._counts.top(min(hit.message, self._next)) + hit.number + 1

    def found(self, message: int) -> list[Found]:
        """The hits of one message, in its pieces, which it has from now on."""
        view = self._column.materialised(message)
        hits: list[Found] = []
        blocks = [view.pieces[index].block for index in view.text_range]
        read = self._texts(message, [block for block in blocks if block is not None])
        for index, one in zip(view.text_range, read, strict=True):
            if count_in(one.text, self.terms):
                hits += [Found(index, *span) for span in spans_in(block_text(one.block), self.terms)]
        if message < self._next:
            self._counts.set(message, len(hits))
        return hits

    def first_from(self, message: int) -> Hit | None:
        """The first hit in a message or after it, else the first of all."""
        return self._search(message) or self._search(0)

    def after(self, hit: Hit) -> Hit | None:
        """The next hit; after the last comes the first."""
        if hit.number + 1 < len(self.found(hit.message)):
            return Hit(hit.message, hit.number + 1)
        return self.first_from(hit.message + 1)

    def before(self, hit: Hit) -> Hit | None:
        """The hit before; before the first comes the last."""
        if hit.number > 0:
            return Hit(hit.message, hit.number - 1)
        for start in (hit.message, self._next):
            message = self._last_before(start)
            while message is not None:
                hits = self.found(message)
                if hits:
                    return Hit(message, len(hits) - 1)
                message = self._last_before(message)
        return None

    def _search(self, message: int) -> Hit | None:
        while message < self._next:
            place = self._counts.top(message)
            if place >= self._counts.total:
                return None
            message, _ = self._counts.find(place)
            # What the source promised may not be there as it is read.
            if self.found(message):
                return Hit(message, 0)
            message += 1
        return None

    def _last_before(self, message: int) -> int | None:
        place = self._counts.top(min(message, self._next))
        return self._counts.find(place - 1)[0] if place else None
