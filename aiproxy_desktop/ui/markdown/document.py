"""A document that arrives in pieces. Blocks before the last few are final the moment they are made."""

from __future__ import annotations

from collections.abc import Sequence

from aiproxy_desktop.ui.markdown import limits, lines, parser
from aiproxy_desktop.ui.markdown.blocks import Block
from aiproxy_desktop.ui.markdown.cleaning import Cleaner


class StreamingDocument:
    """Markdown text as it comes, as frozen blocks.

    The cost of `append` depends on what is appended and on the open line (at most `limits.LINE`
    characters), never on what came before. However the text is cut, the blocks come out the same.
    """

    def __init__(self) -> None:
        self._cleaner = Cleaner()
        self._state = parser.State()
        self._partial = ""
        self._carrying_on = False
        self._blocks: list[Block] = []
        self._final = 0
        self._taken = 0
        self.finished = False
        self.omitted = 0

    @property
    def blocks(self) -> Sequence[Block]:
        """Every block so far; those that `append` said changed are new objects."""
        return self._blocks

    @property
    def final(self) -> int:
        """How many blocks will never change."""
        return self._final

    def append(self, text: str) -> int:
        """Take more text; the index of the first block that changed, the count of blocks if none did.

        Text beyond `limits.MESSAGE` characters is counted in `omitted` and left out.
        """
        room = max(0, limits.MESSAGE - self._taken)
        self.omitted += max(0, len(text) - room)
        text = text[:room]
        self._taken += len(text)
        before, final = self._blocks, self._final
        self._blocks, self._final = before[:final], final
        complete = (self._partial + self._cleaner.feed(text)).split("\n")
        self._partial = complete.pop()
        for line in complete:
            self._take_line(line)
        self._cut_partial()
        self._final = len(self._blocks)
        self._blocks.extend(self._provisional())
        return _first_change(before, self._blocks, final)

    def finish(self) -> int:
        """Say that nothing more comes; the index of the first block that changed."""
        before, final = self._blocks, self._final
        self._blocks = before[:final]
        if self._partial:
            self._take(self._partial)
            self._partial = ""
        self._blocks.extend(parser.finish(self._state, closed=True))
        self._final = len(self._blocks)
        self.finished = True
        return _first_change(before, self._blocks, final)

    def _take_line(self, line: str) -> None:
        self._partial, rest = line, self._partial
        self._cut_partial()
        self._take(self._partial)
        self._carrying_on = False
        self._partial = rest

    def _cut_partial(self) -> None:
        """Take what a line has too much: nothing downstream ever sees a longer one."""
        while len(self._partial) > limits.LINE:
            at = self._partial.rfind(" ", limits.LINE // 2, limits.LINE) + 1 or limits.LINE
            self._take(self._partial[:at])
            self._partial = self._partial[at:]
            self._carrying_on = True

    def _take(self, text: str) -> None:
        step = parser.carry_on if self._carrying_on else parser.advance
        self._state, closed = step(self._state, text)
        self._blocks.extend(closed)

    def _provisional(self) -> list[Block]:
        """The blocks there would be if the text ended here."""
        if not self._partial or (not self._carrying_on and lines.undecided(self._partial)):
            return parser.finish(self._state, closed=False)
        step = parser.carry_on if self._carrying_on else parser.advance
        state, closed = step(self._state, self._partial)
        return [*closed, *parser.finish(state, closed=False)]


def parse(text: str) -> Sequence[Block]:
    """A whole text."""
    document = StreamingDocument()
    document.append(text)
    document.finish()
    return document.blocks


def _first_change(before: Sequence[Block], after: Sequence[Block], start: int) -> int:
    index, end = start, min(len(before), len(after))
    while index < end and before[index] == after[index]:
        index += 1
    return index
