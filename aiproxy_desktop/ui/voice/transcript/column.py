"""All entries in one column, and which part of it the view shows. No widget in here.

The truth about the view is its anchor: an entry, and how far below that entry's top the view begins.
Heights out of view may be estimates and become exact: the sums change, what the reader sees does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from aiproxy_desktop.services.voice.values import VoiceCall, VoiceEntry, VoiceTurn
from aiproxy_desktop.ui.chat.transcript.heights import HeightIndex
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.voice.transcript.blocks import Block
from aiproxy_desktop.ui.voice.transcript.call_block import CallBlock
from aiproxy_desktop.ui.voice.transcript.remark_block import RemarkBlock
from aiproxy_desktop.ui.voice.transcript.turn_block import TurnBlock

BOTTOM: Final = 24
_KEPT: Final = 200

AnyBlock: TypeAlias = Block[Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in view, and its top in the view's pixels."""

    index: int
    top: int


def block_for(entry: VoiceEntry, sheet: Sheet) -> AnyBlock:
    """What shows an entry."""
    if isinstance(entry, VoiceTurn):
        return TurnBlock(entry, sheet)
    if isinstance(entry, VoiceCall):
        return CallBlock(entry, sheet)
    return RemarkBlock(entry, sheet)


class Column:
    """Entries, their heights, and the part in view.

    `following` says that the view keeps to the end; `settle` makes what is in view exact. Fewer entries than
    fill the view stand at its bottom.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.blocks: list[AnyBlock] = []
        self.width = 640
        self.view_height = 0
        self.who = ""
        self.following = True
        self.shown: list[Shown] = []
        self._index = 0
        self._offset = 0
        self._heights = HeightIndex()
        self._laid_out: dict[AnyBlock, None] = {}

    # -- entries

    def take(self, first: int, entries: Sequence[VoiceEntry]) -> int:
        """From `first` on there are these entries now; how many from the start are as they were."""
        first = min(first, len(self.blocks))
        kept = first
        for entry in entries[: len(self.blocks) - first]:
            block = self.blocks[kept]
            if block.id != entry.id or type(block.entry) is not type(entry):
                break
            block.take(entry)
            kept += 1
        # Something may have come in between: what stood below it stands there still.
        former = {block.id: block for block in self.blocks[kept:]} if kept - first < len(entries) else {}
        self._cut_off(kept)
        for entry in entries[kept - first :]:
            known: AnyBlock | None = former.get(entry.id)
            if known is None or type(known.entry) is not type(entry):
                block = block_for(entry, self.sheet)
            else:
                block = known
                block.take(entry)
                self._laid_out[block] = None
            self.blocks.append(block)
            self._heights.append(block.height)
        return kept

    def _cut_off(self, count: int) -> None:
        for block in self.blocks[count:]:
            self._laid_out.pop(block, None)
        del self.blocks[count:]
        self._heights.truncate(count)
        self.shown = [shown for shown in self.shown if shown.index < count]
        if self._index >= count:
            self._index, self._offset = max(0, count - 1), 0
        if not count:
            self.following = True

    def call_it(self, who: str) -> None:
        """Call the model something else."""
        if who != self.who:
            self.who = who
            self._lay_out_anew()

    def set_width(self, width: int) -> None:
        """Another column width: every height is an estimate again, the anchor stays."""
        if width != self.width:
            self.width = width
            self._lay_out_anew()

    def set_sheet(self, sheet: Sheet) -> None:
        """Another theme."""
        self.sheet = sheet
        self._laid_out.clear()
        for block in self.blocks:
            block.restyle(sheet)

    def _lay_out_anew(self) -> None:
        for block in self._laid_out:
            block.exact = False

    def changed(self, index: int) -> None:
        """Something in an entry takes another height now, as when it was opened."""
        self.blocks[index].exact = False

    # -- where the view is

    @property
    def total(self) -> int:
        """Height of everything, with the room below."""
        return self._heights.total + BOTTOM

    @property
    def most(self) -> int:
        """The largest value."""
        return max(0, self.total - self.view_height)

    @property
    def value(self) -> int:
        """The view's top, from the top of everything."""
        return max(0, self._heights.top(self._index) + self._offset) if self.blocks else 0

    def scroll_by(self, delta: int) -> None:
        """Move the view by pixels. What comes into view is laid out on the way, so nothing jumps."""
        if not self.blocks or not delta or self.total <= self.view_height:
            return
        self.following = False
        self._offset += delta
        self._normalise()
        if delta > 0 and self.value >= self.most:
            self.following = True

    def scroll_to(self, value: int) -> None:
        """Go to a place far away, by the heights known or guessed."""
        self.following = value >= self.most
        if self.following or not self.blocks:
            return
        index, within = self._heights.find(value)
        guess = self._heights[index]
        self._index, self._offset = index, within * self._exact(index) // max(1, guess)

    def reveal(self, index: int) -> None:
        """Bring an entry into view, moving as little as possible."""
        self.settle()
        height = self._exact(index)
        top = self._heights.top(index)
        if top < self.value or height > self.view_height - BOTTOM:
            inside = self.value >= top and self.value + self.view_height <= top + height
            if not inside:
                self.following = False
                self._index, self._offset = index, 0
        elif top + height > self.value + self.view_height:
            self.scroll_by(
                top
                + height
                + (BOTTOM if index + 1 == len(self.blocks) else 0)
                - self.value
                - self.view_height
            )

    # -- laying out

    def settle(self) -> None:
        """Lay out what is in view and find where each of it stands."""
        self.shown = []
        if not self.blocks or self.view_height <= 0:
            return
        if self.following:
            self._anchor_at_end()
        else:
            self._normalise()
        self._fill()
        if not self.following and self._short():
            self.following = True
            self._anchor_at_end()
            self._fill()
        self._forget()

    def _short(self) -> bool:
        """Whether there is more room below the last entry than there should be."""
        last = self.shown[-1]
        if last.index + 1 < len(self.blocks):
            return False
        return last.top + self.blocks[last.index].height + BOTTOM < self.view_height

    def _anchor_at_end(self) -> None:
        room = self.view_height - BOTTOM
        index = len(self.blocks)
        while index > 0 and room > 0:
            index -= 1
            room -= self._exact(index)
        self._index, self._offset = index, -room

    def _normalise(self) -> None:
        """Let the anchor be the entry at the view's top."""
        index, offset = self._index, self._offset
        while offset < 0 and index > 0:
            index -= 1
            offset += self._exact(index)
        offset = max(0, offset)
        while offset >= (height := self._exact(index)) and index + 1 < len(self.blocks):
            offset -= height
            index += 1
        self._index, self._offset = index, offset

    def _fill(self) -> None:
        index, y = self._index, -self._offset
        while index < len(self.blocks) and y < self.view_height:
            self.shown.append(Shown(index, y))
            y += self._exact(index)
            index += 1

    def _exact(self, index: int) -> int:
        block = self.blocks[index]
        if not block.exact:
            block.lay_out(self.width, self.who)
            self._heights.set(index, block.height)
        self._laid_out.pop(block, None)
        self._laid_out[block] = None
        return block.height

    def _forget(self) -> None:
        """Keep no more laid-out entries than a few screens of them."""
        while len(self._laid_out) > _KEPT:
            block = next(iter(self._laid_out))
            del self._laid_out[block]
            block.release()

    # -- looking things up

    def laid_out(self, index: int) -> AnyBlock:
        """An entry with its texts."""
        self._exact(index)
        return self.blocks[index]

    def at(self, y: int) -> Shown | None:
        """What is shown at a height of the view; the nearest entry when outside."""
        found = None
        for shown in self.shown:
            if found is not None and shown.top > y:
                break
            found = shown
        return found

    def span(self, index: int) -> tuple[int, int] | None:
        """Top and bottom of an entry in the view's pixels, without its margin, if any of it is in view."""
        for shown in self.shown:
            if shown.index == index:
                block = self.blocks[index]
                return shown.top + block.margin, shown.top + block.height
        return None
