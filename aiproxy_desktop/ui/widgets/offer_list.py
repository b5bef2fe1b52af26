"""Models to choose from in a popover, by provider: their list and how a line of it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.offer_row import OfferRow
from aiproxy_desktop.ui.widgets.painting import elided, rounded
from aiproxy_desktop.ui.widgets.searched_list import ChoiceModel

Index: TypeAlias = QModelIndex | QPersistentModelIndex

# Pixels.
OFFER_ROW = 32
_PAD = 12
_CHECK = 16
_GAP = 8


class OffersModel(ChoiceModel):
    """Rows of the picker; headings cannot be taken."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[OfferRow] = []

    def show(self, rows: Sequence[OfferRow]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row(self, place: int) -> OfferRow:
        """The row at a place."""
        return self._rows[place]

    def place_of(self, reference: str) -> int | None:
        """Where a model stands; of no model, where the first chosen one does."""
        for place, row in enumerate(self._rows):
            if row.reference == reference if reference else row.chosen:
                return place
        return None

    def choices(self) -> list[int]:
        return [place for place, row in enumerate(self._rows) if not row.is_heading]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.why or None
        return row if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()].is_heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class OfferDelegate(QStyledItemDelegate):
    """A check where it is chosen, the name, and at the end what stands against it."""

    def __init__(self, themes: ThemeController) -> None:
        super().__init__()
        self._themes = themes

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, OFFER_ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(row, OfferRow):
            return
        theme, area = self._themes.theme, QRect(option.rect)
        painter.save()
        painter.setLayoutDirection(option.direction)
        if option.state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_selected)
        elif option.state & QStyle.StateFlag.State_MouseOver and not row.is_heading:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_hover)
        leading = Qt.AlignmentFlag.AlignLeading
        if row.is_heading:
            painter.setFont(font("caption"))
            painter.setPen(QColor(theme.text_muted))
            box = area.adjusted(_PAD, 0, -_PAD, -4)
            painter.drawText(box, leading | Qt.AlignmentFlag.AlignBottom, row.name)
        else:
            self._paint_model(painter, area, row, option.direction)
        painter.restore()

    def _paint_model(
        self, painter: QPainter, area: QRect, row: OfferRow, direction: Qt.LayoutDirection
    ) -> None:
        theme, middle = self._themes.theme, Qt.AlignmentFlag.AlignVCenter
        if row.chosen:
            top = area.top() + (OFFER_ROW - _CHECK) // 2
            box = QRect(area.left() + _PAD, top, _CHECK, _CHECK)
            place = QStyle.visualRect(direction, area, box).topLeft()
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(place, icon_pixmap("check", theme.accent_ink, _CHECK, ratio))
        inner = area.adjusted(_PAD, 0, -_PAD, 0)
        painter.setFont(font("meta"))
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignTrailing, row.note)
        used = painter.fontMetrics().horizontalAdvance(row.note) + (_GAP if row.note else 0)
        box = area.adjusted(_PAD + _CHECK + _GAP, 0, -_PAD - used, 0)
        box = QStyle.visualRect(direction, area, box)
        painter.setFont(font("body_medium" if row.chosen else "body"))
        painter.setPen(QColor(theme.text if row.ready else theme.text_muted))
        name = elided(painter.fontMetrics(), row.name, box.width(), Qt.TextElideMode.ElideMiddle)
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignLeading, name)
