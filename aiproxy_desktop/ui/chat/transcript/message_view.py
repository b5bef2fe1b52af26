"""One message as pieces. The pieces exist only while it is near the view; its height is known always."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiproxy_desktop.ui.chat.transcript.chrome import (
    BubblePiece,
    ErrorPiece,
    FooterPiece,
    ReasoningRow,
    StoppedPiece,
    WaitingPiece,
)
from aiproxy_desktop.ui.chat.transcript.code_piece import CodePiece
from aiproxy_desktop.ui.chat.transcript.heights import HeightIndex
from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces import Piece, RulePiece, TextPiece
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.chat.transcript.spacing import margin
from aiproxy_desktop.ui.chat.transcript.table_piece import RowPiece, TableColumns
from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Block, Code, Place, Plain, Quote, Rule, TableRow
from aiproxy_desktop.ui.markdown.document import StreamingDocument
from aiproxy_desktop.ui.markdown.highlight import Highlighting
from aiproxy_desktop.ui.markdown.plain import plain_blocks
from aiproxy_desktop.ui.theme.tokens import TypeName

_AFTER_ROW: Final = 8
_BEFORE_CARD: Final = 12
_SLICE: Final = 16_000


class MessageView:
    """A message's text, its blocks and its pieces.

    `pieces` is empty until `materialise`. `touched` is the index of the first piece that changed since
    it was last taken.
    """

    def __init__(self, message: TranscriptMessage, sheet: Sheet) -> None:
        self.message = message
        self.pieces: list[Piece] = []
        self.heights = HeightIndex()
        self.expanded = False
        self.details = False
        self._sheet = sheet
        self._text = [message.text]
        self._reasoning = [message.reasoning]
        self._body = _Body(sheet)
        self._thoughts = _Body(sheet, thoughts=True)
        self._tail: list[Piece] = []
        self._body_start = 0
        self._backlog: deque[str] = deque()
        self._reasoning_began: float | None = None
        self._height: int | None = None

    # -- what it holds

    @property
    def id(self) -> str:
        """The message's id."""
        return self.message.id

    @property
    def text(self) -> str:
        """The whole text so far."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0]

    @property
    def reasoning(self) -> str:
        """The whole reasoning so far."""
        if len(self._reasoning) > 1:
            self._reasoning = ["".join(self._reasoning)]
        return self._reasoning[0]

    @property
    def streaming(self) -> bool:
        """Whether more may come."""
        return self.message.state == "streaming"

    @property
    def own(self) -> bool:
        """Whether the person wrote it."""
        return self.message.role == "user"

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks of its text; only while materialised."""
        return self._body.blocks

    @property
    def height(self) -> int:
        """Its height, exact as far as its pieces are."""
        if self.pieces:
            return self.heights.total
        if self._height is None:
            self._height = _estimate(self.message, self.text)
        return self._height

    def thought_label(self) -> str:
        """What the reasoning row says."""
        if self.streaming and not any(self._text):
            return "Thinking…"
        seconds = self.message.thought_seconds
        return "Thoughts" if seconds is None else f"Thought for {max(1, round(seconds))} s"

    # -- changes

    def append_text(self, text: str) -> None:
        """More of the answer."""
        if self._reasoning_began is not None and self.message.thought_seconds is None:
            self.message = replace(self.message, thought_seconds=time.monotonic() - self._reasoning_began)
        began = not any(self._text)
        self._text.append(text)
        if not self.pieces or self.own:
            self.dematerialise()
        else:
            self._take(text)
            if began:
                self._rebuild()
            else:
                self._sync_body()

    def append_reasoning(self, text: str) -> None:
        """More of the reasoning."""
        if self._reasoning_began is None:
            self._reasoning_began = time.monotonic()
        began = not any(self._reasoning)
        self._reasoning.append(text)
        if self.pieces and (began or self.expanded):
            if self.expanded:
                self._thoughts.append(text)
            self._rebuild()

    def update(self, message: TranscriptMessage) -> None:
        """Another state, footer or error; another text too, if it is another."""
        before, was_streaming = self.message, self.streaming
        seconds = message.thought_seconds if message.thought_seconds is not None else before.thought_seconds
        text, reasoning = self.text, self.reasoning
        self.message = replace(message, thought_seconds=seconds)
        self._text, self._reasoning = [message.text], [message.reasoning]
        if message.text != text or message.reasoning != reasoning or self.own:
            self.dematerialise()
        elif self.pieces:
            if was_streaming and not self.streaming:
                self._thoughts.finish()
            self._finish_body()
            self._rebuild()

    def toggle_reasoning(self) -> None:
        """Show or hide the reasoning."""
        self.expanded = not self.expanded
        self._thoughts = _Body(self._sheet, thoughts=True)
        if self.pieces:
            self._rebuild()

    def toggle_details(self) -> None:
        """Show or hide what the provider said."""
        self.details = not self.details
        if self.pieces:
            self._rebuild()

    def restyle(self, sheet: Sheet) -> None:
        """Make the pieces again, in another theme."""
        self._sheet = sheet
        self._body.restyle(sheet)
        self._thoughts.restyle(sheet)
        if self.pieces and not self.own:
            self._rebuild()

    # -- pieces

    def materialise(self) -> bool:
        """Make the pieces, with estimated heights; whether there were none."""
        if self.pieces:
            return False
        if self.own:
            blocks = plain_blocks(self.text)
            last = len(blocks) - 1
            for index, block in enumerate(blocks):
                self._push(BubblePiece(block, first=index == 0, last=index == last))
            self._body.blocks = blocks
            self._push(FooterPiece(self.message.footer, own=True))
            return True
        self._body = _Body(self._sheet)
        self._take(self.text)
        self._finish_body()
        self._rebuild()
        return True

    @property
    def behind(self) -> bool:
        """Whether some of the text is still to be read."""
        return bool(self._backlog)

    def catch_up(self) -> None:
        """Read one more slice of a text too long to be read in one frame."""
        if self._backlog and self.pieces:
            self._body.append(self._backlog.popleft())
            self._finish_body()
            if self._backlog:
                self._sync_body()
            else:
                self._rebuild()

    def _take(self, text: str) -> None:
        slices = [text[start : start + _SLICE] for start in range(0, len(text), _SLICE)]
        if not self._backlog and slices:
            self._body.append(slices.pop(0))
        self._backlog.extend(slices)

    def _finish_body(self) -> None:
        if not self.streaming and not self._backlog:
            self._body.finish()

    def dematerialise(self) -> None:
        """Give the pieces back; the height stays."""
        if self.pieces:
            self._height = self.heights.total
            self.pieces.clear()
            self.heights.truncate(0)
            self._backlog.clear()
            self._body = _Body(self._sheet)
            self._thoughts = _Body(self._sheet, thoughts=True)
        else:
            self._height = None

    def measured(self, index: int) -> int:
        """Take over a piece's height; by how much the message grew."""
        before = self.heights[index]
        self.heights.set(index, self.pieces[index].height)
        return self.pieces[index].height - before

    def _push(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.heights.append(piece.height)

    def _truncate(self, count: int) -> None:
        del self.pieces[count:]
        self.heights.truncate(count)

    def _rebuild(self) -> None:
        """Put head, reasoning, text and tail together again; pieces of the text are kept."""
        self._truncate(0)
        if any(self._reasoning):
            self._push(ReasoningRow())
            if self.expanded:
                if not self._thoughts.blocks:
                    self._thoughts.append(self.reasoning)
                    if not self.streaming:
                        self._thoughts.finish()
                self._thoughts.sync(live=self.streaming and not any(self._text), first_margin=_AFTER_ROW)
                for piece in self._thoughts.pieces:
                    self._push(piece)
        self._body_start = len(self.pieces)
        self._make_tail()
        self._sync_body()

    def _make_tail(self) -> None:
        state = self.message.state
        self._tail = []
        gap = _BEFORE_CARD if self._body_start or any(self._text) else 0
        if state == "streaming" and not any(self._text):
            self._tail.append(WaitingPiece(8 if self._body_start else 0))
        elif state == "interrupted":
            self._tail.append(StoppedPiece(gap and 10))
        elif state == "failed" and self.message.error is not None:
            self._tail.append(ErrorPiece(self.message.error, gap, expanded=self.details))
        if self._body.omitted:
            note = (
                f"The rest of this message, {self._body.omitted:,} characters, is not shown. Copy takes all."
            )
            self._tail.insert(0, TextPiece(Plain(Place(), note), self._sheet, 12, style="body", tone="muted"))
        self._tail.append(FooterPiece(self.message.footer, own=False))

    def _sync_body(self) -> None:
        """Bring pieces and heights in step with the blocks, from the first change on."""
        first_margin = _AFTER_ROW if self._body_start else 0
        first = self._body.sync(live=self.streaming, first_margin=first_margin)
        start = self._body_start + first
        present = len(self.pieces) - self._body_start
        body = len(self._body.pieces)
        keep = min(first, present)
        same = self.pieces[start : self._body_start + body] == self._body.pieces[first:]
        if same and len(self.pieces) == self._body_start + body + len(self._tail):
            for index in range(start, self._body_start + body):
                self.heights.set(index, self.pieces[index].height)
            return
        self._truncate(self._body_start + keep)
        for piece in self._body.pieces[keep:]:
            self._push(piece)
        for piece in self._tail:
            self._push(piece)

    # -- code

    def caret_piece(self) -> int | None:
        """The piece whose end the streaming caret stands at."""
        if not self.streaming or not self.pieces or self.own:
            return None
        if self._body.pieces:
            return self._body_start + len(self._body.pieces) - 1
        waiting = [index for index, piece in enumerate(self.pieces) if isinstance(piece, WaitingPiece)]
        return waiting[0] if waiting else None

    def code_block(self, index: int) -> tuple[int, int] | None:
        """First and last piece of the code block that piece `index` belongs to."""
        if not isinstance(self.pieces[index], CodePiece):
            return None
        first = last = index
        while first > 0 and not self._code(first).first:
            first -= 1
        while last + 1 < len(self.pieces) and not self._code(last).last:
            last += 1
        return first, last

    def _code(self, index: int) -> Code:
        piece = self.pieces[index]
        assert isinstance(piece, CodePiece)
        return piece.code

    def code_text(self, first: int, last: int) -> str:
        """The text of a whole code block; lines that were cut for length are whole again."""
        parts: list[str] = []
        for index in range(first, last + 1):
            code = self._code(index)
            if index > first and not code.place.glued:
                parts.append("\n")
            parts.append("\n".join(code.lines))
        return "".join(parts)

    def language(self, index: int) -> str:
        """The language of the code block that piece `index` belongs to."""
        return self._code(index).language

    def wants_highlighting(self, index: int) -> tuple[int, int] | None:
        """The code block of piece `index`, if it is closed and not coloured yet."""
        piece = self.pieces[index]
        if not isinstance(piece, CodePiece) or piece.highlighted or not piece.code.language:
            return None
        block = self.code_block(index)
        if block is None or not self._code(block[1]).closed:
            return None
        return block

    def highlight(self, first: int, last: int, highlighting: Highlighting | None) -> None:
        """Colour a code block."""
        for index in range(first, min(last + 1, len(self.pieces))):
            piece = self.pieces[index]
            if isinstance(piece, CodePiece):
                piece.highlight(highlighting)


class _Body:
    """A streaming document and its pieces, kept in step."""

    def __init__(self, sheet: Sheet, *, thoughts: bool = False) -> None:
        self._sheet = sheet
        self._document = StreamingDocument()
        self._thoughts = thoughts
        self._changed = 0
        self._live = 0
        self.pieces: list[Piece] = []
        self.blocks: Sequence[Block] = []

    @property
    def omitted(self) -> int:
        """Characters left out."""
        return self._document.omitted

    def append(self, text: str) -> None:
        self._changed = min(self._changed, self._document.append(text))
        self.blocks = self._document.blocks

    def finish(self) -> None:
        if not self._document.finished:
            self._changed = min(self._changed, self._document.finish())
            self.blocks = self._document.blocks
            self._changed = min(self._changed, self._live)

    def restyle(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.pieces = []
        self._changed = self._live = 0

    def sync(self, *, live: bool, first_margin: int) -> int:
        """Bring the pieces up to date; the index of the first that changed."""
        blocks = self.blocks
        # What was last and live may have to be read again now that something follows it.
        first = min(self._changed, self._live, len(self.pieces))
        del self.pieces[len(blocks) :]
        first = min(first, len(self.pieces))
        for index in range(first, len(blocks)):
            block = self._placed(blocks[index])
            is_live = live and index == len(blocks) - 1
            if index < len(self.pieces):
                if self.pieces[index].update(block, live=is_live):
                    self._observe(index)
                    continue
                del self.pieces[index:]
            before = blocks[index - 1] if index else None
            room = margin(before, block) if before is not None else first_margin
            self.pieces.append(self._make(block, room, live=is_live))
            self._observe(index)
        if blocks and not live:
            self._close_table(len(blocks) - 1)
        self._live = max(0, len(blocks) - 1)
        self._changed = len(blocks)
        return first

    def _placed(self, block: Block) -> Block:
        if not self._thoughts:
            return block
        place = block.place
        return replace(block, place=replace(place, containers=(Quote(), *place.containers)))

    def _make(self, block: Block, room: int, *, live: bool) -> Piece:
        match block:
            case Code():
                return CodePiece(block, self._sheet, room)
            case Rule():
                return RulePiece(block, room)
            case TableRow():
                before = self.pieces[-1] if self.pieces else None
                if block.index and isinstance(before, RowPiece):
                    return RowPiece(block, before.columns, self._sheet, room)
                return RowPiece(block, TableColumns(len(block.alignments)), self._sheet, room)
        style: TypeName = "body" if self._thoughts else "reading"
        return TextPiece(block, self._sheet, room, live=live, style=style)

    def _observe(self, index: int) -> None:
        """Keep a table's columns and edges in step with the piece that came or changed."""
        piece = self.pieces[index]
        if not isinstance(piece, RowPiece):
            self._close_table(index - 1)
            return
        piece.is_last = True
        before = self.pieces[index - 1] if index else None
        if isinstance(before, RowPiece):
            if before.columns is piece.columns:
                before.is_last = False
            else:
                self._close_table(index - 1)
        if piece.columns.observe(piece.row):
            self._forget_widths(index)

    def _close_table(self, index: int) -> None:
        piece = self.pieces[index] if 0 <= index < len(self.pieces) else None
        if isinstance(piece, RowPiece) and piece.columns.close():
            self._forget_widths(index)

    def _forget_widths(self, index: int) -> None:
        columns = self.pieces[index]
        assert isinstance(columns, RowPiece)
        for earlier in reversed(self.pieces[: index + 1]):
            if not isinstance(earlier, RowPiece) or earlier.columns is not columns.columns:
                break
            earlier.exact = False


def _estimate(message: TranscriptMessage, text: str) -> int:
    """A height without looking closely: opening ten thousand messages must cost nothing."""
    length = min(len(text), limits.MESSAGE)
    breaks = text.count("\n", 0, length)
    if message.role == "user":
        return 48 + 24 * (1 + breaks + length // 70)
    height = 52 + 22 * (1 + breaks + length // 110)
    if message.reasoning:
        height += 24
    if message.state in {"failed", "interrupted"}:
        height += 60
    return height
