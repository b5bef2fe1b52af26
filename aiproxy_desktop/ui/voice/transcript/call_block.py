"""A card for a search, a function or a program: what was asked, whether it may, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from aiproxy_desktop.services.voice.values import VoiceCall
from aiproxy_desktop.ui.chat.transcript.display import Display
from aiproxy_desktop.ui.chat.transcript.flow import TextFlow
from aiproxy_desktop.ui.chat.transcript.pieces.tool_piece import inked_stretches
from aiproxy_desktop.ui.chat.transcript.pieces.tool_text import (
    MOST,
    Inked,
    arguments_text,
    hidden_count,
    plain_text,
)
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.chat.transcript.sizes import button_width
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.voice.transcript.blocks import Block, Canvas, ControlKind, Key, Part, Wanted
from aiproxy_desktop.ui.voice.transcript.call_words import call_copied, call_figures, call_title

HEAD: Final = 36
_SOURCE: Final = 32
_PAD_X: Final = 16
_PAD_Y: Final = 8
_NOTE: Final = 28
_BUTTON: Final = 28
_FIELD: Final = 32
_GAP: Final = 8
_QUIET: Final = 11
_ICONS: Final = {"search": "globe", "function": "tool", "code": "computer"}


class CallBlock(Block[VoiceCall]):
    """One call. `opened` is what the person chose, None as long as they did not."""

    margin = 20

    def __init__(self, entry: VoiceCall, sheet: Sheet) -> None:
        super().__init__(entry, sheet)
        self.opened: bool | None = None
        self.height = self.margin + HEAD
        self._notes: list[str] = []
        self._bands: list[QRect] = []
        self._wanted: list[Wanted] = []

    @property
    def is_open(self) -> bool:
        """Whether more than its head shows; what the person has to decide on always does."""
        if not self.openable:
            return self.entry.status in {"asking", "waiting"}
        return self.opened if self.opened is not None else self.entry.status == "running"

    @property
    def openable(self) -> bool:
        """Whether there is anything to open, and it is not open anyway."""
        call = self.entry
        if call.status in {"asking", "waiting"}:
            return False
        if call.kind == "search":
            return bool(call.sources or call.result)
        return bool(call.arguments or call.result)

    def toggle(self) -> None:
        """Open it or shut it."""
        self.opened = not self.is_open
        self.exact = False

    def lay_out(self, width: int, who: str) -> None:
        del who
        call = self.entry
        self.parts, self._notes, self._bands, self._wanted = [], [], [], []
        openable = self.openable
        head = Wanted(
            Key(call.id, "head"),
            QRect(0, self.margin, width, HEAD),
            call_title(call),
            call_figures(call),
            _ICONS[call.kind],
            self.is_open if openable else None,
        )
        self._wanted.append(head)
        y = self.margin + HEAD
        if self.is_open:
            y = self._lay_out_body(y, width)
        self.height = y
        self.exact = True

    def _lay_out_body(self, y: int, width: int) -> int:
        call = self.entry
        if call.kind != "search" and call.arguments:
            listing = plain_text(call.arguments) if call.kind == "code" else arguments_text(call.arguments)
            y = self._band(listing, y, width, whole=len(call.arguments) <= MOST)
        if call.result:
            failed = call.status in {"failed", "denied"}
            y = self._band(plain_text(call.result), y, width, whole=len(call.result) <= MOST, failed=failed)
        y += _NOTE * len(self._notes)
        for number, source in enumerate(call.sources):
            box = QRect(0, y, width, _SOURCE)
            self._wanted.append(Wanted(Key(call.id, "source", number), box, source.title, source.url))
            y += _SOURCE
        if call.status == "asking":
            y = self._buttons(y + _PAD_Y, width, _decisions())
        elif call.status == "waiting":
            y = self._answer(y + _PAD_Y, width)
        elif call.sources:
            y += 4
        return y

    def _band(self, listing: list[Inked], y: int, width: int, *, whole: bool, failed: bool = False) -> int:
        sheet = self.sheet
        text, stretches = inked_stretches(listing, sheet, failed=failed)
        flow = TextFlow(sheet.font("code"), sheet.metrics("code"))
        flow.set_listing(wrap=True)
        flow.set(text, stretches, max(40, width - 2 * _PAD_X))
        self.parts.append(Part(flow, Display(text), QColor(sheet.theme.syntax.text), _PAD_X, y + _PAD_Y))
        height = flow.height + 2 * _PAD_Y
        self._bands.append(QRect(0, y, width, height))
        hidden = hidden_count(listing)
        if hidden:
            self._notes.append(
                tr_count(
                    "One hidden character, shown in brackets.",
                    "{n} hidden characters, shown in brackets.",
                    hidden,
                )
            )
        if not whole:
            self._notes.append(tr("The rest is not shown. Copy takes all of it."))
        return y + height

    def _buttons(self, y: int, width: int, labels: Sequence[tuple[ControlKind, str]]) -> int:
        # A quiet button's words begin where the rest does.
        begin = x = _PAD_X - (_QUIET if labels[0][0] == "deny" else 0)
        for kind, label in labels:
            wide = button_width(label, icon=False)
            if x > begin and x + wide > width - _PAD_X:
                x, y = begin, y + _BUTTON + _GAP
            self._wanted.append(Wanted(Key(self.entry.id, kind), QRect(x, y, wide, _BUTTON), label))
            x += wide + _GAP
        return y + _BUTTON + 12

    def _answer(self, y: int, width: int) -> int:
        send = tr("Send")
        wide = button_width(send, icon=False)
        field = QRect(_PAD_X, y, max(80, width - 2 * _PAD_X - wide - _GAP), _FIELD)
        beside = QRect(field.right() + 1 + _GAP, y + 2, wide, _BUTTON)
        self._wanted += [
            Wanted(Key(self.entry.id, "answer"), field, tr("Result of {name}", name=self.entry.name)),
            Wanted(Key(self.entry.id, "send"), beside, send),
        ]
        return self._buttons(y + _FIELD + _GAP, width, (("deny", tr("Don’t answer")),))

    def wanted(self, width: int) -> Sequence[Wanted]:
        del width
        return self._wanted

    def paint(self, canvas: Canvas) -> None:
        painter, theme = canvas.painter, canvas.sheet.theme
        box = canvas.box(0, self.margin, canvas.width, self.height - self.margin)
        edge = box.adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(edge, RADIUS.m, RADIUS.m)
        painter.fillPath(shape, QColor(theme.selection if canvas.whole else theme.surface_raised))
        painter.save()
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        for band in self._bands:
            ground = QRectF(band).translated(canvas.x, canvas.y)
            painter.fillRect(ground, QColor(theme.syntax.code_bg))
            painter.fillRect(
                QRectF(ground.topLeft(), ground.topRight()).adjusted(0, 0, 0, 1), QColor(theme.border)
            )
        if self._bands and self.height > self._bands[-1].bottom() + 1:
            line = QRectF(canvas.x, canvas.y + self._bands[-1].bottom() + 1, canvas.width, 1)
            painter.fillRect(line, QColor(theme.border))
        self.paint_parts(canvas)
        painter.restore()
        self._paint_notes(canvas)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)

    def _paint_notes(self, canvas: Canvas) -> None:
        painter = canvas.painter
        painter.setFont(canvas.sheet.font("meta"))
        painter.setPen(QColor(canvas.sheet.theme.warning))
        y = self._bands[-1].bottom() + 1 if self._bands else 0
        side = Qt.AlignmentFlag.AlignRight if canvas.leftwards else Qt.AlignmentFlag.AlignLeft
        for note in self._notes:
            box = canvas.box(_PAD_X, y, canvas.width - 2 * _PAD_X, _NOTE)
            painter.drawText(box, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, note)
            y += _NOTE

    def spoken(self, who: str) -> str:
        del who
        title, figures = call_title(self.entry), call_figures(self.entry)
        return f"{title}. {figures}".strip() if figures else title

    def copied(self) -> str:
        return call_copied(self.entry)


def _decisions() -> tuple[tuple[ControlKind, str], ...]:
    return (
        ("allow", tr("Allow")),
        ("always", tr("Always in this conversation")),
        ("deny", tr("Don’t allow")),
    )
