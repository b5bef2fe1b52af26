"""Notes at the end of a message, and what nobody sees: the definitions of its references."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from aiproxy_desktop.ui.chat.transcript.display import TO_MENTION, Display, Run
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Piece, TextPiece
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.markdown.blocks import Block, Definition, Note, Paragraph
from aiproxy_desktop.ui.markdown.references import References

BEFORE_NOTES: Final = 24
BETWEEN_NOTES: Final = 4
_RULE: Final = 96
# The text variant of the arrow: some systems would draw the other as an emoji.
_RETURN: Final = "\N{NO-BREAK SPACE}\N{LEFTWARDS ARROW WITH HOOK}\ufe0e"


class DefinitionPiece(Piece):
    """Where references lead: there is nothing to see of it, but it is copied with what stands round it."""

    def __init__(self, block: Definition) -> None:
        super().__init__(block, 0, 0)

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        del canvas


class NotePiece(TextPiece):
    """A paragraph of a note. The one a note begins with leads back; the first of all has a rule above."""

    def __init__(
        self, block: Paragraph, sheet: Sheet, margin: int, *, live: bool, references: References
    ) -> None:
        self._references = references
        self._ruled = margin == sheet.px(BEFORE_NOTES) and begins_note(block)
        super().__init__(block, sheet, margin, live=live, style="body", tone="secondary", names=references)

    @property
    def display(self) -> Display:
        if self._display is None:
            display = super().display
            note = note_of(self.block)
            named = note is not None and self._references.first_mention(note.label) is not None
            if note is not None and named and begins_note(self.block):
                self._display = _leading_back(display, note.label)
            return self._display or display
        return self._display

    def paint(self, canvas: Canvas) -> None:
        if self._ruled:
            rule = QRectF(canvas.x + self._start, canvas.y + self.margin / 2, _RULE, 1)
            canvas.painter.fillRect(rule, QColor(canvas.sheet.theme.border_strong))
        super().paint(canvas)


def _leading_back(display: Display, label: str) -> Display:
    start = len(display.text)
    run = Run(start + 1, len(_RETURN) - 1, 0, TO_MENTION + label)
    return replace(
        display,
        text=display.text + _RETURN,
        runs=(*display.runs, run),
        added=(*display.added, *range(start, start + len(_RETURN))),
    )


def note_of(block: Block | None) -> Note | None:
    """The note that a leaf stands in."""
    for container in block.place.containers if block is not None else ():
        if isinstance(container, Note):
            return container
    return None


def begins_note(block: Block | None) -> bool:
    """Whether a leaf is the first of its note."""
    if block is None:
        return False
    opened = block.place.containers[len(block.place.containers) - block.place.opened :]
    return any(isinstance(container, Note) for container in opened)
