"""A turn: who and when, the words, and where the person cut in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from aiproxy_desktop.services.voice.values import VoiceTurn
from aiproxy_desktop.ui.chat.transcript.display import PAD, Display, plain_display
from aiproxy_desktop.ui.chat.transcript.flow import Stretch, TextFlow
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.transcript.blocks import CHARACTER, Block, Canvas, Part
from aiproxy_desktop.ui.voice.words import session_time
from aiproxy_desktop.ui.widgets.painting import rounded

_HEAD: Final = 20
_NOTE: Final = 20
_GAP: Final = 8
_BADGE: Final = 20
_BADGE_PAD: Final = 7
_AROUND: Final = 4


@dataclass(frozen=True, slots=True)
class Badge:
    """Where the person cut in, painted in the line as a single sign."""

    words: str
    theme: Theme
    baseline: float
    width: float

    @property
    def ascent(self) -> float:
        """Pixels above the baseline."""
        return self.baseline - 2

    @property
    def descent(self) -> float:
        """Pixels below the baseline."""
        return _BADGE - self.ascent

    def paint(self, painter: QPainter, at: QPointF, ink: QColor) -> None:
        """Paint it with its baseline's left end at a point."""
        del ink
        box = QRectF(at.x() + _AROUND, at.y() - self.ascent, self.width - 2 * _AROUND, _BADGE)
        rounded(painter, box, RADIUS.xs, self.theme.accent_soft, self.theme.accent_border)
        painter.setFont(font("caption"))
        painter.setPen(QColor(self.theme.accent_ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.words)


def badge_for(words: str, sheet: Sheet) -> Badge:
    """The badge as wide as its words."""
    advance = QFontMetrics(font("caption")).horizontalAdvance(words)
    width = advance + 2 * _BADGE_PAD + 2 * _AROUND
    return Badge(words, sheet.theme, sheet.metrics("reading").baseline, width)


class TurnBlock(Block[VoiceTurn]):
    """What one side said or wrote."""

    def __init__(self, entry: VoiceTurn, sheet: Sheet) -> None:
        super().__init__(entry, sheet)
        lines = 1 + int(len(entry.text) * CHARACTER / 640)
        self.height = self.margin + _HEAD + lines * 24
        self._who = ""

    @property
    def live(self) -> bool:
        """Whether more of it may come."""
        return self.entry.status == "live"

    @property
    def _cut(self) -> bool:
        return self.entry.status == "cut"

    @property
    def _unheard(self) -> bool:
        heard = self.entry.heard
        return self._cut and heard is not None and bool(self.entry.text[heard:].strip())

    def lay_out(self, width: int, who: str) -> None:
        self._who = tr("You") if self.entry.role == "user" else who
        sheet = self.sheet
        if not self.parts:
            flow = TextFlow(sheet.font("reading"), sheet.metrics("reading"))
            self.parts = [Part(flow, plain_display(""), sheet.color("text"), 0, self.margin + _HEAD)]
        part = self.parts[0]
        part.display, stretches = self._words()
        part.ink = sheet.color("text" if self.entry.text else "muted")
        part.flow.set(part.display.text, stretches, width)
        self.height = part.y + part.flow.height + (_NOTE if self._note() else 0)
        self.exact = True

    def _words(self) -> tuple[Display, list[Stretch]]:
        entry = self.entry
        if not entry.text:
            return plain_display("" if self.live else self._silence()), []
        if not self._cut:
            return plain_display(entry.text), []
        heard = len(entry.text) if entry.heard is None else max(0, min(entry.heard, len(entry.text)))
        before, after = plain_display(entry.text[:heard]), plain_display(entry.text[heard:])
        badge = badge_for(self._cut_in(), self.sheet)
        at = len(before.text)
        # The badge is a sign of its own between two words, whatever stood there.
        space = " " if after.text and not after.text[0].isspace() else ""
        rest = at + 1 + len(space)
        added = (*before.added, at, *([at + 1] if space else []), *(place + rest for place in after.added))
        display = Display(before.text + PAD + space + after.text, (), added)
        room = self.sheet.room("reading", 0, "text", badge.width, link=False)
        grey = self.sheet.format("reading", 0, "muted", link=False)
        return display, [Stretch(at, 1, room, box=badge), Stretch(rest, len(after.text), grey)]

    def _cut_in(self) -> str:
        entry = self.entry
        if entry.cut_at is None:
            return tr("Stopped") if entry.stopped else tr("You cut in")
        time = session_time(entry.cut_at)
        return tr("Stopped at {time}", time=time) if entry.stopped else tr("You cut in at {time}", time=time)

    def _silence(self) -> str:
        if self._cut:
            return self._cut_in()
        if self.entry.role == "model":
            return tr("There are no words of it.")
        return tr("No words were heard.") if self.entry.wordless else "…"

    def _note(self) -> str:
        if self._unheard:
            return tr("The grey words were not played.")
        return tr("It broke off here.") if self.entry.status == "broken" else ""

    def paint(self, canvas: Canvas) -> None:
        self._paint_head(canvas)
        self.paint_parts(canvas)
        note = self._note()
        if note:
            canvas.painter.setFont(canvas.sheet.font("meta"))
            canvas.painter.setPen(canvas.sheet.color("muted"))
            box = canvas.box(0, self.height - 16, canvas.width, 16)
            canvas.painter.drawText(box, _start(canvas), note)
        caret = self.caret()
        if caret is not None and canvas.lit:
            box = QRectF(canvas.x + caret.x(), canvas.y + caret.y(), 8, 16)
            canvas.painter.fillRect(box, QColor(canvas.sheet.theme.accent))

    def _paint_head(self, canvas: Canvas) -> None:
        painter, sheet = canvas.painter, canvas.sheet
        speaking = self.live and not self.entry.typed
        left = 0.0
        pieces = [(self._who, sheet.color("secondary")), (session_time(self.entry.at), sheet.color("muted"))]
        for words, ink in pieces:
            painter.setFont(sheet.figures("meta"))
            width = painter.fontMetrics().horizontalAdvance(words) + 1
            painter.setPen(ink)
            box = canvas.box(left, self.margin, width, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute, words)
            left += width + _GAP
        if speaking:
            accent = QColor(sheet.theme.accent_ink)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
            painter.drawEllipse(canvas.box(left, self.margin + 5, 6, 6))
            painter.setPen(accent)
            words = tr("speaking")
            box = canvas.box(left + 10, self.margin, painter.fontMetrics().horizontalAdvance(words) + 1, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute, words)

    def caret(self) -> QPointF | None:
        if not self.live or self.entry.typed or not self.parts:
            return None
        part = self.parts[0]
        end = part.flow.end_point()
        return QPointF(part.x + round(end.x()) + (4 if self.entry.text else 0), part.y + end.y() + 4)

    def spoken(self, who: str) -> str:
        said = tr("You said: ") if self.entry.role == "user" else tr("{name} said: ", name=who)
        text = said + (self.entry.text or self._silence())
        if self._unheard and self.entry.heard is not None:
            heard, rest = (
                self.entry.text[: self.entry.heard].strip(),
                self.entry.text[self.entry.heard :].strip(),
            )
            return f"{said}{heard}{'. ' if heard else ''}{self._cut_in()}. {tr('Not played:')} {rest}"
        if self._cut and self.entry.text:
            return f"{text} {self._cut_in()}."
        return text if not self._note() else f"{text} {self._note()}"

    def copied(self) -> str:
        return self.entry.text


def _start(canvas: Canvas) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if canvas.leftwards else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
