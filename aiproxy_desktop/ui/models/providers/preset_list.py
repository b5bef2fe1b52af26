"""The kinds of providers that can be added: a model and a plain delegate for `SearchedList`."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from aiproxy_desktop.services.provider_presets import Preset
from aiproxy_desktop.ui.models.providers.words import preset_label, preset_place
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.painting import rounded
from aiproxy_desktop.ui.widgets.searched_list import ChoiceModel

ROW = 32
_PAD = 12
_GAP = 8

Index = QModelIndex | QPersistentModelIndex


class PresetModel(ChoiceModel):
    """Presets as rows; every one can be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Preset, ...] = ()

    def show(self, presets: Sequence[Preset]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = tuple(presets)
        self.endResetModel()

    def choices(self) -> list[int]:
        """All rows."""
        return list(range(len(self._rows)))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        preset = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return preset_label(preset)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (preset_label(preset), preset_place(preset))))
        return preset if role == Qt.ItemDataRole.UserRole else None


class PresetDelegate(QStyledItemDelegate):
    """The name, and where it runs at the end."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        preset = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(preset, Preset):
            return
        theme, area = self._themes.theme, QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area), RADIUS.s, theme.selected)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, QRectF(area), RADIUS.s, theme.hover)
        place, meta = preset_place(preset), font("meta")
        inner = area.adjusted(_PAD, 0, -_PAD, 0)
        room = QFontMetrics(meta).horizontalAdvance(place)
        name = QRect(inner.left(), inner.top(), inner.width() - room - _GAP, inner.height())
        end = QRect(inner.right() - room, inner.top(), room + 1, inner.height())
        painter.setFont(font("body"))
        painter.setPen(QColor(theme.text))
        shown = painter.fontMetrics().elidedText(
            preset_label(preset), Qt.TextElideMode.ElideRight, name.width()
        )
        direction = option.direction
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QStyle.visualRect(direction, area, name), flags, shown)
        painter.setFont(meta)
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(QStyle.visualRect(direction, area, end), flags, place)
        painter.restore()
