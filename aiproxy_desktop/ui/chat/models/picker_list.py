"""The rows of the model picker: a model of its own and a plain delegate."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from aiproxy_desktop.ui.chat.models.rows import ModelRow
from aiproxy_desktop.ui.chat.sidebar.conversation_list import Index
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.dot import paint_dot
from aiproxy_desktop.ui.widgets.painting import rounded
from aiproxy_desktop.ui.widgets.searched_list import ChoiceModel

ROW = 32
_PAD = 12
_DOT = 8
_GAP = 8


class PickerModel(ChoiceModel):
    """Rows of the picker."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ModelRow] = []
        self.chosen: str | None = None

    def show(self, rows: Sequence[ModelRow]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row(self, position: int) -> ModelRow:
        """The row at a position."""
        return self._rows[position]

    def choices(self) -> list[int]:
        return [position for position, row in enumerate(self._rows) if row.enabled]

    def position_of(self, reference: str | None) -> int | None:
        """Where a model stands."""
        for position, row in enumerate(self._rows):
            if reference is not None and row.reference == reference:
                return position
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.name, row.provider_label, row.note) if part)
        return row if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or not self._rows[index.row()].enabled:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PickerDelegate(QStyledItemDelegate):
    """Dot, name, provider; at the end what it costs or what it needs."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._body, self._strong, self._meta = font("body"), font("body_medium"), font("meta")

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(row, ModelRow):
            return
        theme, area = self._themes.theme, QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_selected)
        elif option.state & QStyle.StateFlag.State_MouseOver and row.enabled:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_hover)
        painter.setLayoutDirection(option.direction)
        dot = QStyle.visualRect(
            option.direction, area, QRect(area.left() + _PAD, area.top(), 1, area.height())
        )
        paint_dot(painter, QPointF(dot.left(), area.center().y() + 0.5), row.availability, theme)
        used = self._paint_note(painter, area, row)
        left = area.left() + _PAD + _DOT // 2 + _GAP
        room = area.right() - _PAD - used - _GAP - left
        current = row.reference is not None and row.reference == self._chosen(index)
        names = QStyle.visualRect(option.direction, area, QRect(left, area.top(), room, area.height()))
        self._paint_names(painter, names, row, current=current)
        painter.restore()

    def _chosen(self, index: Index) -> str | None:
        model = index.model()
        return model.chosen if isinstance(model, PickerModel) else None

    def _paint_note(self, painter: QPainter, area: QRect, row: ModelRow) -> int:
        """Write it at the end; the width it takes."""
        theme = self._themes.theme
        box = area.adjusted(_PAD, 0, -_PAD, 0)
        painter.setFont(self._strong if row.add_key else self._meta)
        broken = row.availability == "broken"
        painter.setPen(
            QColor(theme.accent_ink if row.add_key else theme.danger if broken else theme.text_muted)
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing, row.note)
        return painter.fontMetrics().horizontalAdvance(row.note)

    def _paint_names(self, painter: QPainter, box: QRect, row: ModelRow, *, current: bool) -> None:
        theme = self._themes.theme
        shown = self._strong if current or row.reference is None else self._body
        metrics, plain = QFontMetrics(shown), QFontMetrics(self._body)
        label_room = plain.horizontalAdvance(row.provider_label) + _GAP if row.provider_label else 0
        name = metrics.elidedText(
            row.name, Qt.TextElideMode.ElideMiddle, max(box.width() - label_room, box.width() // 2)
        )
        painter.setFont(shown)
        painter.setPen(QColor(theme.text if row.reference else theme.text_secondary))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, name)
        used = metrics.horizontalAdvance(name) + _GAP
        rest = QStyle.visualRect(painter.layoutDirection(), box, box.adjusted(used, 0, 0, 0))
        painter.setFont(self._body)
        painter.setPen(QColor(theme.text_muted))
        label = plain.elidedText(row.provider_label, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, label)
