"""What stands round a message's own text: bubble, reasoning row, stop line, error card, footer."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPen

from aiproxy_desktop.ui.chat.transcript.display import LINE_SEPARATOR, Display, plain_display
from aiproxy_desktop.ui.chat.transcript.flow import TextFlow, direction_of
from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Control, Piece
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.chat.transcript.sizes import BUTTON, button_width
from aiproxy_desktop.ui.markdown.blocks import Plain
from aiproxy_desktop.ui.markdown.cleaning import clean
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count

BUBBLE_WIDTH: Final = 560
ACTIONS: Final = 28
_BUBBLE_X: Final = 16
_BUBBLE_Y: Final = 8
_CARD_TEXT: Final = 41

# A step button of 28 stands so that its chevron begins at the column's edge, and ends at _STEP.
_STEP_INSET: Final = 8
_STEP: Final = BUTTON - _STEP_INSET

# What is always left of the facts under an answer, beside its actions: all of them, up to the second width.
_LEAST_FACTS: Final = 120
_MOST_FACTS: Final = 240


class BubblePiece(Piece):
    """Some lines of the person's own message; alone, or first, middle, last of a long one."""

    def __init__(self, block: Plain, sheet: Sheet, *, first: bool, last: bool) -> None:
        self._sheet = sheet
        self._first, self._last = first, last
        self._display: Display | None = None
        self._flow = TextFlow(sheet.font("reading"), sheet.metrics("reading"))
        self._box = QRect()
        self._text_left = 0
        lines = 1 + block.text.count("\n") + len(block.text) // 70
        super().__init__(block, 0, lines * sheet.metrics("reading").line_height + _BUBBLE_Y * (first + last))

    @property
    def display(self) -> Display:
        """The text in Qt's units."""
        if self._display is None:
            assert isinstance(self.block, Plain)
            self._display = plain_display(self.block.text)
        return self._display

    @property
    def text(self) -> str:
        return self.display.text

    def lay_out(self, width: int) -> None:
        most = min(self._sheet.px(BUBBLE_WIDTH), width)
        self._flow.set(self.display.text, (), most - 2 * _BUBBLE_X)
        box = most
        wrapped = self._flow.lines > 1 + self.display.text.count(LINE_SEPARATOR)
        if self._first and self._last and not wrapped:
            box = min(most, max(40, ceil(self._flow.natural_width()) + 2 * _BUBBLE_X))
        self.height = self._flow.height + _BUBBLE_Y * (self._first + self._last)
        self._box = QRect(width - box, 0, box, self.height)
        # What is read from the right is laid out against the right end of the whole width.
        leftwards = direction_of(self.display.text) == Qt.LayoutDirection.RightToLeft
        self._text_left = self._box.x() + _BUBBLE_X - (most - box if leftwards else 0)
        self.exact = True

    def release(self) -> None:
        self._flow.release()

    def paint(self, canvas: Canvas) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        box = self._box.translated(canvas.x, canvas.y)
        painter.save()
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.bubble))
        whole = box.adjusted(0, 0 if self._first else -20, 0, 0 if self._last else 20)
        painter.drawRoundedRect(whole, RADIUS.l, RADIUS.l)
        painter.restore()
        canvas.paint_marks(self)
        origin = QPointF(canvas.x + self._text_left, box.y() + self._text_top())
        ink = QColor(theme.text)
        self._flow.paint(painter, origin, canvas.clip, ink, selection=canvas.selection())

    def _text_top(self) -> int:
        return _BUBBLE_Y if self._first else 0

    def position_at(self, x: float, y: float) -> int:
        return self._flow.position_at(x - self._text_left, y - self._text_top())

    def rectangles(self, first: int, last: int) -> list[QRectF]:
        left, top = self._text_left, self._text_top()
        return [box.translated(left, top) for box in self._flow.rectangles(first, last)]

    def to_read(self, position: int) -> int:
        return self.display.to_read(position)


class EditPiece(Piece):
    """Room for the editor that stands where the person's words stood."""

    def __init__(self, height: int) -> None:
        super().__init__(None, 0, height)

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        """The editor paints itself."""


class ReasoningRow(Piece):
    """Room for the button that shows and hides the reasoning."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(None, 0, sheet.metrics("meta").line_height)

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        """The button paints itself."""

    def controls(self, width: int) -> list[Control]:
        """The button, centred on the row."""
        del width
        return [Control("reasoning", QPoint(-4, self.margin - 4))]


class WaitingPiece(Piece):
    """One empty line for the caret, before anything has come."""

    def __init__(self, margin: int) -> None:
        super().__init__(None, margin, 24)

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        """The caret is all there is."""

    def end_point(self) -> QPointF:
        return QPointF(-3, self.margin)


class StoppedPiece(Piece):
    """A dashed rule, where it stopped, and buttons to go on or to try again."""

    def __init__(
        self, sheet: Sheet, margin: int, *, tokens: int | None = None, can_continue: bool = False
    ) -> None:
        self._tokens = tokens
        self._can_continue = can_continue
        self._row = sheet.row(BUTTON)
        super().__init__(None, margin, 1 + 8 + self._row)

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        y = canvas.y + self.margin
        pen = QPen(QColor(theme.border_control), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(canvas.x, y + 0.5), QPointF(canvas.x + canvas.width, y + 0.5))
        painter.setFont(canvas.sheet.figures("meta"))
        painter.setPen(QColor(theme.text_muted))
        row = QRect(canvas.x, y + 9, canvas.width, self._row)
        words = [tr("Retry"), tr("Continue")] if self._can_continue else [tr("Retry")]
        room = canvas.width - sum(map(button_width, words)) - 8
        said = self._said()
        if painter.fontMetrics().horizontalAdvance(said) > room:
            said = tr("Stopped")
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, said)

    def _said(self) -> str:
        if not self._tokens:
            return tr("Stopped")
        return tr_count("Stopped after {n} token", "Stopped after {n} tokens", self._tokens)

    def controls(self, width: int) -> list[Control]:
        """At the end of the row: Continue, where that can be done, and Retry before it."""
        at = QPoint(width, self.margin + 9 + (self._row - BUTTON) // 2)
        if not self._can_continue:
            return [Control("retry", at, from_right=True)]
        return [Control("continue", at, from_right=True), Control("retry_quiet", at, from_right=True)]


class ErrorPiece(Piece):
    """The card that says what went wrong and what to press."""

    def __init__(self, card: ErrorCard, sheet: Sheet, margin: int, *, expanded: bool) -> None:
        self._card = card
        self._expanded = expanded and bool(card.detail)
        self._title = TextFlow(sheet.font("body_strong"), sheet.metrics("body_strong"))
        self._advice = TextFlow(sheet.font("body"), sheet.metrics("body"))
        self._detail = TextFlow(sheet.font("meta"), sheet.metrics("meta"))
        super().__init__(None, margin, 130)

    def lay_out(self, width: int) -> None:
        inner = max(40, width - _CARD_TEXT - 16)
        self._title.set(_words(self._card.title), (), inner)
        self._advice.set(_words(self._card.advice), (), inner)
        self._detail.set(_words(self._card.detail), (), inner)
        self.height = self.margin + self._buttons_top() + BUTTON + 12
        if self._expanded:
            self.height += self._detail.height + 4
        self.exact = True

    def _advice_height(self) -> int:
        return self._advice.height + 4 if self._card.advice else 0

    def _buttons_top(self) -> int:
        return 14 + self._title.height + self._advice_height() + 12

    def paint(self, canvas: Canvas) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        box = QRect(canvas.x, canvas.y + self.margin, canvas.width, self.height - self.margin)
        painter.setPen(QPen(QColor(theme.danger_border), 1))
        painter.setBrush(QColor(theme.danger_soft))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        ratio = painter.device().devicePixelRatioF()
        first = canvas.sheet.metrics("body_strong").line_height
        icon = QPoint(box.x() + 17, box.y() + 14 + (first - 16) // 2)
        painter.drawPixmap(icon, icon_pixmap("error", theme.danger, 16, ratio))
        x, y = box.x() + _CARD_TEXT, box.y() + 14
        self._title.paint(painter, QPointF(x, y), canvas.clip, QColor(theme.text))
        ink = QColor(theme.text_secondary)
        if self._card.advice:
            at = QPointF(x, y + self._title.height + 4)
            self._advice.paint(painter, at, canvas.clip, ink)
        if self._expanded:
            at = QPointF(x, box.y() + self._buttons_top() + BUTTON + 8)
            self._detail.paint(painter, at, canvas.clip, ink)

    def controls(self, width: int) -> list[Control]:
        """Retry, Another model, and Details where there are some."""
        del width
        top = self.margin + self._buttons_top()
        x = _CARD_TEXT + button_width(tr("Retry")) + 8
        found = [Control("retry", QPoint(_CARD_TEXT, top)), Control("another", QPoint(x, top))]
        if self._card.detail:
            x += button_width(tr("Another model"), icon=False, chevron=True) + 8
            found.append(Control("details", QPoint(x, top)))
        return found


def _words(text: str) -> str:
    return plain_display(clean(text)).text


class FooterPiece(Piece):
    """The row under a message: facts, versions, and room for its actions at the end.

    Under an answer the versions stand at the start, under the person's own words at the end.
    """

    def __init__(self, footer: str, sheet: Sheet, *, own: bool, version: int = 0, versions: int = 1) -> None:
        self._footer = footer
        self._sheet = sheet
        self._row = sheet.row(ACTIONS)
        self._own = own
        self._version = version
        self._versions = versions
        self._below = 2 if own else 18
        super().__init__(None, 2 if own else 6, self._row + self._below)

    @property
    def actions_top(self) -> int:
        """Pixels from the piece's top to where the actions stand, in the middle of the row."""
        return self.margin + (self._row - ACTIONS) // 2

    @property
    def below(self) -> int:
        """The gap to the next message."""
        return self._below

    @property
    def actions_inset(self) -> int:
        """Pixels from the end edge to where the actions end."""
        return self._versions_width() + _STEP_INSET + 4 if self._own and self._versions > 1 else 0

    @property
    def before_actions(self) -> int:
        """Pixels at the start that the actions must leave."""
        if self._own:
            return 0
        facts = QFontMetrics(self._sheet.font("meta")).horizontalAdvance(clean(self._footer)) + 8
        room = min(max(facts, _LEAST_FACTS), _MOST_FACTS)
        return (self._versions_width() + 8 if self._versions > 1 else 0) + room

    def lay_out(self, width: int) -> None:
        del width
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        if not self._footer and self._versions < 2:
            return
        painter = canvas.painter
        painter.setFont(self._sheet.figures("meta"))
        painter.setPen(QColor(canvas.sheet.theme.text_muted))
        row = QRect(canvas.x, canvas.y + self.margin, canvas.width, self._row)
        if self._versions > 1:
            place = QRect(row)
            place.setLeft(canvas.x + self._versions_left(canvas.width) + _STEP)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._place())
        if self._versions > 1 and not self._own:
            row.setLeft(canvas.x + self._versions_width() + 8)
        row.setRight(canvas.x + canvas.width - canvas.taken - self.actions_inset - 8)
        painter.setFont(self._sheet.font("meta"))  # Inter's tabular hyphen would tear the models' names apart
        text = painter.fontMetrics().elidedText(clean(self._footer), Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)

    def controls(self, width: int) -> list[Control]:
        """Steps to the version before and after, where there are several."""
        if self._versions < 2:
            return []
        last = self._version + 1 >= self._versions
        left = self._versions_left(width)
        later = left + self._versions_width() - _STEP
        return [
            Control("former", QPoint(left - _STEP_INSET, self.actions_top), enabled=self._version > 0),
            Control("later", QPoint(later, self.actions_top), enabled=not last),
        ]

    def _place(self) -> str:
        return f"{self._version + 1}/{self._versions}"

    def _versions_left(self, width: int) -> int:
        return width - self._versions_width() if self._own else 0

    def _versions_width(self) -> int:
        number = QFontMetrics(self._sheet.figures("meta")).horizontalAdvance(self._place())
        return _STEP + number + _STEP
