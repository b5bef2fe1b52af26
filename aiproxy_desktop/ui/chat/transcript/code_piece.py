"""Some lines of a code block: together they paint one frame with a header."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPen

from aiproxy_desktop.ui.chat.transcript.display import Display, plain_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow
from aiproxy_desktop.ui.chat.transcript.pieces import Canvas, Control, Piece, indent, paint_containers
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, metrics, styled_font
from aiproxy_desktop.ui.markdown.blocks import Block, Code
from aiproxy_desktop.ui.markdown.highlight import Highlighting, language_name
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS

HEADER: Final = 29
PAD_X: Final = 12
PAD_Y: Final = 8
_LINE: Final = 20
_CHARACTER: Final = 7.8


class CodePiece(Piece):
    """One `Code` leaf. The first of a block has the header, the last the bottom edge."""

    def __init__(self, block: Code, sheet: Sheet, margin: int) -> None:
        self._sheet = sheet
        self._left = indent(block)
        self._flow = TextFlow(styled_font("code", 0), metrics("code"))
        self._flow.set_tabs(_character())
        self._display: Display | None = None
        self._highlighting: Highlighting | None = None
        self.highlighted = False
        lines = sum(1 + int(len(line) * _CHARACTER / 680) for line in block.lines)
        super().__init__(block, margin, lines * _LINE + _frame_height(block))

    @property
    def code(self) -> Code:
        """The leaf."""
        assert isinstance(self.block, Code)
        return self.block

    @property
    def display(self) -> Display:
        """The lines in Qt's units."""
        if self._display is None:
            self._display = plain_display("\n".join(self.code.lines))
        return self._display

    @property
    def text(self) -> str:
        return self.display.text

    def update(self, block: Block, *, live: bool) -> bool:
        del live
        if not isinstance(block, Code) or (block.place, block.first) != (self.code.place, self.code.first):
            return False
        self.block = block
        self._display = None
        self._highlighting, self.highlighted = None, False
        self.exact = False
        return True

    def highlight(self, highlighting: Highlighting | None) -> None:
        """Colour the lines; the whole block's runs, of which this piece takes its own."""
        self.highlighted = True
        if highlighting is not self._highlighting:
            self._highlighting = highlighting
            self.exact = False

    def lay_out(self, width: int) -> None:
        if self.code.lines:
            inner = max(40, width - self._left - 2 * PAD_X)
            self._flow.set(self.display.text, self._stretches(), inner)
        lines = self._flow.height if self.code.lines else 0
        self.height = self.margin + _frame_height(self.code) + lines
        self.exact = True

    def _stretches(self) -> list[Stretch]:
        """The coloured runs of this leaf's lines, in UTF-16 units of its text."""
        if self._highlighting is None:
            return []
        code, added = self.code, self.display.added
        starts = accumulate((len(line) + 1 for line in code.lines), initial=0)
        found = []
        for row, start in zip(range(code.number, code.number + len(code.lines)), starts, strict=False):
            for run in self._highlighting[row] if row < len(self._highlighting) else ():
                first, last = start + run.start, start + run.end
                if added:
                    first, last = _shifted(first, added), _shifted(last, added)
                found.append(Stretch(first, last - first, self._sheet.code_format(run.kind)))
        return found

    def release(self) -> None:
        self._flow.release()

    def paint(self, canvas: Canvas) -> None:
        top = canvas.y + self.margin
        assert self.block is not None
        paint_containers(canvas, self.block, top, self.margin, self.height, HEADER)
        box = QRect(canvas.x + self._left, top, canvas.width - self._left, self.height - self.margin)
        self._paint_frame(canvas, box)
        if not self.code.lines:
            return
        origin = QPointF(box.x() + PAD_X, top + self._text_top())
        ink = QColor(canvas.sheet.theme.syntax.text)
        self._flow.paint(canvas.painter, origin, canvas.clip, ink, selection=canvas.selection())

    def _paint_frame(self, canvas: Canvas, box: QRect) -> None:
        painter, theme, code = canvas.painter, canvas.sheet.theme, self.code
        painter.save()
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        # What lies outside the clip belongs to the leaves above and below.
        whole = QRectF(box).adjusted(0.5, 0.5 if code.first else -20, -0.5, -0.5 if code.last else 20)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.syntax.code_bg))
        painter.drawRoundedRect(whole, RADIUS.m - 0.5, RADIUS.m - 0.5)
        painter.restore()
        if not code.first:
            return
        line = QRectF(box.x() + 1, box.y() + HEADER - 1, box.width() - 2, 1)
        painter.fillRect(line, QColor(theme.border))
        painter.setFont(font("caption"))
        painter.setPen(QColor(theme.text_muted))
        label = QRect(box.x() + PAD_X, box.y(), box.width() - 120, HEADER)
        name = painter.fontMetrics().elidedText(
            language_name(code.language), Qt.TextElideMode.ElideRight, label.width()
        )
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _text_top(self) -> int:
        return (HEADER + PAD_Y) if self.code.first else 0

    def controls(self, width: int) -> list[Control]:
        """Copy, at the end of the header."""
        return (
            [Control("copy_code", QPoint(width - 1, self.margin), from_right=True)] if self.code.first else []
        )

    def position_at(self, x: float, y: float) -> int:
        if not self.code.lines:
            return 0
        return self._flow.position_at(x - self._left - PAD_X, y - self.margin - self._text_top())

    def end_point(self) -> QPointF:
        top = self.margin + self._text_top() - 2
        if not self.code.lines:
            return QPointF(self._left + PAD_X, top)
        return self._flow.end_point() + QPointF(self._left + PAD_X, top)

    def to_read(self, position: int) -> int:
        return self.display.to_read(position)


@cache
def _character() -> float:
    return QFontMetricsF(styled_font("code", 0)).horizontalAdvance(" ")


def _frame_height(code: Code) -> int:
    return (HEADER + PAD_Y if code.first else 0) + (PAD_Y + 1 if code.last else 0)


def _shifted(position: int, added: tuple[int, ...]) -> int:
    """A position of the read text in display units."""
    reads = [unit - index for index, unit in enumerate(added)]
    return position + bisect_right(reads, position)
