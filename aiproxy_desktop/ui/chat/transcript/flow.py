"""Text laid out in lines, in chunks that freeze: text that only grows is laid out again only at its end.

Lines are broken greedily, so a line never depends on what follows the line after it. A chunk is a few
lines with a QTextLayout of their own; it ends at a line's end and stays as it is until the text before
its end changes. Chunks bound the cost of one very long or unbroken line too.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from aiproxy_desktop.ui.chat.transcript.sheet import Metrics

WINDOW: Final = 1600
_TAB: Final = 4
_LONG_WORD: Final = 256


class Box(Protocol):
    """Something painted in a line in a unit's place, which its format makes wide enough."""

    @property
    def ascent(self) -> float:
        """Pixels above the baseline."""

    @property
    def descent(self) -> float:
        """Pixels below the baseline."""

    def paint(self, painter: QPainter, at: QPointF, ink: QColor) -> None:
        """Paint it with its baseline's left end at a point."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`length` units from `start` in one format. `chip` paints a rounded background behind them.

    A `box` is painted instead of the unit; a line that it does not fit into is as high as it takes.
    """

    start: int
    length: int
    format: QTextCharFormat
    chip: bool = False
    box: Box | None = None


@dataclass(slots=True)
class _Chunk:
    start: int
    end: int
    tops: list[int]  # of each line, and the bottom of the last
    layout: QTextLayout | None
    chips: list[QRectF]

    @property
    def lines(self) -> int:
        return len(self.tops) - 1

    @property
    def height(self) -> int:
        return self.tops[-1]


class TextFlow:
    """Lines of text of one width.

    Coordinates are pixels from the flow's top left corner, positions are UTF-16 units.
    """

    def __init__(self, font: QFont, metrics: Metrics, align: Qt.AlignmentFlag | None = None) -> None:
        self._font = font
        self._metrics = metrics
        self._align = align
        self._tab = 0.0
        self._wrap = True
        self._direction: Qt.LayoutDirection | None = None
        self._option: QTextOption | None = None
        self._chunks: list[_Chunk] = []
        self._text = ""
        self._stretches: Sequence[Stretch] = ()
        self._boxes: list[tuple[int, Stretch, Box]] = []
        self._width = -1

    @property
    def text(self) -> str:
        """What is laid out."""
        return self._text

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return sum(chunk.lines for chunk in self._chunks)

    @property
    def height(self) -> int:
        """Pixels it takes."""
        return sum(chunk.height for chunk in self._chunks)

    def set_tabs(self, advance: float) -> None:
        """Tab stops every four characters of this advance."""
        self._tab = _TAB * advance

    def set_align(self, align: Qt.AlignmentFlag) -> None:
        """Where lines stand from now on."""
        if align != self._align:
            self._align, self._option, self._width = align, None, -1

    def set_listing(self, *, wrap: bool) -> None:
        """Text of a program: read from the left; where it does not wrap, a line is as long as it is."""
        self._direction = Qt.LayoutDirection.LeftToRight
        if wrap != self._wrap:
            self._wrap, self._option, self._width = wrap, None, -1

    def set(self, text: str, stretches: Sequence[Stretch], width: int) -> None:
        """Lay out, from the first place on that differs from what was laid out before."""
        same = 0 if width != self._width else self._unchanged(text, stretches)
        self._option = self._options(text)
        self._text, self._stretches, self._width = text, stretches, width
        self._boxes = [(each.start, each, each.box) for each in stretches if each.box is not None]
        # The last line before the change may take more words now, so the chunk it closes goes too.
        while self._chunks and self._chunks[-1].end >= same:
            self._chunks.pop()
        start = self._chunks[-1].end if self._chunks else 0
        while True:
            chunk = self._chunk(start, len(text))
            self._chunks.append(chunk)
            start = chunk.end
            if start >= len(text):
                break

    def _options(self, text: str) -> QTextOption:
        direction = self._direction if self._direction is not None else direction_of(text)
        option = self._option
        if option is not None and option.textDirection() == direction:
            return option
        option = QTextOption()
        modes = QTextOption.WrapMode
        option.setWrapMode(modes.WrapAtWordBoundaryOrAnywhere if self._wrap else modes.NoWrap)
        option.setTextDirection(direction)
        leftwards = direction == Qt.LayoutDirection.RightToLeft
        start = Qt.AlignmentFlag.AlignRight if leftwards else Qt.AlignmentFlag.AlignLeft
        option.setAlignment(self._align if self._align is not None else start)
        if self._tab:
            option.setTabStopDistance(self._tab)
        return option

    def release(self) -> None:
        """Give the laid-out lines back; their number stays known, and they come again when painted."""
        for chunk in self._chunks:
            chunk.layout = None
            chunk.chips = []

    def natural_width(self) -> float:
        """The widest line's own width."""
        return max(
            (
                layout.lineAt(index).naturalTextWidth()
                for layout in map(self._laid_out, self._chunks)
                for index in range(layout.lineCount())
            ),
            default=0.0,
        )

    def _unchanged(self, text: str, stretches: Sequence[Stretch]) -> int:
        """How many units from the start have the same text in the same formats as before."""
        same = _common_prefix(self._text, text)
        for before, after in zip_longest(self._stretches, stretches):
            if before == after:
                continue
            starts = [stretch.start for stretch in (before, after) if stretch is not None]
            same = min(same, *starts)
            break
        # A word that changes may now fit on the line before its own. Words beyond any length that
        # fits a line are broken anywhere and pull nothing back.
        return self._text.rfind(" ", max(0, same - _LONG_WORD), same) + 1 or same

    def _chunk(self, start: int, length: int) -> _Chunk:
        end = min(length, start + WINDOW)
        if end < length and not self._wrap:
            # A line that is not broken must not be cut between two chunks either.
            end = self._text.find("\u2028", end) + 1 or length
        if end < length and "\ud800" <= self._text[end - 1] <= "\udbff":
            end += 1
        layout = self._lay_out(start, end, trailing=self._wrap or end >= length)
        lines = layout.lineCount()
        if end < length and lines > 1 and self._wrap:
            # The window cut the last line short: the next chunk begins with it.
            end = start + layout.lineAt(lines - 1).textStart()
            layout = self._lay_out(start, end, trailing=False)
            lines = layout.lineCount()
        tops = self._tops(layout, start)
        return _Chunk(start, end, tops, layout, self._chips(layout, start, end, tops))

    def _laid_out(self, chunk: _Chunk) -> QTextLayout:
        if chunk.layout is None:
            trailing = chunk.end >= len(self._text)
            chunk.layout = self._lay_out(chunk.start, chunk.end, trailing=trailing)
            chunk.chips = self._chips(chunk.layout, chunk.start, chunk.end, chunk.tops)
        return chunk.layout

    def _lay_out(self, start: int, end: int, *, trailing: bool = True) -> QTextLayout:
        text = self._text[start:end]
        if not trailing:
            # A line break at the end of a chunk would begin one more line, which is the next chunk's.
            text = text.removesuffix("\u2028")
        layout = QTextLayout(text, self._font)
        assert self._option is not None
        layout.setTextOption(self._option)
        layout.setCacheEnabled(True)
        formats = []
        for stretch in self._stretches:
            first, last = max(stretch.start, start), min(stretch.start + stretch.length, end)
            if first < last:
                formats.append(_format_range(first - start, last - first, stretch.format))
        layout.setFormats(formats)
        layout.beginLayout()
        y, baseline = 0, self._metrics.baseline
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._width)
            above, below = self._excess(line, start) if self._boxes else (0, 0)
            line.setPosition(QPointF(0, y + above + baseline - line.ascent()))
            y += above + self._metrics.line_height + below
        layout.endLayout()
        return layout

    def _tops(self, layout: QTextLayout, start: int) -> list[int]:
        tops = [0]
        for index in range(layout.lineCount()):
            above, below = self._excess(layout.lineAt(index), start) if self._boxes else (0, 0)
            tops.append(tops[-1] + above + self._metrics.line_height + below)
        return tops

    def _boxes_of(self, line: QTextLine, start: int) -> list[tuple[int, Stretch, Box]]:
        """What is painted in a line of a chunk that begins at `start`."""
        begin = start + line.textStart()
        low = bisect_right(self._boxes, begin - 1, key=lambda entry: entry[0])
        high = bisect_right(self._boxes, begin + line.textLength() - 1, key=lambda entry: entry[0])
        return self._boxes[low:high]

    def _excess(self, line: QTextLine, start: int) -> tuple[int, int]:
        """Pixels by which a line's boxes stand out of it, above and below."""
        above = below = 0
        for _, _, box in self._boxes_of(line, start):
            above = max(above, math.ceil(box.ascent - self._metrics.baseline) + 1)
            room = self._metrics.line_height - self._metrics.baseline
            below = max(below, math.ceil(box.descent - room) + 1)
        return above, below

    def _chips(self, layout: QTextLayout, start: int, end: int, tops: list[int]) -> list[QRectF]:
        spans: list[tuple[int, int]] = []
        for stretch in self._stretches:
            first, last = max(stretch.start, start), min(stretch.start + stretch.length, end)
            if stretch.chip and first < last:
                if spans and spans[-1][1] == first:
                    first = spans.pop()[0]
                spans.append((first, last))
        return [
            box
            for first, last in spans
            for box in self._rectangles(layout, first - start, last - start, 2, tops)
        ]

    def _rectangles(
        self, layout: QTextLayout, first: int, last: int, inset: int, tops: list[int]
    ) -> list[QRectF]:
        """The boxes of a stretch, one a line, `inset` smaller than the line above and below."""
        found = []
        for index in range(layout.lineCount()):
            line = layout.lineAt(index)
            begin, length = line.textStart(), line.textLength()
            if begin + length <= first or begin >= last:
                continue
            left, right = sorted((_x(line, max(first, begin)), _x(line, min(last, begin + length))))
            top, bottom = tops[index] + inset, tops[index + 1] - inset
            found.append(QRectF(left, top, right - left, bottom - top))
        return found

    # -- painting and pointing

    def paint(
        self,
        painter: QPainter,
        origin: QPointF,
        clip: QRectF,
        ink: QColor,
        chip: QColor | None = None,
        selection: tuple[int, int, QColor, QTextCharFormat] | None = None,
    ) -> None:
        """Paint what `clip` shows. The selection is first and last unit, background, format of text."""
        y = origin.y()
        for chunk in self._chunks:
            height = chunk.height
            if y + height > clip.top() and y < clip.bottom():
                at = QPointF(origin.x(), y)
                if chip is not None:
                    self._paint_chips(painter, chunk, at, chip)
                painter.setPen(ink)
                self._paint_chunk(painter, chunk, at, clip, selection)
            y += height

    def _paint_chips(self, painter: QPainter, chunk: _Chunk, at: QPointF, chip: QColor) -> None:
        self._laid_out(chunk)
        if chunk.chips:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(chip)
            for box in chunk.chips:
                painter.drawRoundedRect(box.translated(at), 4, 4)

    def _paint_chunk(
        self,
        painter: QPainter,
        chunk: _Chunk,
        at: QPointF,
        clip: QRectF,
        selection: tuple[int, int, QColor, QTextCharFormat] | None,
    ) -> None:
        layout = self._laid_out(chunk)
        selected = []
        if selection is not None:
            first = max(selection[0], chunk.start) - chunk.start
            last = min(selection[1], chunk.end) - chunk.start
            if first < last:
                for box in self._rectangles(layout, first, last, 0, chunk.tops):
                    painter.fillRect(box.translated(at), selection[2])
                selected = [_format_range(first, last - first, selection[3])]
        layout.draw(painter, at, selected, clip)
        if self._boxes:
            self._paint_boxes(painter, chunk, layout, at, selection)

    def _paint_boxes(
        self,
        painter: QPainter,
        chunk: _Chunk,
        layout: QTextLayout,
        at: QPointF,
        selection: tuple[int, int, QColor, QTextCharFormat] | None,
    ) -> None:
        for index in range(layout.lineCount()):
            line = layout.lineAt(index)
            for position, stretch, box in self._boxes_of(line, chunk.start):
                unit = position - chunk.start
                left = min(_x(line, unit), _x(line, unit + 1))
                selected = selection is not None and selection[0] <= position < selection[1]
                text_format = selection[3] if selection is not None and selected else stretch.format
                place = QPointF(at.x() + left, at.y() + line.position().y() + line.ascent())
                box.paint(painter, place, text_format.foreground().color())

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        """The boxes of a stretch of text, one a line."""
        found: list[QRectF] = []
        y = 0.0
        for chunk in self._chunks:
            begin, end = max(first, chunk.start), min(last, chunk.end)
            if begin < end:
                layout = self._laid_out(chunk)
                boxes = self._rectangles(layout, begin - chunk.start, end - chunk.start, 0, chunk.tops)
                found += [box.translated(0, y) for box in boxes]
            y += chunk.height
        return found

    def position_at(self, x: float, y: float) -> int:
        """The position between two characters nearest to a point."""
        line, chunk = self._line_at(y)
        return chunk.start + line.xToCursor(x)

    def unit_at(self, x: float, y: float) -> int | None:
        """The unit under a point, or None beside the text."""
        line, chunk = self._line_at(y)
        if not 0 <= y < self.height:
            return None
        if not line.naturalTextRect().left() <= x <= line.naturalTextRect().right():
            return None
        return chunk.start + line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter)

    def _line_at(self, y: float) -> tuple[QTextLine, _Chunk]:
        last = self._chunks[-1]
        for chunk in self._chunks:
            if y < chunk.height or chunk is last:
                index = bisect_right(chunk.tops, max(0.0, y)) - 1
                return self._laid_out(chunk).lineAt(min(index, chunk.lines - 1)), chunk
            y -= chunk.height
        raise AssertionError("a flow has at least one line")

    def end_point(self) -> QPointF:
        """Where the next character would come: x, and the top of its line."""
        chunk = self._chunks[-1]
        layout = self._laid_out(chunk)
        line = layout.lineAt(layout.lineCount() - 1)
        y = self.height - chunk.height + line.position().y() + line.ascent() - self._metrics.baseline
        return QPointF(_x(line, line.textStart() + line.textLength()), y)


def _x(line: QTextLine, position: int) -> float:
    # PySide gives (x, position) back, since the position is an in-out argument in C++.
    place: tuple[float, int] = line.cursorToX(position)  # type: ignore[assignment]  # stubs say float
    return place[0]


def _format_range(start: int, length: int, text_format: QTextCharFormat) -> QTextLayout.FormatRange:
    result = QTextLayout.FormatRange()
    result.start, result.length = start, length
    result.format = text_format
    return result


def _common_prefix(one: str, other: str) -> int:
    """Length of the longest common beginning, found by halving: comparing slices runs in C."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def direction_of(text: str) -> Qt.LayoutDirection:
    """The direction of the first letter that has one; chunks must not each find their own."""
    if not text.isascii():
        for character in text[:400]:
            kind = unicodedata.bidirectional(character)
            if kind in {"R", "AL"}:
                return Qt.LayoutDirection.RightToLeft
            if kind == "L":
                break
    return Qt.LayoutDirection.LeftToRight
