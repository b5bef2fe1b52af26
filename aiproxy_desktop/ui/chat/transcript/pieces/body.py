"""A streaming document and its pieces, kept in step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiproxy_desktop.ui.chat.transcript.maths.formula_piece import FormulaPiece
from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece, RulePiece, TextPiece
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece, CodeShape
from aiproxy_desktop.ui.chat.transcript.pieces.footnotes import (
    BEFORE_NOTES,
    BETWEEN_NOTES,
    DefinitionPiece,
    NotePiece,
    begins_note,
    note_of,
)
from aiproxy_desktop.ui.chat.transcript.pieces.spacing import margin
from aiproxy_desktop.ui.chat.transcript.pieces.table_piece import RowPiece, TableColumns
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, scaled
from aiproxy_desktop.ui.markdown.blocks import (
    Block,
    Code,
    Definition,
    Formula,
    Paragraph,
    Quote,
    Rule,
    TableRow,
)
from aiproxy_desktop.ui.markdown.document import StreamingDocument
from aiproxy_desktop.ui.markdown.references import References, arranged
from aiproxy_desktop.ui.markdown.whole import numbered
from aiproxy_desktop.ui.theme.tokens import TypeName


class Body:
    """Markdown text that arrives, and a piece for each of its blocks.

    `thoughts` sets it as reasoning: smaller, behind a bar.
    """

    def __init__(self, sheet: Sheet, *, thoughts: bool = False) -> None:
        self._sheet = sheet
        self._document = StreamingDocument()
        self.references = References()
        self._arranged = False
        self._thoughts = thoughts
        self._changed = 0
        self._live = 0
        # By the index of a code block's first leaf: what a person chose stays when its pieces are made again.
        self._shapes: dict[int, CodeShape] = {}
        self.pieces: list[Piece] = []
        self.blocks: Sequence[Block] = []

    @property
    def omitted(self) -> int:
        """Characters left out."""
        return self._document.omitted

    def append(self, text: str) -> None:
        """Take more text; `sync` makes its pieces."""
        self._changed = min(self._changed, self._document.append(text))
        self.blocks = self._document.blocks

    def finish(self) -> None:
        """No more comes."""
        if not self._document.finished:
            self._changed = min(self._changed, self._document.finish())
            self.blocks = self._document.blocks
            self._changed = min(self._changed, self._live)

    def restyle(self, sheet: Sheet) -> None:
        """Make every piece again at the next `sync`."""
        self._sheet = sheet
        self.pieces = []
        for shape in self._shapes.values():
            shape.forget()
        self._changed = self._live = 0

    def sync(self, *, live: bool, first_margin: int) -> int:
        """Bring the pieces up to date; the index of the first that changed."""
        self._resolve()
        blocks = self.blocks
        # What was last and live may have to be read again now that something follows it.
        first = min(self._changed, self._live, len(self.pieces))
        del self.pieces[len(blocks) :]
        first = min(first, len(self.pieces))
        for index in range(first, len(blocks)):
            block = self._placed(blocks[index], index)
            is_live = live and index == len(blocks) - 1
            if index < len(self.pieces):
                if self.pieces[index].update(block, live=is_live):
                    self._observe(index)
                    continue
                del self.pieces[index:]
            before = blocks[index - 1] if index else None
            room = scaled(margin(before, block), self._sheet.zoom) if before is not None else first_margin
            if begins_note(block):
                room = self._sheet.px(BEFORE_NOTES if note_of(before) is None else BETWEEN_NOTES)
            self.pieces.append(self._make(block, room, live=is_live))
            self._observe(index)
        if blocks and not live:
            self._close_table(len(blocks) - 1)
        self._live = max(0, len(blocks) - 1)
        self._changed = len(blocks)
        return first

    def _resolve(self) -> None:
        """Take over definitions that came; a finished text gets its notes at its end."""
        document, references = self._document, self.references
        affected = references.take(document.blocks, document.final) | references.expect(document.blocks)
        for index in affected:
            # After the text was arranged nothing comes any more.
            if index < min(self._changed, len(self.pieces)):
                self.pieces[index].block = self._placed(document.blocks[index], index)
                self.pieces[index].read_again()
        if document.finished and not self._arranged:
            self._arranged = True
            self.blocks = arranged(document.blocks, references)
            place = {id(block): index for index, block in enumerate(self.blocks)}
            self._shapes = {place[id(document.blocks[index])]: shape for index, shape in self._shapes.items()}
            same = (one is other for one, other in zip(self.blocks, document.blocks, strict=True))
            moved = next((index for index, kept in enumerate(same) if not kept), len(self.blocks))
            self._changed = min(self._changed, moved)

    def _placed(self, block: Block, index: int) -> Block:
        block = numbered(block, self.references)
        if not self._thoughts:
            return block
        place = block.place
        opened = place.opened + (index == 0)
        return replace(block, place=replace(place, containers=(Quote(), *place.containers), opened=opened))

    def _make(self, block: Block, room: int, *, live: bool) -> Piece:
        match block:
            case Code():
                return CodePiece(block, self._sheet, room, self._shape(block))
            case Rule():
                return RulePiece(block, room)
            case Formula():
                return FormulaPiece(block, self._sheet, room)
            case Definition():
                return DefinitionPiece(block)
            case Paragraph() if note_of(block) is not None:
                return NotePiece(block, self._sheet, room, live=live, references=self.references)
            case TableRow():
                before = self.pieces[-1] if self.pieces else None
                if block.index and isinstance(before, RowPiece):
                    return RowPiece(block, before.columns, self._sheet, room, self.references)
                columns = TableColumns(len(block.alignments), self._sheet)
                return RowPiece(block, columns, self._sheet, room, self.references)
        style: TypeName = "body" if self._thoughts else "reading"
        return TextPiece(block, self._sheet, room, live=live, style=style, names=self.references)

    def _shape(self, block: Code) -> CodeShape:
        before = self.pieces[-1] if self.pieces else None
        if not block.first and isinstance(before, CodePiece):
            return before.shape
        return self._shapes.setdefault(len(self.pieces), CodeShape())

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
