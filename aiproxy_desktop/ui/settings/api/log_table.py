"""The table of requests: one line each, the newest at the top."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from aiproxy_desktop.services.local_api.values import ApiRequest
from aiproxy_desktop.ui.settings.api.log_model import COLUMNS, Index, LogModel
from aiproxy_desktop.ui.settings.api.words import RequestRow
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.painting import elided, rounded

ROW = 36
_HEAD = 32
_PAD = 8
_EDGE = 16
_SINGLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


def _box(area: QRect, place: int, direction: Qt.LayoutDirection) -> QRect:
    """Where the text of a cell stands: the first and the last column keep off the card's edges."""
    start = _EDGE if place == 0 else _PAD
    end = _EDGE if place == len(COLUMNS) - 1 else _PAD
    return QStyle.visualRect(direction, area, area.adjusted(start, 0, -end, 0))


class _Cells(QStyledItemDelegate):
    def __init__(self, themes: ThemeController, rows: LogModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._rows = rows
        self._body = font("body", tabular=True)
        self.hovered = -1
        self.ringed = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, column = self._rows.row(index.row()), COLUMNS[index.column()]
        theme, area = self._themes.theme, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.mixed.surface_raised_selected))
        elif index.row() == self.hovered:
            painter.fillRect(area, QColor(theme.mixed.surface_raised_hover))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, QColor(theme.border))
        if self.ringed and option.state & QStyle.StateFlag.State_HasFocus:
            rounded(painter, QRectF(area).adjusted(1, 1, -1, -2), RADIUS.xs, None, theme.accent, 2)
        inks = {"danger": theme.danger, "muted": theme.text_muted, "text": theme.text}
        ink = inks[row.tone] if column.id == "status" else theme.text
        quiet = column.id == "time" or (column.figure and column.text(row) == tr("Unknown"))
        quiet = quiet or (column.id == "asked" and not row.of_model)
        painter.setPen(QColor(theme.text_muted if quiet else ink))
        painter.setFont(self._body)
        box = _box(area, index.column(), painter.layoutDirection())
        at = Qt.AlignmentFlag.AlignTrailing if column.figure else Qt.AlignmentFlag.AlignLeading
        mode = Qt.TextElideMode.ElideMiddle if column.id == "asked" else Qt.TextElideMode.ElideRight
        painter.drawText(
            box, _SINGLE | at, elided(painter.fontMetrics(), column.text(row), box.width(), mode)
        )


class _Head(QHeaderView):
    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._themes = themes
        self.setObjectName("settings.api.log.head")
        self.setAccessibleName(tr("Columns"))
        self.setFont(font("meta"))
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _HEAD)

    def paintSection(self, painter: QPainter, area: QRect, section: int) -> None:
        theme, column = self._themes.theme, COLUMNS[section]
        painter.fillRect(area, QColor(theme.surface_raised))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, QColor(theme.border))
        painter.setFont(self.font())
        painter.setPen(QColor(theme.text_secondary))
        at = Qt.AlignmentFlag.AlignTrailing if column.figure else Qt.AlignmentFlag.AlignLeading
        painter.drawText(_box(area, section, self.layoutDirection()), _SINGLE | at, column.title())


class LogTable(QTableView):
    """Emits `chosen` with the number of a request, 0 where none is chosen."""

    chosen = Signal(int)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = LogModel(self)
        self._cells = _Cells(themes, self._rows, self)
        self.setObjectName("settings.api.log")
        self.setAccessibleName(tr("Requests"))
        self.setProperty("layer", "raised")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(ROW)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setHorizontalHeader(_Head(themes, self))
        self.setModel(self._rows)
        self.setItemDelegate(self._cells)
        themes.changed.connect(self.viewport().update)
        themes.changed.connect(self.horizontalHeader().viewport().update)
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    @property
    def rows(self) -> Sequence[RequestRow]:
        """What is listed, in words, the newest first."""
        return [self._rows.row(place) for place in range(self._rows.rowCount())]

    def show_requests(self, requests: Sequence[ApiRequest]) -> None:
        """List these, the newest first. What is under the eye stays there, unless the eye is at the top."""
        bar = self.verticalScrollBar()
        scrolled = bar.value()
        had_current = self.currentIndex().isValid()
        came = self._rows.show(requests)
        if came and scrolled:
            bar.setValue(scrolled + came * ROW)
        if had_current and not self.currentIndex().isValid():
            self.chosen.emit(0)

    def choose_none(self) -> None:
        """Let go of the line that is chosen."""
        self.selectionModel().clear()
        self.chosen.emit(0)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, _HEAD + 6 * ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left = self.viewport().width() - sum(column.width for column in COLUMNS)
        parts = sum(column.share for column in COLUMNS)
        for place, column in enumerate(COLUMNS):
            if column.width:
                self.setColumnWidth(place, column.width)
            else:
                share = max(left * column.share // parts, 64)
                self.setColumnWidth(place, share)
                left, parts = left - share, parts - column.share

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._cells.ringed = False
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _KEYBOARD:
            self._cells.ringed = True
            if not self.currentIndex().isValid() and self._rows.requests:
                self.setCurrentIndex(self._rows.index(0, 0))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._cells.ringed = True
        if event.key() == Qt.Key.Key_Escape and self.currentIndex().isValid():
            self.choose_none()
            return
        super().keyPressEvent(event)
        self.viewport().update()

    def _hover(self, line: int) -> None:
        if line != self._cells.hovered:
            self._cells.hovered = line
            self.viewport().update()

    def _current_changed(self, current: QModelIndex, _former: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._rows.requests[current.row()].number)
