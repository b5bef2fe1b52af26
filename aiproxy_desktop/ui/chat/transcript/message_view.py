"""One message as pieces. The pieces exist only while it is near the view; its height is known always."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiproxy_desktop.ui.chat.transcript.heights import HeightIndex
from aiproxy_desktop.ui.chat.transcript.images.image_piece import ImagePiece
from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.pieces.attachment_piece import AttachmentsPiece
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece, TextPiece
from aiproxy_desktop.ui.chat.transcript.pieces.body import Body
from aiproxy_desktop.ui.chat.transcript.pieces.chrome import (
    BubblePiece,
    EditPiece,
    ErrorPiece,
    FooterPiece,
    ReasoningRow,
    StoppedPiece,
    WaitingPiece,
)
from aiproxy_desktop.ui.chat.transcript.pieces.tool_piece import ToolPiece
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Block, Place, Plain
from aiproxy_desktop.ui.markdown.cleaning import clean
from aiproxy_desktop.ui.markdown.plain import plain_blocks
from aiproxy_desktop.ui.markdown.resolved import Names
from aiproxy_desktop.ui.markdown.whole import read_whole
from aiproxy_desktop.ui.translation import tr

_AFTER_ROW: Final = 8
_BEFORE_CARD: Final = 12
_SLICE: Final = 12_000
_SLICE_LINES: Final = 200

# Those of every message that has none; `_push` gives it its own.
_NO_PIECES: Final[list[Piece]] = []
_NO_HEIGHTS: Final = HeightIndex()
_NO_TOOLS: Final[frozenset[str]] = frozenset()


class MessageView:
    """A message's text and its pieces. `pieces` is empty until `materialise`.

    Most messages of a long conversation are never looked at. Such a one is a single object: every other
    would be walked by each full garbage collection, ten thousand times.

    Attributes:
        text: the whole text so far.
        reasoning: the whole reasoning so far.
    """

    __slots__ = (
        *("message", "text", "reasoning", "pieces", "heights", "expanded", "details", "opened_tools"),
        *("_edit_height", "_sheet", "_body", "_thoughts", "_tail", "_body_start", "_backlog"),
        *("_reasoning_began", "_height"),
    )

    def __init__(self, message: TranscriptMessage, sheet: Sheet) -> None:
        self.message = message
        self.text = message.text
        self.reasoning = message.reasoning
        self.pieces = _NO_PIECES
        self.heights = _NO_HEIGHTS
        self.expanded = False
        self.details = False
        self.opened_tools = _NO_TOOLS
        self._edit_height: int | None = None
        self._sheet = sheet
        self._body: Body | None = None
        self._thoughts: Body | None = None
        self._tail = _NO_PIECES
        self._body_start = 0
        self._backlog = ""
        self._reasoning_began = _began(message)
        self._height: int | None = None

    # -- what it holds

    @property
    def id(self) -> str:
        """The message's id."""
        return self.message.id

    @property
    def streaming(self) -> bool:
        """Whether more may come."""
        return self.message.state == "streaming"

    @property
    def own(self) -> bool:
        """Whether the person wrote it."""
        return self.message.role == "user"

    @property
    def height(self) -> int:
        """Its height, exact as far as its pieces are."""
        if self.pieces:
            return self.heights.total
        if self._height is None:
            self._height = _estimate(self.message, self.text) * self._sheet.zoom // 100
        return self._height

    @property
    def text_range(self) -> range:
        """The pieces that hold its text, as far as they are made."""
        if self.own:
            bubbles = [index for index, piece in enumerate(self.pieces) if isinstance(piece, BubblePiece)]
            return range(bubbles[0], bubbles[-1] + 1) if bubbles else range(0)
        count = 0 if self._body is None or not self.pieces else len(self._body.pieces)
        return range(self._body_start, self._body_start + count)

    def text_blocks(self) -> Sequence[Block]:
        """Its text as blocks; those of its pieces, where it has them for all of the text."""
        if self.own:
            return plain_blocks(self.text)
        if self._body is not None and self.pieces and not self.behind:
            return self._body.blocks
        return read_whole(self.text)

    @property
    def references(self) -> Names | None:
        """Where the references of its pieces lead."""
        return None if self._body is None else self._body.references

    def thinking(self) -> bool:
        """Whether reasoning arrives, and no answer yet."""
        return self.streaming and bool(self.reasoning) and not self.text

    @property
    def edit_height(self) -> int | None:
        """Of the editor that stands in the place of its words."""
        return self._edit_height

    @property
    def editing(self) -> bool:
        """Whether an editor stands in its place."""
        return self._edit_height is not None

    def thought_label(self) -> str:
        """What the reasoning row says."""
        if self.streaming and not self.text:
            began = self._reasoning_began
            so_far = 0 if began is None else int(time.monotonic() - began)
            return tr("Thinking for {seconds} s", seconds=so_far) if so_far else tr("Thinking…")
        seconds = self.message.thought_seconds
        return (
            tr("Thoughts")
            if seconds is None
            else tr("Thought for {seconds} s", seconds=max(1, round(seconds)))
        )

    # -- changes

    def append_text(self, text: str) -> None:
        """More of the answer."""
        if self._reasoning_began is not None and not self.text:
            self.message = replace(self.message, thought_seconds=time.monotonic() - self._reasoning_began)
        began = not self.text
        self.text += text
        if self._body is None:
            self.dematerialise()
            return
        self._take(self._body, text)
        if began:
            self._renew_tail(self._body)
        self._sync_body(self._body)

    def append_reasoning(self, text: str) -> None:
        """More of the reasoning."""
        if self._reasoning_began is None:
            self._reasoning_began = time.monotonic()
        began = not self.reasoning
        self.reasoning += text
        if self.expanded and self._thoughts is not None:
            self._thoughts.append(text)
        if began or self.expanded:
            self._rebuild()

    def update(self, message: TranscriptMessage) -> None:
        """Another state, footer or error; another text too, if it is another."""
        before = self.message
        seconds = message.thought_seconds if message.thought_seconds is not None else before.thought_seconds
        if self._reasoning_began is None:
            self._reasoning_began = _began(message)
        text, reasoning = self.text, self.reasoning
        self.message = replace(message, thought_seconds=seconds)
        self.text, self.reasoning = message.text, message.reasoning
        if message.text != text or message.reasoning != reasoning or self.own:
            self.dematerialise()
        elif self._body is not None:
            if self._thoughts is not None and not self.streaming:
                self._thoughts.finish()
            self._finish(self._body)
            if self.expanded:
                self._rebuild()
            else:
                self._renew_tail(self._body)
                self._sync_body(self._body)

    def toggle_reasoning(self) -> None:
        """Show or hide the reasoning."""
        self.expanded = not self.expanded
        self._thoughts = None
        self._rebuild()

    def toggle_details(self) -> None:
        """Show or hide what the provider said."""
        self.details = not self.details
        self._rebuild()

    def toggle_tool(self, piece: int) -> None:
        """Fold a tool's card, or open it."""
        card = self.pieces[piece]
        if isinstance(card, ToolPiece):
            self.opened_tools ^= {card.card.id}
            self._rebuild()

    def set_edit_height(self, height: int | None) -> None:
        """Room for an editor of this height in the place of the words; None gives them back."""
        if height == self._edit_height:
            return
        self._edit_height = height
        self.dematerialise()
        self.materialise()

    def restyle(self, sheet: Sheet) -> None:
        """Make the pieces again, in another theme."""
        former, self._sheet = self._sheet, sheet
        for body in (self._body, self._thoughts):
            if body is not None:
                body.restyle(sheet)
        if self.own and self.pieces:
            self.dematerialise()
        if not self.pieces and self._height is not None:
            self._height = self._height * sheet.zoom // former.zoom
        self._rebuild()

    # -- pieces

    def materialise(self) -> bool:
        """Make the pieces, with estimated heights; whether there were none."""
        if self.pieces:
            return False
        if self.own:
            self._make_own()
            return True
        self._body = Body(self._sheet)
        self._take(self._body, self.text)
        self._finish(self._body)
        self._rebuild()
        return True

    def _make_own(self) -> None:
        """Files, words or their editor, and the row below."""
        message = self.message
        words = bool(self.text) or not message.attachments or self.editing
        if message.attachments:
            self._push(AttachmentsPiece(message.attachments, self._sheet, below=8 if words else 0))
        omitted = 0
        if self._edit_height is not None:
            self._push(EditPiece(self._edit_height))
        elif words:
            blocks = plain_blocks(self.text)
            last = len(blocks) - 1
            for index, block in enumerate(blocks):
                self._push(BubblePiece(block, self._sheet, first=index == 0, last=index == last))
            omitted = len(self.text) - limits.MESSAGE
        footer = _left_out(omitted) if omitted > 0 else message.footer
        self._push(self._footer(footer))

    @property
    def behind(self) -> bool:
        """Whether some of the text is still to be read."""
        return bool(self._backlog)

    def catch_up(self) -> None:
        """Read one more slice of a text too long to be read in one frame."""
        body = self._body
        if self._backlog and body is not None:
            self._read(body)
            self._finish(body)
            if not self._backlog:
                self._renew_tail(body)
            self._sync_body(body)

    def _take(self, body: Body, text: str) -> None:
        self._backlog += text
        # What stands behind earlier text waits for its turn.
        if len(self._backlog) == len(text):
            self._read(body)

    def _read(self, body: Body) -> None:
        """Read as much of the backlog as fits a frame."""
        text = self._backlog
        end = min(len(text), _SLICE)
        if text.count("\n", 0, end) > _SLICE_LINES:
            end = 0
            for _ in range(_SLICE_LINES):
                end = text.index("\n", end) + 1
        body.append(text[:end])
        self._backlog = text[end:]

    def _finish(self, body: Body) -> None:
        if not self.streaming and not self._backlog:
            body.finish()

    def dematerialise(self) -> None:
        """Give the pieces back; the height stays."""
        if self.pieces:
            self._height = self.heights.total
            self.pieces = self._tail = _NO_PIECES
            self.heights = _NO_HEIGHTS
            self._backlog = ""
            self._body = self._thoughts = None
        else:
            self._height = None

    def measured(self, index: int) -> int:
        """Take over a piece's height; by how much the message grew."""
        before = self.heights[index]
        self.heights.set(index, self.pieces[index].height)
        return self.pieces[index].height - before

    def _push(self, piece: Piece) -> None:
        if self.pieces is _NO_PIECES:
            self.pieces, self.heights = [], HeightIndex()
        self.pieces.append(piece)
        self.heights.append(piece.height)

    def _truncate(self, count: int) -> None:
        if self.pieces is _NO_PIECES:
            return
        del self.pieces[count:]
        self.heights.truncate(count)

    def _rebuild(self) -> None:
        """Put head, reasoning, text and tail together again; pieces of the text are kept."""
        body = self._body
        if body is None:
            return
        self._truncate(0)
        if self.reasoning:
            self._push(ReasoningRow(self._sheet))
            if self.expanded:
                for piece in self._thought_pieces():
                    self._push(piece)
        self._body_start = len(self.pieces)
        self._make_tail(body.omitted)
        self._sync_body(body)

    def _renew_tail(self, body: Body) -> None:
        """What stands below the text is another now."""
        self._truncate(len(self.pieces) - len(self._tail))
        self._make_tail(body.omitted)
        for piece in self._tail:
            self._push(piece)

    def _thought_pieces(self) -> Sequence[Piece]:
        if self._thoughts is None:
            self._thoughts = Body(self._sheet, thoughts=True)
            self._thoughts.append(self.reasoning)
            if not self.streaming:
                self._thoughts.finish()
        self._thoughts.sync(live=self.streaming and not self.text, first_margin=_AFTER_ROW)
        return self._thoughts.pieces

    def _make_tail(self, omitted: int) -> None:
        message = self.message
        self._tail = []
        if omitted:
            note = Plain(Place(), _left_out(omitted))
            self._tail.append(TextPiece(note, self._sheet, 12, style="body", tone="muted"))
        self._add_brought()
        for place, sentence in enumerate(message.notes):
            note = Plain(Place(), clean(sentence))
            self._tail.append(TextPiece(note, self._sheet, 4 if place else 8, style="meta", tone="muted"))
        self._add_ending()
        self._tail.append(self._footer(message.footer))

    def _footer(self, footer: str) -> Piece:
        message = self.message
        return FooterPiece(
            footer, self._sheet, own=self.own, version=message.version, versions=message.versions
        )

    def _add_brought(self) -> None:
        """Images and tool calls."""
        message = self.message
        for shown in message.attachments:
            picture = shown.attachment.kind == "image" and shown.path is not None
            margin = _BEFORE_CARD if self._anything_above else 0
            if picture:
                self._tail.append(ImagePiece(shown, margin))
            else:
                self._tail.append(
                    AttachmentsPiece((shown,), self._sheet, below=0, at_start=True, margin=margin)
                )
        for card in message.tools:
            margin = _BEFORE_CARD if self._anything_above else 0
            self._tail.append(ToolPiece(card, self._sheet, margin, opened=card.id in self.opened_tools))

    def _add_ending(self) -> None:
        """How it stands with what is still to come."""
        message, state = self.message, self.message.state
        gap = _BEFORE_CARD if self._anything_above else 0
        if state == "streaming" and not self.text:
            self._tail.append(WaitingPiece(8 if self._body_start else 0))
        elif state == "interrupted":
            offered = "continue" in message.actions
            self._tail.append(
                StoppedPiece(self._sheet, gap and 10, tokens=message.tokens, can_continue=offered)
            )
        elif state == "failed" and message.error is not None:
            self._tail.append(ErrorPiece(message.error, self._sheet, gap, expanded=self.details))

    @property
    def _anything_above(self) -> bool:
        return bool(self._body_start or self.text or self._tail)

    def _sync_body(self, body: Body) -> None:
        """Bring pieces and heights in step with the blocks, from the first change on."""
        first_margin = _AFTER_ROW if self._body_start else 0
        first = body.sync(live=self.streaming, first_margin=first_margin)
        start, end = self._body_start + first, self._body_start + len(body.pieces)
        if len(self.pieces) == end + len(self._tail) and self.pieces[start:end] == body.pieces[first:]:
            for index in range(start, end):
                self.heights.set(index, self.pieces[index].height)
            return
        keep = min(first, len(self.pieces) - self._body_start)
        self._truncate(self._body_start + keep)
        for piece in body.pieces[keep:]:
            self._push(piece)
        for piece in self._tail:
            self._push(piece)

    def caret_piece(self) -> int | None:
        """The piece whose end the streaming caret stands at."""
        if not self.streaming or self._body is None:
            return None
        if self._body.pieces:
            return self._body_start + len(self._body.pieces) - 1
        waiting = [index for index, piece in enumerate(self.pieces) if isinstance(piece, WaitingPiece)]
        return waiting[0] if waiting else None


def _left_out(count: int) -> str:
    return tr("The rest of this message, {n} characters, is not shown. Copy takes all of it.", n=f"{count:,}")


def _began(message: TranscriptMessage) -> float | None:
    """When its reasoning began, where that is told."""
    if message.state != "streaming" or message.text or message.thought_seconds is None:
        return None
    return time.monotonic() - message.thought_seconds


def _estimate(message: TranscriptMessage, text: str) -> int:
    """A height without looking closely: opening ten thousand messages must cost nothing."""
    length = min(len(text), limits.MESSAGE)
    breaks = text.count("\n", 0, length)
    if message.role == "user":
        return 48 + 24 * (1 + breaks + length // 70) + (128 if message.attachments else 0)
    height = 52 + 22 * (1 + breaks + length // 110)
    if message.reasoning:
        height += 24
    if message.state in {"failed", "interrupted"}:
        height += 60
    return height + 24 * len(message.notes) + 180 * len(message.tools) + 300 * len(message.attachments)
