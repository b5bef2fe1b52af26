"""One row of a table. Rows share their columns: widths settle with the first rows and once at the end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPen

from aiproxy_desktop.ui.chat.transcript.display import NOTE, Display, Run, inline_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow, direction_of
from aiproxy_desktop.ui.chat.transcript.maths.formula_box import stretch_of
from aiproxy_desktop.ui.chat.transcript.pieces.base import (
    Canvas,
    Control,
    Link,
    Piece,
    indent,
    links_of,
    paint_containers,
)
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, scaled
from aiproxy_desktop.ui.markdown.blocks import Alignment, Block, TableRow
from aiproxy_desktop.ui.markdown.formulas import Latex
from aiproxy_desktop.ui.markdown.inline import parse_inline
from aiproxy_desktop.ui.markdown.resolved import Names
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS

_PAD_X: Final = 12
_PAD_Y: Final = 4
_SETTLING: Final = frozenset({1, 2, 4, 8})
_LEAST: Final = 32
_SAMPLE: Final = 200
_CORNER: Final = 24  # how far its button stands above a table

_ALIGN: Final[dict[Alignment, Qt.AlignmentFlag]] = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


class TableColumns:
    """The columns of one table. What they want is judged by the longest cell of each, seen so far."""

    def __init__(self, columns: int, sheet: Sheet) -> None:
        self._sheet = sheet
        self._longest: list[tuple[str, ...]] = [("", "") for _ in range(columns)]
        self._pending = list(self._longest)
        self._rows = 0
        self._closed = False
        self._widths: dict[int, list[int]] = {}
        # Whether the first column stands at the right: so it does where the header is read from there.
        self.leftwards = False

    def observe(self, row: TableRow) -> bool:
        """Take a row's cells into account; whether widths may have changed for every row."""
        self._rows = max(self._rows, row.index + 1)
        self._closed = False
        for column, cell in enumerate(row.cells):
            head, longest = self._pending[column]
            if row.index == 0:
                self._pending[column] = (cell, longest)
                self.leftwards = direction_of(" ".join(row.cells)) == Qt.LayoutDirection.RightToLeft
            elif len(cell) > len(longest):
                self._pending[column] = (head, cell)
        return self._rows in _SETTLING and self._settle()

    def close(self) -> bool:
        """No more rows: measure once more; whether widths may have changed."""
        if self._closed:
            return False
        self._closed = True
        return self._settle()

    def _settle(self) -> bool:
        if self._pending == self._longest:
            return False
        self._longest = list(self._pending)
        self._widths.clear()
        return True

    def widths(self, total: int) -> list[int]:
        """Pixels of each column, padding included; together `total`."""
        known = self._widths.get(total)
        if known is None:
            wanted = [
                max(self._natural(head, header=True), self._natural(cell, header=False)) + 2 * _PAD_X
                for head, cell in self._longest
            ]
            known = _shared(wanted, total)
            self._widths = {total: known}
        return known

    def _natural(self, cell: str, *, header: bool) -> int:
        """The width a cell would like."""
        flow = _cell_flow("left", self._sheet, header=header)
        display = inline_display(parse_inline(cell[:_SAMPLE]), padded=False)
        flow.set(display.text, [], 10_000)
        return int(flow.natural_width() * 1.03) + 2


def _shared(wanted: list[int], total: int) -> list[int]:
    """Give each column what it wants and share the rest; or let the wide ones bear what is missing."""
    if sum(wanted) <= total:
        spare, whole = total - sum(wanted), max(1, sum(wanted))
        widths = [width + spare * width // whole for width in wanted]
    else:
        widths = list(wanted)
        limit, fixed = total // len(wanted), set[int]()
        while True:
            narrow = {index for index, width in enumerate(wanted) if width <= limit} - fixed
            if not narrow or len(fixed | narrow) == len(wanted):
                break
            fixed |= narrow
            limit = (total - sum(wanted[index] for index in fixed)) // (len(wanted) - len(fixed))
        widths = [width if index in fixed else max(_LEAST, limit) for index, width in enumerate(wanted)]
    widths[-1] = max(_LEAST, widths[-1] + total - sum(widths))
    return widths


def _stretch(run: Run, sheet: Sheet, width: int) -> Stretch:
    """A run of a cell. Code has no background of its own there."""
    return replace(stretch_of(run, sheet, "body", "text", width), chip=False)


def _cell_flow(alignment: Alignment, sheet: Sheet, *, header: bool) -> TextFlow:
    return TextFlow(_cell_font(sheet.zoom, header=header), sheet.metrics("body"), _ALIGN[alignment])


@cache
def _cell_font(zoom: int, *, header: bool) -> QFont:
    chosen = font("meta" if header else "body", tabular=not header)
    chosen.setPixelSize(scaled(chosen.pixelSize(), zoom))
    if header:
        chosen.setWeight(QFont.Weight.Medium)
        chosen.setVariableAxis(QFont.Tag("wght"), 500)
    return chosen


def table_rows(pieces: Sequence[Piece], index: int) -> list[TableRow]:
    """The rows of the table that piece `index` is of; none if that is no row."""
    one = pieces[index] if index < len(pieces) else None
    if not isinstance(one, RowPiece):
        return []
    rows: list[TableRow] = []
    for piece in pieces[max(0, index - one.row.index) :]:
        if not isinstance(piece, RowPiece) or piece.columns is not one.columns:
            break
        rows.append(piece.row)
    return rows


class RowPiece(Piece):
    """A row of cells between hairlines; the header is the first, and rounds the frame's top."""

    def __init__(
        self, block: TableRow, columns: TableColumns, sheet: Sheet, margin: int, names: Names | None = None
    ) -> None:
        self.columns = columns
        self._names = names
        self.is_last = True
        self._sheet = sheet
        self._left = indent(block, sheet)
        self._line = sheet.metrics("body").line_height
        self._header = block.index == 0
        self._make_cells(block)
        super().__init__(block, margin, self._line + 2 * _PAD_Y + (2 if self._header else 0))

    def _make_cells(self, block: TableRow) -> None:
        self._displays: list[Display] | None = None
        self._flows = [
            _cell_flow(alignment, self._sheet, header=self._header) for alignment in block.alignments
        ]
        self._edges: list[int] = []

    @property
    def row(self) -> TableRow:
        """The leaf."""
        assert isinstance(self.block, TableRow)
        return self.block

    @property
    def displays(self) -> list[Display]:
        """Each cell's text in Qt's units."""
        if self._displays is None:
            self._displays = [
                inline_display(
                    parse_inline(cell.replace("\n", " ")),
                    padded=False,
                    formulas=self._sheet.formulas,
                    names=self._names,
                )
                for cell in self.row.cells
            ]
        return self._displays

    def wanted(self) -> Sequence[Latex]:
        return [latex for display in self._displays or () for latex in display.wanted]

    def read_again(self) -> None:
        self._displays = None
        self.exact = False

    @property
    def text(self) -> str:
        return "\t".join(display.text for display in self.displays)

    @property
    def _starts(self) -> list[int]:
        """Where each cell begins in `text`."""
        return list(accumulate((len(display.text) + 1 for display in self.displays), initial=0))[:-1]

    def update(self, block: Block, *, live: bool) -> bool:
        del live
        row = self.row
        if not isinstance(block, TableRow) or (block.place, block.index) != (row.place, row.index):
            return False
        if block.alignments != row.alignments:
            return False
        self.block = block
        self._displays = None
        self.exact = False
        return True

    def lay_out(self, width: int) -> None:
        widths = self.columns.widths(width - self._left)
        if self.columns.leftwards:
            self._edges = [self._left + sum(widths[index + 1 :]) for index in range(len(widths))]
            self._begin_right()
        else:
            self._edges = list(accumulate(widths, initial=self._left))[:-1]
        for flow, display, cell in zip(self._flows, self.displays, widths, strict=True):
            inner = max(12, cell - 2 * _PAD_X)
            # A header's words all look alike; what is drawn or leads somewhere does not.
            runs = [run for run in display.runs if not self._header or run.outline or run.style & NOTE]
            flow.set(display.text, [_stretch(run, self._sheet, inner) for run in runs], inner)
        height = max(flow.height for flow in self._flows)
        self.height = self.margin + height + 2 * _PAD_Y + (2 if self._header else 0)
        self.exact = True

    def _begin_right(self) -> None:
        """Let cells begin at their right, where the table does, unless the table says otherwise."""
        for flow, alignment in zip(self._flows, self.row.alignments, strict=True):
            if alignment == "left":
                flow.set_align(Qt.AlignmentFlag.AlignRight)

    def release(self) -> None:
        for flow in self._flows:
            flow.release()

    def paint(self, canvas: Canvas) -> None:
        top = canvas.y + self.margin
        assert self.block is not None
        paint_containers(canvas, self.block, top, self.margin, self.height, self._line + 2 * _PAD_Y)
        box = QRect(canvas.x + self._left, top, canvas.width - self._left, self.height - self.margin)
        self._paint_frame(canvas, box)
        canvas.paint_marks(self)
        theme = canvas.sheet.theme
        for index, (flow, start) in enumerate(zip(self._flows, self._starts, strict=True)):
            ink = QColor(theme.text_secondary if self._header else theme.text)
            origin = QPointF(canvas.x + self._edges[index] + _PAD_X, top + self._text_top())
            flow.paint(canvas.painter, origin, canvas.clip, ink, selection=canvas.selection(start))

    def _text_top(self) -> int:
        return _PAD_Y + (1 if self._header else 0)

    def _paint_frame(self, canvas: Canvas, box: QRect) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        painter.save()
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        whole = QRectF(box).adjusted(0.5, 0.5 if self._header else -20, -0.5, -0.5 if self.is_last else 20)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.surface_sunken) if self._header else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(whole, RADIUS.m - 0.5, RADIUS.m - 0.5)
        painter.restore()
        if not self.is_last:
            line = QRectF(box.x() + 1, box.bottom(), box.width() - 2, 1)
            painter.fillRect(line, QColor(theme.border))

    def controls(self, width: int) -> list[Control]:
        """Copy, on the table's upper corner."""
        if not self._header:
            return []
        at = QPoint(width, self.margin - _CORNER)
        return [Control("copy_table", at, from_right=True, on_hover=True)]

    def _cell_at(self, x: float) -> int:
        at = (index for index, edge in enumerate(self._edges) if edge <= x)
        if self.columns.leftwards:
            return next(at, len(self._flows) - 1)
        return max(at, default=0)

    def position_at(self, x: float, y: float) -> int:
        cell = self._cell_at(x)
        within = self._flows[cell].position_at(
            x - self._edges[cell] - _PAD_X, y - self.margin - self._text_top()
        )
        return self._starts[cell] + within

    def href_at(self, x: float, y: float) -> str:
        cell = self._cell_at(x)
        unit = self._flows[cell].unit_at(x - self._edges[cell] - _PAD_X, y - self.margin - self._text_top())
        return "" if unit is None else self.displays[cell].href_at(unit)

    def links(self) -> list[Link]:
        cells = zip(self.displays, self._starts, strict=True)
        return [link for display, start in cells for link in links_of(display, start)]

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        found: list[QRectF] = []
        for index, (flow, start) in enumerate(zip(self._flows, self._starts, strict=True)):
            origin = QPointF(self._edges[index] + _PAD_X, self.margin + self._text_top())
            found += [box.translated(origin) for box in flow.rectangles(first - start, last - start)]
        return found

    def end_point(self) -> QPointF:
        cell = max((index for index, text in enumerate(self.row.cells) if text), default=0)
        point = self._flows[cell].end_point()
        return point + QPointF(
            self._edges[cell] + _PAD_X, self.margin + self._text_top() + (self._line - 24) / 2
        )

    def to_read(self, position: int) -> int:
        starts = self._starts
        cell = bisect_right(starts, position) - 1
        return self._reads[cell] + self.displays[cell].to_read(position - starts[cell])

    def from_read(self, read: int) -> int:
        cell = bisect_right(self._reads, read) - 1
        return self._starts[cell] + self.displays[cell].from_read(read - self._reads[cell])

    @property
    def _reads(self) -> list[int]:
        """Where each cell begins in the text as it is copied."""
        lengths = (display.to_read(len(display.text)) + 1 for display in self.displays)
        return list(accumulate(lengths, initial=0))[:-1]
