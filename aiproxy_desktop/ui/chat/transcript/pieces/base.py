"""What stands in the column, one below the other: each is laid out, painted and pointed at by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextCharFormat

from aiproxy_desktop.ui.chat.transcript.display import Display, inline_display, plain_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow, direction_of
from aiproxy_desktop.ui.chat.transcript.maths.formula_box import stretch_of
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, Tone
from aiproxy_desktop.ui.markdown.blocks import Block, Heading, Item, Note, Paragraph, Plain, Quote, Rule
from aiproxy_desktop.ui.markdown.formulas import Latex
from aiproxy_desktop.ui.markdown.inline import Inline, parse_inline
from aiproxy_desktop.ui.markdown.resolved import Names
from aiproxy_desktop.ui.theme.tokens import RADIUS, TypeName

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.images.pictures import Pictures

ITEM_INDENT: Final = 28
QUOTE_INDENT: Final = 16
_MARKER_GAP: Final = 8
_BULLET_RIGHT: Final = 18
_BAR: Final = 3
_BOX: Final = 14
_CHECK: Final = ((3.5, 7.2), (6, 9.7), (10.5, 4.5))
_CHARACTER: Final = 7.4  # mean advance of reading text, for estimates


ControlKind: TypeAlias = Literal[
    "copy_code",
    "save_code",
    "wrap_code",
    "copy_table",
    "reasoning",
    "retry",
    "retry_quiet",
    "continue",
    "another",
    "details",
    "former",
    "later",
    "open_image",
    "copy_image",
    "save_image",
    "view_image",
    "edit_image",
    "copy_tool",
    "more_tool",
]


@dataclass(frozen=True, slots=True)
class Control:
    """A button a piece wants: its kind, and its top left corner (top right where `from_right`).

    Those of one piece that are placed from the right stand in a row, the first at the right end. `on` is
    how a switch stands; `on_hover` shows it only where the pointer or the keyboard is.
    `part` tells several of a kind apart. `label` is what it says where that is not always the same;
    `size` is that of a button over something painted.
    """

    kind: ControlKind
    at: QPoint
    from_right: bool = False
    enabled: bool = True
    on: bool = False
    on_hover: bool = False
    part: int = 0
    label: str = ""
    size: QSize | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Units `start` to `end` of a piece's text lead to `href`."""

    start: int
    end: int
    href: str


def links_of(display: Display, offset: int = 0) -> list[Link]:
    """The links of a text; runs that touch and lead to the same place are one."""
    found: list[Link] = []
    for run in display.runs:
        if not run.href:
            continue
        start, end = offset + run.start, offset + run.start + run.length
        if found and found[-1].end == start and found[-1].href == run.href:
            found[-1] = Link(found[-1].start, end, run.href)
        else:
            found.append(Link(start, end, run.href))
    return found


@dataclass(frozen=True, slots=True)
class Mark:
    """Units `start` to `end` of a piece's text were found; `current` is the one the person is at."""

    start: int
    end: int
    current: bool = False


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a piece paints: the column's left edge and the piece's top, in the painter's pixels."""

    painter: QPainter
    x: int
    y: int
    width: int
    clip: QRectF
    sheet: Sheet
    selected: tuple[int, int] | None = None
    marks: Sequence[Mark] = ()

    def paint_marks(self, piece: Piece) -> None:
        """The backgrounds of what was found in a piece, between its own background and its text."""
        theme = self.sheet.theme
        for mark in self.marks:
            self.painter.setPen(QPen(QColor(theme.accent), 2) if mark.current else Qt.PenStyle.NoPen)
            self.painter.setBrush(QColor(theme.find))
            for box in piece.rectangles(mark.start, mark.end):
                at = box.translated(self.x, self.y).adjusted(-1, 1, 1, -1)
                self.painter.drawRoundedRect(at, RADIUS.xs, RADIUS.xs)

    pictures: Pictures | None = None
    # Of the row under a message, what its actions take at the end.
    taken: int = 0

    def selection(self, offset: int = 0) -> tuple[int, int, QColor, QTextCharFormat] | None:
        """The selection for a flow whose text begins at `offset` of the piece's."""
        if self.selected is None:
            return None
        first, last = self.selected
        background = QColor(self.sheet.theme.selection)
        return first - offset, last - offset, background, self.sheet.selected


class Piece(ABC):
    """One thing in the column.

    `height` includes `margin`, the room above it, and is an estimate until `exact`. Points are relative
    to the column's left edge and the piece's top; positions are UTF-16 units of `text`.
    """

    def __init__(self, block: Block | None, margin: int, estimate: int) -> None:
        self.block = block
        self.margin = margin
        self.height = margin + estimate
        self.exact = False

    @property
    def text(self) -> str:
        """What can be selected."""
        return ""

    def update(self, block: Block, *, live: bool) -> bool:
        """Show another block in its place, if it is of the same make. `live`: more of it may come."""
        del block, live
        return False

    @abstractmethod
    def lay_out(self, width: int) -> None:
        """Make `height` exact for a column width."""

    def release(self) -> None:  # noqa: B027 - most pieces hold nothing
        """Give back what painting can make again."""

    @abstractmethod
    def paint(self, canvas: Canvas) -> None:
        """Paint what the clip shows."""

    def position_at(self, x: float, y: float) -> int:
        """The position nearest to a point."""
        del x, y
        return 0

    def href_at(self, x: float, y: float) -> str:
        """The link under a point, or ""."""
        del x, y
        return ""

    def links(self) -> list[Link]:
        """Its links, in order."""
        return []

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        """The boxes of a stretch of its text."""
        del first, last
        return []

    def controls(self, width: int) -> list[Control]:
        """The buttons that stand on it."""
        del width
        return []

    def end_point(self) -> QPointF | None:
        """Where the streaming caret stands: left edge and top of its 24 px line."""
        return None

    def to_read(self, position: int) -> int:
        """A position in the text as it is copied."""
        return position

    def from_read(self, read: int) -> int:
        """The position of one in the text as it is copied."""
        return read

    def wanted(self) -> Sequence[Latex]:
        """Formulas that it shows as source because they are not drawn yet."""
        return ()

    def read_again(self) -> None:  # noqa: B027 - most pieces read nothing
        """Look formulas and references up anew: more of them are known."""


class TextPiece(Piece):
    """A paragraph, a heading, or lines of plain text, with the marks of its lists and quotes."""

    def __init__(
        self,
        block: Paragraph | Heading | Plain,
        sheet: Sheet,
        margin: int,
        *,
        live: bool = False,
        style: TypeName = "reading",
        tone: Tone = "text",
        names: Names | None = None,
    ) -> None:
        self._sheet = sheet
        self._names = names
        self._live = live
        self._style: TypeName = style
        if isinstance(block, Heading):
            self._style = "title" if block.level <= 2 else "reading_strong"
        self._tone: Tone = tone
        self._quoted = any(isinstance(container, Quote) for container in block.place.containers)
        if self._quoted:
            self._tone = "secondary"
        self._metrics = sheet.metrics(self._style)
        self._left = indent(block, sheet)
        # Where the text begins; an item that is read from the right has its room and its mark there.
        self._start = self._left
        self._mirrored = False
        source = block.text if isinstance(block, Plain) else block.source
        self._display: Display | None = None
        self._inline: Inline | None = None
        self._flow = TextFlow(sheet.font(self._style), self._metrics)
        lines = 1 + source.count("\n") + int(len(source) * _CHARACTER / 680)
        super().__init__(block, margin, lines * self._metrics.line_height)

    @property
    def display(self) -> Display:
        """The text in Qt's units."""
        if self._display is None:
            block = self.block
            if isinstance(block, Plain):
                self._display = plain_display(block.text)
            else:
                assert isinstance(block, Paragraph | Heading)
                inline = self._inline or parse_inline(block.source, open_end=self._live)
                self._display = inline_display(
                    inline, padded=True, formulas=self._sheet.formulas, names=self._names
                )
                # With hundreds of formulas that come one by one, the same text is read again and again.
                self._inline = inline if self._display.wanted else None
        return self._display

    def wanted(self) -> Sequence[Latex]:
        return () if self._display is None else self._display.wanted

    def read_again(self) -> None:
        self._display = None
        self.exact = False

    @property
    def text(self) -> str:
        return self.display.text

    def update(self, block: Block, *, live: bool) -> bool:
        if type(block) is not type(self.block) or self.block is None:
            return False
        if block.place != self.block.place or (
            isinstance(block, Heading) and isinstance(self.block, Heading) and block.level != self.block.level
        ):
            return False
        self.block, self._live = block, live
        self._display = self._inline = None
        self.exact = False
        return True

    def lay_out(self, width: int) -> None:
        display = self.display
        self._mirrored = direction_of(display.text) == Qt.LayoutDirection.RightToLeft
        self._start = 0 if self._mirrored else self._left
        inner = max(40, width - self._left)
        self._flow.set(display.text, self._stretches(display, inner), inner)
        self.height = self.margin + self._flow.height
        self.exact = True

    def _stretches(self, display: Display, width: int) -> list[Stretch]:
        base = (
            []
            if self._tone == "text"
            else [Stretch(0, len(display.text), self._sheet.format(self._style, 0, self._tone, link=False))]
        )
        return base + [stretch_of(run, self._sheet, self._style, self._tone, width) for run in display.runs]

    def release(self) -> None:
        self._flow.release()

    def paint(self, canvas: Canvas) -> None:
        top = canvas.y + self.margin
        self._paint_containers(canvas, top)
        canvas.paint_marks(self)
        self._flow.paint(
            canvas.painter,
            QPointF(canvas.x + self._start, top),
            canvas.clip,
            canvas.sheet.color(self._tone),
            QColor(canvas.sheet.theme.bubble),
            canvas.selection(),
        )

    def _paint_containers(self, canvas: Canvas, top: int) -> None:
        assert self.block is not None
        line = self._metrics.line_height
        paint_containers(canvas, self.block, top, self.margin, self.height, line, mirrored=self._mirrored)

    def position_at(self, x: float, y: float) -> int:
        return self._flow.position_at(x - self._start, y - self.margin)

    def href_at(self, x: float, y: float) -> str:
        unit = self._flow.unit_at(x - self._start, y - self.margin)
        return "" if unit is None else self.display.href_at(unit)

    def links(self) -> list[Link]:
        return links_of(self.display)

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        return [box.translated(self._start, self.margin) for box in self._flow.rectangles(first, last)]

    def end_point(self) -> QPointF:
        point = self._flow.end_point()
        drop = (self._metrics.line_height - 24) / 2
        return point + QPointF(self._start, self.margin + drop)

    def to_read(self, position: int) -> int:
        return self.display.to_read(position)

    def from_read(self, read: int) -> int:
        return self.display.from_read(read)


class RulePiece(Piece):
    """A horizontal rule."""

    def __init__(self, block: Rule, margin: int) -> None:
        super().__init__(block, margin, 1)

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        assert self.block is not None
        y = canvas.y + self.margin
        paint_containers(canvas, self.block, y, self.margin, self.height, 1)
        left = indent(self.block, canvas.sheet)
        line = QRectF(canvas.x + left, y, canvas.width - left, 1)
        canvas.painter.fillRect(line, QColor(canvas.sheet.theme.border_strong))


def indent(block: Block, sheet: Sheet) -> int:
    """Pixels a block's containers push it in."""
    return sum(
        sheet.px(QUOTE_INDENT if isinstance(container, Quote) else ITEM_INDENT)
        for container in block.place.containers
    )


def paint_containers(
    canvas: Canvas,
    block: Block,
    top: int,
    margin: int,
    height: int,
    line_height: int,
    *,
    mirrored: bool = False,
) -> None:
    """Quote bars beside a piece, and the markers of the items that begin with it.

    `mirrored` puts them at the other side, for text that is read from the right.
    """
    place, left, items, px = block.place, canvas.x, 0, canvas.sheet.px
    opened = len(place.containers) - place.opened
    for depth, container in enumerate(place.containers):
        if isinstance(container, Quote):
            # A bar runs on over the margin above unless the quote begins here.
            begin = top if depth >= opened else top - margin
            edge = 2 * canvas.x + canvas.width - left - _BAR if mirrored else left
            bar = QRectF(edge, begin, _BAR, canvas.y + height - begin)
            canvas.painter.fillRect(bar, QColor(canvas.sheet.theme.border_strong))
            left += px(QUOTE_INDENT)
            continue
        if depth >= opened:
            place_of = _Mark(left, 2 * canvas.x + canvas.width - left if mirrored else None)
            _paint_marker(canvas, container, place_of, top, line_height, hollow=items % 2 == 1)
        left += px(ITEM_INDENT)
        items += 1


@dataclass(frozen=True, slots=True)
class _Mark:
    """The room of an item's mark: from `left` on, or up to `right` where that is given."""

    left: int
    right: int | None

    def place(self, offset: float, width: float) -> float:
        """Where something begins that stands `offset` from the room's outer edge."""
        return self.left + offset if self.right is None else self.right - offset - width


def _paint_marker(
    canvas: Canvas, item: Item | Note, room: _Mark, top: int, line_height: int, *, hollow: bool
) -> None:
    painter, theme, px = canvas.painter, canvas.sheet.theme, canvas.sheet.px
    name: TypeName = "reading"
    if isinstance(item, Note):
        if item.number is None:
            return
        item, name = Item(item.number, "."), "body"
    if item.checked is not None:
        side = px(_BOX)
        at = QPointF(int(room.place(px(4), side)), top + (line_height - side) // 2)
        _paint_box(canvas, at, side, checked=item.checked)
        return
    if item.number is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text_muted))
        center = QPointF(room.place(px(_BULLET_RIGHT - 5), 0), top + line_height / 2 + 0.5)
        if hollow:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text_muted), 1.2))
        radius = 2.5 * canvas.sheet.zoom / 100
        painter.drawEllipse(center, radius, radius)
        return
    painter.setFont(canvas.sheet.font(name))
    painter.setPen(QColor(theme.text_muted))
    number = f"{item.number}{item.delimiter}"
    if room.right is not None:
        number = f"\u200f{number}\u200f"  # the delimiter stands on the text's side
    advance = painter.fontMetrics().horizontalAdvance(number)
    # A number too long for its room stands out of it, where there is the page's margin.
    x = room.place(px(ITEM_INDENT - _MARKER_GAP) - advance, advance)
    step = canvas.sheet.metrics(name)
    drop = step.baseline + (line_height - step.line_height) / 2
    painter.drawText(QPointF(x, top + drop), number)


def _paint_box(canvas: Canvas, at: QPointF, side: int, *, checked: bool) -> None:
    painter, theme = canvas.painter, canvas.sheet.theme
    painter.setPen(QPen(QColor(theme.accent if checked else theme.border_control), 1))
    painter.setBrush(QColor(theme.accent) if checked else Qt.BrushStyle.NoBrush)
    box = QRectF(at.x() + 0.5, at.y() + 0.5, side - 1, side - 1)
    painter.drawRoundedRect(box, RADIUS.xs - 1, RADIUS.xs - 1)
    if checked:
        pen = QPen(QColor(theme.accent_text), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        scale = side / _BOX
        painter.drawPolyline([at + QPointF(x, y) * scale for x, y in _CHECK])
