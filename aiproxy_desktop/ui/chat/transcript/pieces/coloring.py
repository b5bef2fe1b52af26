"""Colours the closed code blocks that are in view."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.ui.chat.transcript.column import Column
from aiproxy_desktop.ui.chat.transcript.pieces.code_block import CodeBlock, code_block
from aiproxy_desktop.ui.chat.transcript.pieces.code_piece import CodePiece
from aiproxy_desktop.ui.chat.transcript.pieces.highlighter import Highlighter
from aiproxy_desktop.ui.markdown.highlight import Highlighting


class Coloring(QObject):
    """Asks for colours once a block is in view and closed. `changed`: some came."""

    changed = Signal()

    def __init__(self, column: Column, parent: QObject) -> None:
        super().__init__(parent)
        self._column = column
        self._highlighter = Highlighter(self)
        self._highlighter.done.connect(self._done)

    def close(self) -> None:
        """Let the thread end."""
        self._highlighter.close()

    def request(self) -> None:
        """Ask for what is in view."""
        for block in self._wanting():
            known, runs = self._highlighter.request(block.language, block.text)
            if known:
                block.highlight(runs)
                self.changed.emit()

    def _done(self, language: str, code: str, runs: Highlighting | None) -> None:
        for block in self._wanting():
            if block.language == language and block.text == code:
                block.highlight(runs)
                self.changed.emit()

    def _wanting(self) -> Iterator[CodeBlock]:
        for shown in self._column.shown:
            pieces = self._column.views[shown.message].pieces
            piece = pieces[shown.piece]
            # Looked at with every frame: a block that grows is not gathered for nothing.
            if not isinstance(piece, CodePiece) or not piece.wants_highlighting:
                continue
            block = code_block(pieces, shown.piece)
            if block is not None and block.wants_highlighting:
                yield block
