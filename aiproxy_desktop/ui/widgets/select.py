"""A choice from a list: a button that opens a popover of rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.widgets.buttons import Button, ButtonKind
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import elided, rounded
from aiproxy_desktop.ui.widgets.popover import Popover

_ROW = 32
_PAD = 12
_MOST_ROWS = 10
_MOST_TEXT = 200


class _RowDelegate(QStyledItemDelegate):
    """One text a row; the row the keys are on and the row under the pointer are tinted alike."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._themes.theme
        state = option.state
        area = option.rect
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area), RADIUS.s, theme.selected)
        elif state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, QRectF(area), RADIUS.s, theme.hover)
        painter.setPen(QColor(theme.text))
        painter.setFont(font("body"))
        box = area.adjusted(_PAD, 0, -_PAD, 0)
        text = elided(painter.fontMetrics(), str(index.data(Qt.ItemDataRole.DisplayRole)), box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _ROW)


class RowList(QListView):
    """A plain list of texts for a popover: arrows and the pointer move, Enter or a click picks."""

    picked = Signal(int)

    def __init__(
        self, themes: ThemeController, rows: Sequence[str], *, name: str, accessible_name: str
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self._texts = QStringListModel(self)
        self.setModel(self._texts)
        self.setItemDelegate(_RowDelegate(themes, self))
        self.setProperty("layer", "raised")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.set_rows(rows)
        self.clicked.connect(lambda index: self.picked.emit(index.row()))

    def set_rows(self, rows: Sequence[str]) -> None:
        """Show these; none is current any more."""
        self._texts.setStringList(list(rows))
        metrics = QFontMetrics(font("body"))
        widest = max((metrics.horizontalAdvance(row) for row in rows), default=0)
        self.setMinimumWidth(min(max(widest + 2 * _PAD + 4, 160), 480))
        self.setFixedHeight(_ROW * min(max(len(rows), 1), _MOST_ROWS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            if self.currentIndex().isValid():
                self.picked.emit(self.currentIndex().row())
            return
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)


class Select(Button):
    """A button with a chevron whose popover offers (value, label) rows; emits `chosen` with the value."""

    chosen = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        text: str,
        options: Sequence[tuple[str, str]],
        *,
        name: str,
        kind: ButtonKind = "secondary",
        large: bool = False,
        shows_choice: bool = True,
        accessible_name: str = "",
        most: int = _MOST_TEXT,
        parent: QWidget | None = None,
    ) -> None:
        """Make it; of a text wider than `most` pixels the end is cut off, and the tooltip has the whole."""
        self._most = most
        super().__init__(
            themes,
            text,
            name=name,
            kind=kind,
            chevron=True,
            large=large,
            accessible_name=accessible_name,
            parent=parent,
        )
        self._options = list(options)
        self._value = ""
        self._shows_choice = shows_choice
        self.popover: Popover | None = None
        self.clicked.connect(self.open)

    @property
    def value(self) -> str:
        """The value chosen last, empty before."""
        return self._value

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer other (value, label) rows; in an open list the keys stay with the value they are on."""
        if list(options) == self._options:
            return
        former, self._options = self._options, list(options)
        rows = self.popover.content if self.popover is not None else None
        if self.popover is None or not isinstance(rows, RowList):
            return
        place = rows.currentIndex().row()
        current = former[place][0] if 0 <= place < len(former) else self._value
        values = [value for value, _ in self._options]
        rows.set_rows([label for _, label in self._options])
        rows.setCurrentIndex(rows.model().index(values.index(current) if current in values else 0, 0))
        self.popover.refit()

    def set_value(self, value: str) -> None:
        """Show a value without emitting."""
        self._value = value
        if self._shows_choice:
            self.setText(dict(self._options).get(value, self.text()))
            self.updateGeometry()

    def setText(self, text: str) -> None:
        shown = QFontMetrics(font("body_medium")).elidedText(text, Qt.TextElideMode.ElideRight, self._most)
        set_tooltip(self, text if shown != text else "")
        super().setText(shown)

    def open(self) -> None:
        """Open the list."""
        if self.popover is not None:
            return
        rows = RowList(
            self.themes,
            [label for _, label in self._options],
            name=f"{self.objectName()}.list",
            accessible_name=self.accessibleName(),
        )
        values = [value for value, _ in self._options]
        current = values.index(self._value) if self._value in values else 0
        rows.setCurrentIndex(rows.model().index(current, 0))
        self.popover = Popover(self.themes, self, rows, name=f"{self.objectName()}.popover")
        rows.picked.connect(self._picked)
        self.popover.closed.connect(self._forget)
        self.popover.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.open()
            return
        super().keyPressEvent(event)

    def _picked(self, row: int) -> None:
        value = self._options[row][0]
        if self.popover is not None:
            self.popover.close_popover()
        self.set_value(value)
        self.chosen.emit(value)

    def _forget(self) -> None:
        self.popover = None
