"""A formula in a line of text: how large it is there, the room it takes, and its ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QBrush, QColor, QPainter

from aiproxy_desktop.ui.chat.transcript.display import Run
from aiproxy_desktop.ui.chat.transcript.flow import Stretch
from aiproxy_desktop.ui.chat.transcript.maths.outlines import EM, Outline
from aiproxy_desktop.ui.chat.transcript.sheet import Sheet, Tone
from aiproxy_desktop.ui.markdown.inline import CODE

if TYPE_CHECKING:
    from aiproxy_desktop.ui.theme.tokens import TypeName

# The mathematical font's small letters are lower than the text's by about this much.
_LARGER: Final = 1.12


@dataclass(frozen=True, slots=True)
class FormulaBox:
    """An outline, scaled. Sizes are pixels."""

    outline: Outline
    scale: float

    @property
    def width(self) -> float:
        """From end to end."""
        return self.outline.width * self.scale

    @property
    def ascent(self) -> float:
        """Above the baseline."""
        return self.outline.ascent * self.scale

    @property
    def descent(self) -> float:
        """Below the baseline."""
        return self.outline.descent * self.scale

    def paint(self, painter: QPainter, at: QPointF, ink: QColor) -> None:
        """Fill it, its baseline's left end at a point."""
        painter.save()
        painter.translate(at)
        painter.scale(self.scale, self.scale)
        painter.fillPath(self.outline.path, QBrush(ink))
        painter.restore()


def box_for(outline: Outline, sheet: Sheet, name: TypeName, width: float) -> FormulaBox:
    """A formula in a step of the type scale, made smaller where it is wider than `width`."""
    scale = sheet.font(name).pixelSize() * _LARGER / EM
    return FormulaBox(outline, min(scale, width / max(1.0, outline.width)))


def stretch_of(run: Run, sheet: Sheet, name: TypeName, tone: Tone, width: int) -> Stretch:
    """A run as a flow takes it, in a line `width` wide."""
    link = bool(run.href)
    if run.outline is None:
        text_format = sheet.format(name, run.style, tone, link=link)
        return Stretch(run.start, run.length, text_format, chip=bool(run.style & CODE))
    box = box_for(run.outline, sheet, name, width)
    return Stretch(run.start, run.length, sheet.room(name, run.style, tone, box.width, link=link), box=box)
