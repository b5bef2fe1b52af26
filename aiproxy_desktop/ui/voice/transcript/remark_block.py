"""A line between the turns: the connection was made anew, or something went wrong that is over."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from aiproxy_desktop.services.voice.values import VoiceRemark
from aiproxy_desktop.ui.chat.transcript.display import plain_display
from aiproxy_desktop.ui.chat.transcript.flow import TextFlow
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.transcript.blocks import Block, Canvas, Part
from aiproxy_desktop.ui.voice.words import session_time

_ICON: Final = 16
_GAP: Final = 8
_ROOM: Final = 12
_LEAST_LINE: Final = 32


def remark_words(remark: VoiceRemark) -> str:
    """What a remark says."""
    time = session_time(remark.at)
    if remark.kind == "reconnected":
        return remark.sentence or tr("Reconnected at {time}, nothing lost", time=time)
    if remark.kind == "restarted":
        return remark.sentence or tr("Reconnected at {time}; the answer came again from its start", time=time)
    if remark.kind == "changed":
        return remark.sentence or tr("Changed at {time}", time=time)
    return remark.sentence or tr("Something went wrong at {time}", time=time)


class RemarkBlock(Block[VoiceRemark]):
    """Centred between two hairlines; what takes more than a line stands without them."""

    def __init__(self, entry: VoiceRemark, sheet: Sheet) -> None:
        super().__init__(entry, sheet)
        self.height = self.margin + 16
        self._natural = 0.0

    def lay_out(self, width: int, who: str) -> None:
        del who
        sheet = self.sheet
        display = plain_display(remark_words(self.entry))
        beside = _ICON + _GAP + 2 * (_ROOM + _LEAST_LINE)
        room = max(80, width - beside - _ICON - _GAP)
        flow = TextFlow(sheet.figures("meta"), sheet.metrics("meta"), Qt.AlignmentFlag.AlignHCenter)
        flow.set(display.text, (), room)
        self._natural = flow.natural_width()
        x = (width - room) // 2
        self.parts = [Part(flow, display, sheet.color("secondary"), x, self.margin)]
        self.height = self.margin + flow.height
        self.exact = True

    def paint(self, canvas: Canvas) -> None:
        part, theme = self.parts[0], canvas.sheet.theme
        trouble = self.entry.kind == "trouble"
        # The sign stands beside the words, the words in the middle together with it.
        shift = (_ICON + _GAP) / 2 * (-1 if canvas.leftwards else 1)
        painter = canvas.painter
        painter.save()
        painter.translate(shift, 0)
        self.paint_parts(canvas)
        painter.restore()
        begin = (canvas.width - self._natural - _ICON - _GAP) / 2
        ink = theme.warning if trouble else theme.text_secondary
        ratio = painter.device().devicePixelRatioF()
        pixmap = icon_pixmap("warning" if trouble else "check", ink, _ICON, ratio)
        at = canvas.box(begin, part.y, _ICON, _ICON).topLeft()
        painter.drawPixmap(QPointF(round(at.x()), round(at.y())), pixmap)
        line = begin - _ROOM
        for left in (0.0, canvas.width - line):
            painter.fillRect(canvas.box(left, part.y + 8, line, 1), QColor(theme.border))

    def spoken(self, who: str) -> str:
        del who
        return remark_words(self.entry)

    def copied(self) -> str:
        return remark_words(self.entry)
