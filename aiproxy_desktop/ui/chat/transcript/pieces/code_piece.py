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
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Control, Piece, indent, paint_containers
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, styled_font
from aiproxy_desktop.ui.markdown.blocks import Block, Code
from aiproxy_desktop.ui.markdown.highlight import Highlighting, language_name
from aiproxy_desktop.ui.theme.tokens import RADIUS

HEADER: Final = 29
PAD_X: Final = 12
PAD_Y: Final = 8
_PAN: Final = 32
_ENDLESS: Final = 1000  # characters
_BUTTONS: Final = 250  # room at the end of the header


class CodeShape:
    """How one code block is shown, shared by its pieces: wrapped, or scrolled sideways by `offset` pixels."""

    def __init__(self) -> None:
        self.wrapped = False
        self.offset = 0
        self.inner = 0
        self.closed = False
        self._longest = 0

    @property
    def most(self) -> int:
        """The largest offset; 0 where every line laid out so far fits."""
        return 0 if self.wrapped else max(0, self._longest - self.inner)

    @property
    def long(self) -> bool:
        """Whether some line is longer than the block is wide, or would be if it were not wrapped."""
        return self._longest > self.inner

    def scroll_to(self, offset: int) -> bool:
        """Show the lines from another offset; whether that changed anything."""
        before, self.offset = self.offset, max(0, min(self.most, offset))
        return self.offset != before

    def measured(self, inner: int, longest: float) -> None:
        """A piece was laid out: the room for its lines, and the longest of them."""
        self.inner = inner
        self._longest = max(self._longest, int(longest + 0.99))
        self.offset = min(self.offset, self.most)

    def forget(self) -> None:
        """Another size of type: nothing is measured yet."""
        self._longest = self.offset = 0


class CodePiece(Piece):
    """One `Code` leaf. The first of a block has the header, the last the bottom edge."""

    def __init__(self, block: Code, sheet: Sheet, margin: int, shape: CodeShape) -> None:
        self.shape = shape
        self._sheet = sheet
        self._left = indent(block, sheet)
        self._line = sheet.metrics("code").line_height
        self._flow = TextFlow(sheet.font("code"), sheet.metrics("code"))
        self._flow.set_tabs(_character(sheet.zoom))
        self._display: Display | None = None
        self._highlighting: Highlighting | None = None
        self.highlighted = False
        self._note_end(block)
        super().__init__(block, margin, len(block.lines) * self._line + _frame_height(block))

    @property
    def left(self) -> int:
        """The frame's left edge in the column."""
        return self._left

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
        self._note_end(block)
        self._display = None
        self._highlighting, self.highlighted = None, False
        self.exact = False
        return True

    def _note_end(self, block: Code) -> None:
        if block.last:
            self.shape.closed = block.closed

    @property
    def wants_highlighting(self) -> bool:
        """Whether its block is closed, in some language, and this piece not coloured yet."""
        return bool(self.code.language) and self.shape.closed and not self.highlighted

    def highlight(self, highlighting: Highlighting | None) -> None:
        """Colour the lines; the whole block's runs, of which this piece takes its own."""
        self.highlighted = True
        if highlighting is not self._highlighting:
            self._highlighting = highlighting
            self.exact = False

    def lay_out(self, width: int) -> None:
        inner = max(40, width - self._left - 2 * PAD_X)
        if self.code.lines:
            endless = self._is_endless()
            self._flow.set_listing(wrap=self.shape.wrapped or endless)
            self._flow.set(self.display.text, self._stretches(), inner)
            if endless:
                longest = 0.0
            elif self.shape.wrapped:
                longest = max(map(len, self.code.lines)) * _character(self._sheet.zoom)
            else:
                longest = self._flow.natural_width()
            self.shape.measured(inner, longest)
        lines = self._flow.height if self.code.lines else 0
        self.height = self.margin + _frame_height(self.code) + lines
        self.exact = True

    def _is_endless(self) -> bool:
        """Whether it has a line that nobody would scroll along: such lines wrap whatever the person chose."""
        return self.code.place.glued or max(map(len, self.code.lines)) > _ENDLESS

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
        painter = canvas.painter
        painter.save()
        painter.setClipRect(box.adjusted(1, 0, -1, 0), Qt.ClipOperation.IntersectClip)
        canvas.paint_marks(self)
        origin = QPointF(canvas.x + self._text_left(), top + self._text_top())
        ink = QColor(canvas.sheet.theme.syntax.text)
        self._flow.paint(painter, origin, canvas.clip, ink, selection=canvas.selection())
        painter.restore()

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
        painter.setFont(canvas.sheet.font("caption"))
        painter.setPen(QColor(theme.text_muted))
        label = QRect(box.x() + PAD_X, box.y(), max(0, box.width() - _BUTTONS), HEADER)
        name = painter.fontMetrics().elidedText(
            language_name(code.language), Qt.TextElideMode.ElideRight, label.width()
        )
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(label, align, name)

    def _text_top(self) -> int:
        return (HEADER + PAD_Y) if self.code.first else 0

    def _text_left(self) -> int:
        return self._left + PAD_X - self.shape.offset

    def controls(self, width: int) -> list[Control]:
        """Copy, Save and, where lines are long, Wrap at the end of the header."""
        if not self.code.first:
            return []
        at = QPoint(width - 1, self.margin)
        found = [Control("save_code", at, from_right=True), Control("copy_code", at, from_right=True)]
        if self.shape.long or self.shape.wrapped:
            found.insert(0, Control("wrap_code", at, from_right=True, on=self.shape.wrapped))
        return found

    def pan_towards(self, x: float) -> bool:
        """Scroll a little sideways where a point is beyond the lines' room; whether it did."""
        begin = self._left + PAD_X
        beyond = min(0, x - begin) or max(0, x - begin - self.shape.inner)
        return bool(beyond) and self.shape.scroll_to(self.shape.offset + int(max(-_PAN, min(_PAN, beyond))))

    def position_at(self, x: float, y: float) -> int:
        if not self.code.lines:
            return 0
        return self._flow.position_at(x - self._text_left(), y - self.margin - self._text_top())

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        top = self.margin + self._text_top()
        return [box.translated(self._text_left(), top) for box in self._flow.rectangles(first, last)]

    def end_point(self) -> QPointF:
        top = self.margin + self._text_top() + (self._line - 24) / 2
        if not self.code.lines:
            return QPointF(self._left + PAD_X, top)
        point = self._flow.end_point() + QPointF(self._text_left(), top)
        return QPointF(min(point.x(), self._left + PAD_X + self.shape.inner), point.y())

    def to_read(self, position: int) -> int:
        return self.display.to_read(position)


@cache
def _character(zoom: int) -> float:
    return QFontMetricsF(styled_font("code", 0, zoom)).horizontalAdvance(" ")


def _frame_height(code: Code) -> int:
    return (HEADER + PAD_Y if code.first else 0) + (PAD_Y + 1 if code.last else 0)


def _shifted(position: int, added: tuple[int, ...]) -> int:
    """A position of the read text in display units."""
    reads = [unit - index for index, unit in enumerate(added)]
    return position + bisect_right(reads, position)
