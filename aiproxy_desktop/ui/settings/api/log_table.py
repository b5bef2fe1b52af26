"""The table of requests: one line each, the newest at the top."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHeaderView,
    QWidget,
)

from aiproxy_desktop.services.local_api.values import ApiRequest
from aiproxy_desktop.ui.settings.api.log_model import COLUMNS, LogModel
from aiproxy_desktop.ui.settings.api.words import RequestRow
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.line_table import LineTable
from aiproxy_desktop.ui.widgets.painting import elided, rounded

ROW = 36
_HEAD = 32
_PAD = 8
_EDGE = 16
_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


# What QPainter.drawText takes: the one alignment or the other, on one line.
_MIDDLE = (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading).value
_END = (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing).value
_ALIGNED = tuple(
    (_END if column.figure else _MIDDLE) | Qt.TextFlag.TextSingleLine.value for column in COLUMNS
)
_MOST_FITTED = 2000
# Where client and model have less than this many pixels, these columns go; the details have them all.
_LEAST_NAMES = 200
_GIVE_WAY = ("tokens", "took")


def _text_box(place: int, left: int, width: int, direction: Qt.LayoutDirection) -> tuple[int, int]:
    """Where the text of a column begins, and its width: the first and the last one keep off the edges."""
    start = _EDGE if place == 0 else _PAD
    end = _EDGE if place == len(COLUMNS) - 1 else _PAD
    before = start if direction == Qt.LayoutDirection.LeftToRight else end
    return left + before, max(0, width - start - end)


class _Rows:
    """Paints rows, as many as there are to paint in one go.

    While requests pour in all that is in sight changes four times a second, and the window's thread shares
    the interpreter with the server's: each millisecond here is several.
    """

    def __init__(self, themes: ThemeController, rows: LogModel) -> None:
        self._themes = themes
        self._rows = rows
        self._body = font("body", tabular=True)
        self._metrics = QFontMetrics(self._body)
        self._fitted: dict[tuple[int, int, str], str] = {}
        self.hovered = -1
        self.ringed = False

    def paint(self, painter: QPainter, table: LogTable, lines: range) -> None:
        """Paint these lines."""
        theme, width = self._themes.theme, table.viewport().width()
        direction, current = table.layoutDirection(), table.currentIndex()
        spans = [(table.columnViewportPosition(at), table.columnWidth(at)) for at in range(len(COLUMNS))]
        boxes = [_text_box(at, *span, direction) for at, span in enumerate(spans)]
        line_color, quiet = QColor(theme.border), QColor(theme.text_muted)
        inks = {"danger": QColor(theme.danger), "muted": quiet, "text": QColor(theme.text)}
        unknown = tr("Unknown")
        painter.setFont(self._body)
        for line in lines:
            row, top = self._rows.row(line), table.rowViewportPosition(line)
            if line == current.row():
                painter.fillRect(0, top, width, ROW, QColor(theme.mixed.surface_raised_selected))
            elif line == self.hovered:
                painter.fillRect(0, top, width, ROW, QColor(theme.mixed.surface_raised_hover))
            painter.fillRect(0, top + ROW - 1, width, 1, line_color)
            if line == current.row() and self.ringed and table.hasFocus():
                left, wide = spans[current.column()]
                ring = QRectF(left + 1, top + 1, wide - 2, ROW - 3)
                rounded(painter, ring, RADIUS.xs, None, theme.accent, 2)
            for at, column in enumerate(COLUMNS):
                text = column.text(row)
                if not text or not spans[at][1]:
                    continue
                if column.id == "status":
                    ink = inks[row.tone]
                elif column.id == "time" or text == unknown or (column.id == "asked" and not row.of_model):
                    ink = quiet
                else:
                    ink = inks["text"]
                painter.setPen(ink)
                start, room = boxes[at]
                painter.drawText(start, top, room, ROW, _ALIGNED[at], self._fit(at, room, text))

    def _fit(self, place: int, room: int, text: str) -> str:
        known = self._fitted.get((place, room, text))
        if known is None:
            if len(self._fitted) > _MOST_FITTED:
                self._fitted.clear()
            middle = COLUMNS[place].id == "asked"
            mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
            known = elided(self._metrics, text, room, mode)
            # A path is read from the left, whichever way the window is.
            known = self._fitted[place, room, text] = f"\u2066{known}\u2069" if middle else known
        return known


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
        left, room = _text_box(section, area.left(), area.width(), self.layoutDirection())
        painter.drawText(left, area.top(), room, area.height(), _ALIGNED[section], column.title())


class LogTable(LineTable):
    """Emits `chosen` with the number of a request, 0 where none is chosen."""

    chosen = Signal(int)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(
            name="settings.api.log",
            accessible_name=tr("Requests"),
            layer="raised",
            row_height=ROW,
            parent=parent,
        )
        self._rows = LogModel(self)
        self._painted = _Rows(themes, self._rows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalHeader(_Head(themes, self))
        self.setModel(self._rows)
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
        shown = list(COLUMNS)
        for gives_way in _GIVE_WAY:
            if self.viewport().width() - sum(column.width for column in shown) >= _LEAST_NAMES:
                break
            shown = [column for column in shown if column.id != gives_way]
        left = self.viewport().width() - sum(column.width for column in shown)
        parts = sum(column.share for column in shown)
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, column not in shown)
            if column.width:
                self.setColumnWidth(place, column.width)
            else:
                share = max(left * column.share // parts, 64)
                self.setColumnWidth(place, share)
                left, parts = left - share, parts - column.share

    def paintEvent(self, event: QPaintEvent) -> None:
        first = self.rowAt(event.rect().top())
        last = self.rowAt(event.rect().bottom())
        if first >= 0:
            lines = range(first, self._rows.rowCount() if last < 0 else last + 1)
            self._painted.paint(QPainter(self.viewport()), self, lines)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._painted.ringed = False
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _KEYBOARD:
            self._painted.ringed = True
            if not self.currentIndex().isValid() and self._rows.requests:
                self.setCurrentIndex(self._rows.index(0, 0))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._painted.ringed = True
        if event.key() == Qt.Key.Key_Escape and self.currentIndex().isValid():
            self.choose_none()
            return
        super().keyPressEvent(event)
        self.viewport().update()

    def _hover(self, line: int) -> None:
        if line != self._painted.hovered:
            self._painted.hovered = line
            self.viewport().update()

    def _current_changed(self, current: QModelIndex, _former: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._rows.requests[current.row()].number)
