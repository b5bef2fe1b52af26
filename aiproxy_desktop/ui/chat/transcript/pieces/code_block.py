"""Code blocks that stand in several pieces, as wholes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiproxy_desktop.ui.chat.transcript.pieces.base import Piece
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.markdown.highlight import Highlighting


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """The pieces of one code block, in order."""

    pieces: tuple[CodePiece, ...]

    @property
    def language(self) -> str:
        """The first word of its fence's info string."""
        return self.pieces[0].code.language

    @property
    def text(self) -> str:
        """Its whole text; lines that were cut for length are whole again."""
        parts: list[str] = []
        for index, piece in enumerate(self.pieces):
            if index and not piece.code.place.glued:
                parts.append("\n")
            parts.append("\n".join(piece.code.lines))
        return "".join(parts)

    def toggle_wrap(self) -> None:
        """Break long lines, or let them be as long as they are."""
        shape = self.pieces[0].shape
        shape.wrapped = not shape.wrapped
        shape.offset = 0
        for piece in self.pieces:
            piece.exact = False

    @property
    def wants_highlighting(self) -> bool:
        """Whether it is closed, in some language, and not coloured yet."""
        if self.pieces[0].highlighted or not self.language:
            return False
        return self.pieces[-1].code.closed

    def highlight(self, highlighting: Highlighting | None) -> None:
        """Colour it."""
        for piece in self.pieces:
            piece.highlight(highlighting)


def code_block(pieces: Sequence[Piece], index: int) -> CodeBlock | None:
    """The code block that piece `index` belongs to, if that is code."""
    if not isinstance(pieces[index], CodePiece):
        return None
    found: list[CodePiece] = []
    first = index
    while _goes_on(pieces[first]):
        first -= 1
    for piece in pieces[first:]:
        if not isinstance(piece, CodePiece):
            break
        found.append(piece)
        if piece.code.last:
            break
    return CodeBlock(tuple(found))


def _goes_on(piece: Piece) -> bool:
    return isinstance(piece, CodePiece) and not piece.code.first
