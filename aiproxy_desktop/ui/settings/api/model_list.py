"""A list of models to tick or to pick from: painted, by keyboard or pointer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from aiproxy_desktop.ui.settings.api.models import OfferRow
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.labels import plain_tooltip
from aiproxy_desktop.ui.widgets.painting import elided, rounded
from aiproxy_desktop.ui.widgets.searched_list import ChoiceModel

ROW = 32
_PAD = 16
_BOX = 16
_CHECK = 12
_GAP = 12

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class OfferModel(ChoiceModel):
    """The rows for Qt; the delegate reads `rows` itself."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[OfferRow] = ()

    def show(self, rows: Sequence[OfferRow]) -> None:
        """Show other rows; where only ticks differ, the current one stays."""
        same = [row.reference for row in rows] == [row.reference for row in self.rows]
        if same:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def choices(self) -> list[int]:
        return list(range(len(self.rows)))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = tr("offered") if row.offered else tr("not offered")
            return tr("{model}, {provider}, {words}", model=row.name, provider=row.note, words=words)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(row.reference)
        return None


class OfferDelegate(QStyledItemDelegate):
    """A box where it can be ticked, the name, the provider at the end."""

    def __init__(self, themes: ThemeController, rows: OfferModel, *, ticks: bool) -> None:
        super().__init__()
        self._themes = themes
        self._rows = rows
        self._ticks = ticks
        self.ringed = False

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, theme, area, state = self._rows.rows[index.row()], self._themes.theme, option.rect, option.state
        painter.save()
        current = bool(state & QStyle.StateFlag.State_Selected) and not self._ticks
        if current or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.selected if current else theme.hover))
        if self.ringed and state & QStyle.StateFlag.State_HasFocus:
            rounded(painter, QRectF(area).adjusted(1, 1, -1, -1), RADIUS.xs, None, theme.accent, 2)
        direction = painter.layoutDirection()
        live = bool(state & QStyle.StateFlag.State_Enabled)
        left = _PAD
        if self._ticks:
            box = QRect(area.left() + left, area.top() + (ROW - _BOX) // 2, _BOX, _BOX)
            self._box(painter, QStyle.visualRect(direction, area, box), on=row.offered, live=live)
            left += _BOX + _GAP
        painter.setFont(font("meta"))
        provider = elided(painter.fontMetrics(), row.note, area.width() // 3)
        end = QFontMetrics(painter.font()).horizontalAdvance(provider)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setPen(QColor(theme.text_muted if live else theme.text_disabled))
        box = area.adjusted(_PAD, 0, -_PAD, 0)
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignTrailing, provider)
        painter.setFont(font("body"))
        painter.setPen(QColor(theme.text if live else theme.text_disabled))
        box = QStyle.visualRect(direction, area, area.adjusted(left, 0, -_PAD - end - _GAP, 0))
        shown = elided(painter.fontMetrics(), row.name, box.width(), Qt.TextElideMode.ElideMiddle)
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignLeading, shown)
        painter.restore()

    def _box(self, painter: QPainter, box: QRect, *, on: bool, live: bool) -> None:
        theme = self._themes.theme
        fill = theme.accent if on and live else theme.border_strong if on else theme.surface_raised
        edge = None if on else theme.border_control if live else theme.border
        rounded(painter, QRectF(box), RADIUS.xs, fill, edge)
        if on:
            inset = (_BOX - _CHECK) // 2
            ratio = painter.device().devicePixelRatioF()
            pixmap = icon_pixmap("check", theme.accent_text, _CHECK, ratio)
            painter.drawPixmap(box.left() + inset, box.top() + inset, pixmap)
