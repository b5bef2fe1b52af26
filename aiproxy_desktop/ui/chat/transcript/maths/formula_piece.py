"""A formula on lines of its own: centred, drawn once it is known, its source before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from aiproxy_desktop.ui.chat.transcript.display import PAD, Display, plain_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow
from aiproxy_desktop.ui.chat.transcript.maths.formula_box import FormulaBox, box_for
from aiproxy_desktop.ui.chat.transcript.maths.outlines import Outline
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Piece, indent, paint_containers
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.markdown.blocks import Block, Formula
from aiproxy_desktop.ui.markdown.formulas import Latex, latex_of

_LINE: Final = 20
_ROOM: Final = 4
_BEGINS: Final = 24

# Smaller than this share of its size nobody reads a formula: its source, broken into lines, says more.
_SMALLEST: Final = 0.5


class FormulaPiece(Piece):
    """One `Formula` leaf."""

    def __init__(self, block: Formula, sheet: Sheet, margin: int) -> None:
        self._sheet = sheet
        self._left = indent(block, sheet)
        self._flow = TextFlow(sheet.font("code"), sheet.metrics("code"))
        self._display: Display | None = None
        self._outline: Outline | None = None
        self._known = False
        self._box: FormulaBox | None = None
        self._at = QPointF()
        super().__init__(block, margin, max(40, _LINE * (1 + block.raw.count("\n"))))

    @property
    def _formula(self) -> Formula:
        assert isinstance(self.block, Formula)
        return self.block

    @property
    def _source(self) -> Display:
        if self._display is None:
            self._display = plain_display(self._formula.raw)
        return self._display

    @property
    def text(self) -> str:
        return PAD if self._box is not None else self._source.text

    def update(self, block: Block, *, live: bool) -> bool:
        del live
        if not isinstance(block, Formula) or block.place != self._formula.place:
            return False
        if block != self._formula:
            self.block = block
            self.read_again()
        return True

    def wanted(self) -> Sequence[Latex]:
        return () if self._known or not self._formula.closed else (latex_of(self._formula.raw),)

    def read_again(self) -> None:
        self._display, self._outline, self._known = None, None, False
        self.exact = False

    def lay_out(self, width: int) -> None:
        inner = max(40, width - self._left)
        if self._formula.closed and not self._known:
            self._known, self._outline = self._sheet.formulas.look(latex_of(self._formula.raw))
        self._box = self._fitting(inner)
        if self._box is None:
            plain = self._sheet.format("code", 0, "text", link=False)
            text = self._source.text
            self._flow.set(text, [Stretch(0, len(text), plain)], inner)
            self.height = self.margin + self._flow.height
        else:
            body = self._sheet.metrics("reading").line_height
            ascent, descent = self._box.ascent, self._box.descent
            height = max(body, round(ascent + descent) + 2 * _ROOM)
            left = max(0.0, (inner - self._box.width) / 2)
            self._at = QPointF(self._left + left, self.margin + (height - ascent - descent) / 2 + ascent)
            self.height = self.margin + height
        self.exact = True

    def _fitting(self, width: int) -> FormulaBox | None:
        if self._outline is None:
            return None
        box = box_for(self._outline, self._sheet, "reading", width)
        natural = box_for(self._outline, self._sheet, "reading", self._outline.width * 10)
        return box if box.scale >= natural.scale * _SMALLEST else None

    def release(self) -> None:
        self._flow.release()

    def paint(self, canvas: Canvas) -> None:
        assert self.block is not None
        top = canvas.y + self.margin
        paint_containers(canvas, self.block, top, self.margin, self.height, canvas.sheet.px(_BEGINS))
        canvas.paint_marks(self)
        theme = canvas.sheet.theme
        if self._box is None:
            origin = QPointF(canvas.x + self._left, top)
            ink = QColor(theme.text_secondary)
            self._flow.paint(canvas.painter, origin, canvas.clip, ink, selection=canvas.selection())
            return
        ink = QColor(theme.text)
        selection = canvas.selection()
        if selection is not None and selection[0] <= 0 < selection[1]:
            canvas.painter.fillRect(self._drawn().translated(canvas.x, canvas.y), selection[2])
            ink = selection[3].foreground().color()
        self._box.paint(canvas.painter, self._at + QPointF(canvas.x, canvas.y), ink)

    def _drawn(self) -> QRectF:
        """Where the formula is, with a little room."""
        assert self._box is not None
        whole = QRectF(
            self._at.x(),
            self._at.y() - self._box.ascent,
            self._box.width,
            self._box.ascent + self._box.descent,
        )
        return whole.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)

    def position_at(self, x: float, y: float) -> int:
        if self._box is None:
            return self._flow.position_at(x - self._left, y - self.margin)
        return int(x > self._at.x() + self._box.width / 2)

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        if self._box is not None:
            return [self._drawn()] if first <= 0 < last else []
        return [box.translated(self._left, self.margin) for box in self._flow.rectangles(first, last)]

    def end_point(self) -> QPointF:
        if self._box is None:
            return self._flow.end_point() + QPointF(self._left, self.margin - 2)
        return QPointF(self._drawn().right(), self._at.y() - self._sheet.metrics("reading").baseline)

    def to_read(self, position: int) -> int:
        if self._box is not None:
            return len(self._formula.raw) if position else 0
        return self._source.to_read(position)

    def from_read(self, read: int) -> int:
        return int(read > 0) if self._box is not None else self._source.from_read(read)
