"""The rows of the command palette: a model of its own and a plain delegate."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.painting import rounded
from aiproxy_desktop.ui.widgets.searched_list import ChoiceModel

ROW = 36
_PAD = 12
_GAP = 8

Index = QModelIndex | QPersistentModelIndex


def shown_keys(action: Action) -> str:
    """The first shortcut as this system writes it, or an empty string."""
    if not action.keys:
        return ""
    return QKeySequence(action.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)


class CommandModel(ChoiceModel):
    """Actions as rows; what cannot be done now cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[Action, bool]] = []

    def show(self, actions: Sequence[Action]) -> None:
        """Show these, asking each whether it can be done."""
        self.beginResetModel()
        self._rows = [(action, action.enabled()) for action in actions]
        self.endResetModel()

    def action(self, position: int) -> Action:
        """The action of a row."""
        return self._rows[position][0]

    def choices(self) -> list[int]:
        """The rows that can be chosen."""
        return [position for position, (_, enabled) in enumerate(self._rows) if enabled]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        action, _ = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return action.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (action.title, action.group, shown_keys(action)) if part)
        return action if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or not self._rows[index.row()][1]:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class CommandDelegate(QStyledItemDelegate):
    """Title and group; the keys at the end."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._body, self._meta, self._keys = font("body"), font("meta"), font("caption")

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        action = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(action, Action):
            return
        theme, area = self._themes.theme, QRect(option.rect)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_selected)
        elif option.state & QStyle.StateFlag.State_MouseOver and enabled:
            rounded(painter, QRectF(area), RADIUS.s, theme.mixed.surface_raised_hover)
        box = area.adjusted(_PAD, 0, -_PAD, 0)
        painter.setLayoutDirection(option.direction)
        keys = shown_keys(action)
        room = QFontMetrics(self._keys).horizontalAdvance(keys)
        # Keys are read from the left everywhere; an isolate keeps their signs in order.
        self._write(painter, box, f"\u2066{keys}\u2069", self._keys, theme.text_muted, at_end=True)
        left_to_right = option.direction == Qt.LayoutDirection.LeftToRight
        rest = box.adjusted(0, 0, -room - _GAP, 0) if left_to_right else box.adjusted(room + _GAP, 0, 0, 0)
        used = self._write(
            painter, rest, action.title, self._body, theme.text if enabled else theme.text_disabled
        )
        used += _GAP
        rest = rest.adjusted(used, 0, 0, 0) if left_to_right else rest.adjusted(0, 0, -used, 0)
        self._write(painter, rest, action.group, self._meta, theme.text_muted)
        painter.restore()

    def _write(
        self, painter: QPainter, box: QRect, text: str, face: QFont, ink: str, *, at_end: bool = False
    ) -> int:
        """Write one line; the width it took."""
        painter.setFont(face)
        painter.setPen(QColor(ink))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, box.width()))
        side = Qt.AlignmentFlag.AlignTrailing if at_end else Qt.AlignmentFlag.AlignLeading
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | side | Qt.TextFlag.TextSingleLine, shown)
        return metrics.horizontalAdvance(shown)
