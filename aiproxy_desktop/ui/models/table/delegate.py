"""How a cell is painted: plain text in tokens' colours, straight from the row, without asking the model."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.models.table.columns import COLUMNS, MARKS, Column
from aiproxy_desktop.ui.models.table.model import Index, TableModel
from aiproxy_desktop.ui.models.table.rows import Row
from aiproxy_desktop.ui.moments import day
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.painting import rounded

PAD = 8
_STAR = 16
_SLOT_GAP = 8
_BADGE_PAD = 6
_BADGE = 20
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_END = _MIDDLE | Qt.AlignmentFlag.AlignTrailing


class Slot(NamedTuple):
    """A place for a word about what a model can do: the first of these that it can."""

    words: tuple[tuple[str, str], ...]
    width: int

    def said_of(self, able: Capabilities) -> tuple[bool, str]:
        """Whether it can, and the word for it; a question mark where that is not known, nothing for no."""
        unknown = False
        for name, word in self.words:
            known = getattr(able, name)
            if known:
                return True, word
            unknown = unknown or known is None
        return False, "?" if unknown else ""


def padded(area: QRect, start: int, end: int, direction: Qt.LayoutDirection) -> QRect:
    """What is left of an area within room at both of its sides, by the direction of reading."""
    return QStyle.visualRect(direction, area, area.adjusted(start, 0, -end, 0))


class Cells(QStyledItemDelegate):
    """Paints every cell. `hovered` is the line under the pointer, `ringed` whether the keys are shown."""

    def __init__(self, themes: ThemeController, rows: TableModel) -> None:
        super().__init__()
        self._themes = themes
        self._rows = rows
        self.hovered = -1
        self.ringed = False
        self._body = font("body", tabular=True)
        self._name = font("body_medium")
        self._small = font("caption")
        self._slots: list[Slot] | None = None
        self._elided = lru_cache(maxsize=4096)(self._cut)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, column = self._rows.rows[index.row()], COLUMNS[index.column()]
        theme, area = self._themes.theme, option.rect
        self._ground(painter, theme, area, index.row(), option)
        if column.look == "text":
            self._text(painter, theme, area, row, column)
        elif column.look == "figure":
            self._figure(painter, theme, area, row, column)
        elif column.look == "capabilities":
            self._marks(painter, theme, area, row)
        elif column.look == "lifecycle":
            self._lifecycle(painter, theme, area, row)
        else:
            self._star(painter, theme, area, row, index.row())

    def least_width(self, column: Column) -> int:
        """What a column takes where all that may stand in it is to be read."""
        if column.look == "capabilities":
            return sum(slot.width + _SLOT_GAP for slot in self._places()) + PAD
        if column.look == "figure":
            return QFontMetrics(self._body).horizontalAdvance(words.unknown()) + PAD + 4
        return 0

    def _ground(
        self, painter: QPainter, theme: Theme, area: QRect, line: int, option: QStyleOptionViewItem
    ) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.mixed.surface_selected))
        elif line == self.hovered:
            painter.fillRect(area, QColor(theme.mixed.surface_hover))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, QColor(theme.border))
        if self.ringed and option.state & QStyle.StateFlag.State_HasFocus:
            rounded(painter, QRectF(area).adjusted(1, 1, -1, -2), RADIUS.xs, None, theme.accent, 2)

    def _text(self, painter: QPainter, theme: Theme, area: QRect, row: Row, column: Column) -> None:
        ink = theme.text_secondary if column.quiet else theme.text
        painter.setPen(QColor(ink if row.usable and not row.hidden else theme.text_muted))
        shown = self._name if column.id == "name" else self._body
        painter.setFont(shown)
        box = padded(area, 0 if column.id == "name" else PAD, PAD, painter.layoutDirection())
        text = self._elided(column.text(row), box.width(), column.id == "name")
        painter.drawText(box, _MIDDLE, text)

    def _figure(self, painter: QPainter, theme: Theme, area: QRect, row: Row, column: Column) -> None:
        text = column.text(row)
        dim = text == words.unknown() or not row.usable or row.hidden
        painter.setPen(QColor(theme.text_muted if dim else theme.text))
        painter.setFont(self._body)
        painter.drawText(padded(area, 0, PAD, painter.layoutDirection()), _END, text)

    def _marks(self, painter: QPainter, theme: Theme, area: QRect, row: Row) -> None:
        """A word in a place of its own: scanned downwards, read across."""
        able = row.model.capabilities
        strong, weak = QColor(theme.text_secondary), QColor(theme.text_muted)
        painter.save()
        painter.setClipRect(area)
        painter.setFont(self._small)
        leftwards = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        at = PAD
        for slot in self._places():
            known, word = slot.said_of(able)
            if word:
                x = area.right() - at - slot.width if leftwards else area.left() + at
                painter.setPen(strong if known and row.usable else weak)
                painter.drawText(QRect(x, area.top(), slot.width, area.height()), _MIDDLE, word)
            at += slot.width + _SLOT_GAP
        painter.restore()

    def _lifecycle(self, painter: QPainter, theme: Theme, area: QRect, row: Row) -> None:
        when = row.model.retires_on
        if when is None:
            return
        text = day(when)  # the head of the column says what happens then
        painter.setFont(self._small)
        width = min(
            QFontMetrics(self._small).horizontalAdvance(text) + 2 * _BADGE_PAD, area.width() - 2 * PAD
        )
        box = QRect(area.left() + PAD, area.top() + (area.height() - _BADGE) // 2, width, _BADGE)
        box = QStyle.visualRect(painter.layoutDirection(), area, box)
        rounded(painter, QRectF(box), RADIUS.xs, theme.warning_soft, theme.warning_border)
        painter.setPen(QColor(theme.warning))
        inner = box.adjusted(_BADGE_PAD, 0, -_BADGE_PAD + 2, 0)
        painter.drawText(inner, _MIDDLE, text)

    def _star(self, painter: QPainter, theme: Theme, area: QRect, row: Row, line: int) -> None:
        if not row.favourite and line != self.hovered:
            return
        name, ink = ("star-on", theme.accent) if row.favourite else ("star", theme.text_muted)
        device = painter.device()
        place = area.center() - QPointF(_STAR / 2 - 1, _STAR / 2).toPoint()
        painter.drawPixmap(place, icon_pixmap(name, ink, _STAR, device.devicePixelRatioF()))

    def _places(self) -> list[Slot]:
        if self._slots is None:
            said = words.capability_words() | {"images_out": tr("Images"), "audio_out": tr("Speech")}
            metrics = QFontMetrics(self._small)
            self._slots = [
                Slot(
                    tuple((name, said[name]) for name in names),
                    max(metrics.horizontalAdvance(said[name]) for name in names),
                )
                for names in MARKS
            ]
        return self._slots

    def _cut(self, text: str, width: int, name: bool) -> str:
        # Names differ in their ends, "…-mini" and "…-2025-08-07": the middle goes first.
        mode = Qt.TextElideMode.ElideMiddle if name else Qt.TextElideMode.ElideRight
        shown: QFont = self._name if name else self._body
        return QFontMetrics(shown).elidedText(text, mode, width)
