"""A tool that a model asked for: its name, the exact arguments, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QTextCharFormat

from aiproxy_desktop.ui.chat.transcript.display import plain_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow
from aiproxy_desktop.ui.chat.transcript.messages import ToolCard
from aiproxy_desktop.ui.chat.transcript.pieces.base import Canvas, Control, Piece
from aiproxy_desktop.ui.chat.transcript.pieces.tool_text import (
    MOST,
    Ink,
    Inked,
    arguments_text,
    first_lines,
    hidden_count,
    plain_text,
)
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.chat.transcript.sizes import BUTTON
from aiproxy_desktop.ui.markdown.highlight import Kind
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count

_HEAD: Final = 40
_PAD_X: Final = 16
_PAD_Y: Final = 8
_NOTE: Final = 32
_ROOM: Final = 6
_ICON: Final = 16
_FOLDED: Final = (8, 2000)
_OPENED: Final = (400, MOST)
_INKS: Final[dict[Ink, Kind]] = {
    "key": "function",
    "string": "string",
    "number": "number",
    "keyword": "keyword",
    "punctuation": "punctuation",
}


class _Band:
    """Some code on the sunken ground."""

    def __init__(self, parts: list[Inked], sheet: Sheet, *, opened: bool, failed: bool = False) -> None:
        kept, self.whole = first_lines(parts, *(_OPENED if opened else _FOLDED))
        self.foldable = not first_lines(parts, *_FOLDED)[1]
        self.cut = opened and not self.whole
        self._flow = TextFlow(sheet.font("code"), sheet.metrics("code"))
        self._text, self._stretches = inked_stretches(kept, sheet, failed=failed)

    def lay_out(self, width: int) -> None:
        self._flow.set(self._text, self._stretches, max(40, width - 2 * _PAD_X))

    @property
    def height(self) -> int:
        return self._flow.height + 2 * _PAD_Y

    def release(self) -> None:
        self._flow.release()

    def paint(self, canvas: Canvas, top: int) -> None:
        theme = canvas.sheet.theme
        ground = QRectF(canvas.x, top, canvas.width, self.height)
        canvas.painter.fillRect(ground, QColor(theme.syntax.code_bg))
        canvas.painter.fillRect(QRectF(canvas.x, top, canvas.width, 1), QColor(theme.border))
        origin = QPointF(canvas.x + _PAD_X, top + _PAD_Y)
        ink = QColor(theme.syntax.text)
        self._flow.paint(canvas.painter, origin, canvas.clip, ink, QColor(theme.warning_soft))


class ToolPiece(Piece):
    """One card: folded to a few lines, or `opened`."""

    def __init__(self, card: ToolCard, sheet: Sheet, margin: int, *, opened: bool) -> None:
        self.card = card
        self._opened = opened
        self._head = sheet.row(_HEAD - 2 * _ROOM, "code") + 2 * _ROOM
        self._note = sheet.row(_NOTE - 2 * _ROOM) + 2 * _ROOM
        arguments = arguments_text(card.arguments)
        self._bands = [_Band(arguments, sheet, opened=opened)] if arguments else []
        self._hidden = hidden_count(arguments)
        if card.result:
            self._bands.append(_Band(plain_text(card.result), sheet, opened=opened, failed=card.failed))
        self._name = "".join(part.text for part in plain_text(card.name)).replace("\n", " ")
        super().__init__(None, margin, 120)

    def lay_out(self, width: int) -> None:
        for band in self._bands:
            band.lay_out(width)
        self.height = self.margin + self._head + sum(band.height for band in self._bands) + self._tail()
        self.exact = True

    def _tail(self) -> int:
        return self._note * (bool(self._hidden) + self._cut + self._foldable)

    @property
    def _foldable(self) -> bool:
        return any(band.foldable for band in self._bands)

    @property
    def _cut(self) -> bool:
        return any(band.cut for band in self._bands)

    def release(self) -> None:
        for band in self._bands:
            band.release()

    def paint(self, canvas: Canvas) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        box = QRect(canvas.x, canvas.y + self.margin, canvas.width, self.height - self.margin)
        edge = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(edge, RADIUS.m, RADIUS.m)
        painter.fillPath(shape, QColor(theme.surface_raised))
        painter.save()
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        top = box.y() + self._head
        for band in self._bands:
            band.paint(canvas, top)
            top += band.height
        if self._bands and self._tail():
            painter.fillRect(QRectF(canvas.x, top, canvas.width, 1), QColor(theme.border))
        painter.restore()
        self._paint_head(canvas, box)
        self._paint_notes(canvas, top)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)

    def _paint_head(self, canvas: Canvas, box: QRect) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        ratio = painter.device().devicePixelRatioF()
        icon = QPoint(box.x() + _PAD_X, box.y() + (self._head - _ICON) // 2)
        painter.drawPixmap(icon, icon_pixmap("tool", theme.text_secondary, _ICON, ratio))
        painter.setFont(canvas.sheet.font("meta"))
        status, ink = self._status(), theme.danger if self.card.failed else theme.text_muted
        advance = painter.fontMetrics().horizontalAdvance(status)
        row = QRect(box.x() + 40, box.y(), box.width() - 40 - 96, self._head)
        painter.setPen(QColor(ink))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, status)
        painter.setFont(canvas.sheet.font("code"))
        painter.setPen(QColor(theme.text))
        room = row.width() - advance - 12
        name = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _status(self) -> str:
        if self.card.failed:
            return tr("Failed")
        return tr("Not run") if self.card.result is None else tr("Done")

    def _paint_notes(self, canvas: Canvas, top: int) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        painter.setFont(canvas.sheet.font("meta"))
        ratio = painter.device().devicePixelRatioF()
        if self._hidden:
            icon = QPoint(canvas.x + _PAD_X, top + (self._note - _ICON) // 2)
            painter.drawPixmap(icon, icon_pixmap("warning", theme.warning, _ICON, ratio))
            painter.setPen(QColor(theme.warning))
            row = QRect(canvas.x + 40, top, canvas.width - 56, self._note)
            said = tr_count(
                "One hidden character, shown in brackets.",
                "{n} hidden characters, shown in brackets.",
                self._hidden,
            )
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, said)
            top += self._note
        if self._cut:
            painter.setPen(QColor(theme.text_muted))
            row = QRect(canvas.x + _PAD_X, top, canvas.width - 2 * _PAD_X, self._note)
            painter.drawText(
                row, Qt.AlignmentFlag.AlignVCenter, tr("The rest is not shown. Copy takes all of it.")
            )

    def controls(self, width: int) -> list[Control]:
        """Copy at the end of the head; at the foot, what shows the rest or folds it."""
        found = [
            Control("copy_tool", QPoint(width - 4, self.margin + (self._head - BUTTON) // 2), from_right=True)
        ]
        if self._foldable:
            label = tr("Show less") if self._opened else tr("Show all")
            foot = QPoint(_PAD_X - 11, self.height - (self._note + BUTTON) // 2)
            found.append(Control("more_tool", foot, label=label))
        return found


def inked_stretches(parts: Sequence[Inked], sheet: Sheet, *, failed: bool) -> tuple[str, list[Stretch]]:
    """Inked text in units, and the formats of its inks; what failed is all in the ink of danger."""
    text: list[str] = []
    found: list[Stretch] = []
    position = 0
    for part in parts:
        shown = plain_display(part.text).text
        text.append(shown)
        look = _format(part.ink, sheet, failed=failed)
        if look is not None:
            found.append(Stretch(position, len(shown), look, chip=part.ink == "hidden"))
        position += len(shown)
    return "".join(text), found


def _format(ink: Ink, sheet: Sheet, *, failed: bool) -> QTextCharFormat | None:
    kind = _INKS.get(ink)
    if kind is not None:
        return sheet.code_format(kind)
    if ink == "plain" and not failed:
        return None
    look = QTextCharFormat()
    look.setForeground(QColor(sheet.theme.warning if ink == "hidden" else sheet.theme.danger))
    return look
