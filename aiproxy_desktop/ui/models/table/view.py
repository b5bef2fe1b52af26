"""The table itself: one line a model, chosen by mouse or keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from aiproxy_desktop.storage.model_settings import ColumnView
from aiproxy_desktop.ui.models.table.columns import BY_ID, COLUMNS
from aiproxy_desktop.ui.models.table.delegate import Cells
from aiproxy_desktop.ui.models.table.header import Header
from aiproxy_desktop.ui.models.table.model import TableModel
from aiproxy_desktop.ui.models.table.rows import Row
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.line_table import LineTable

ROW = 36
_STAR = next(place for place, column in enumerate(COLUMNS) if column.id == "star")
_NAME = next(place for place, column in enumerate(COLUMNS) if column.id == "name")
_LEAST_NAME = 150
_WHOLE_LINE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}
# Whoever comes back from another window or a menu finds the ring as it was.
_UNCHANGED = {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}


class ModelsTable(LineTable):
    """Shows rows and passes on what is wished; it sorts and filters nothing.

    Signals:
        chosen(str): the reference of the line that the keys or a click chose.
        pressed_on(str): a line was clicked.
        opened(str): Enter or a double click on a line.
        starred(str): the star of a line was pressed.
        sort_wanted(str): the head of a column was pressed.
        columns_changed(): moved, widened or narrowed; read `columns`.
        menu_wanted(str, QPoint): a line's menu, at a place on the screen.
        columns_wanted(QPoint): which columns there are, at a place on the screen.
        delete_wanted(str): Delete was pressed on a line.
    """

    chosen = Signal(str)
    pressed_on = Signal(str)
    opened = Signal(str)
    starred = Signal(str)
    sort_wanted = Signal(str)
    columns_changed = Signal()
    menu_wanted = Signal(str, QPoint)
    columns_wanted = Signal(QPoint)
    delete_wanted = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(
            name="models.table", accessible_name=tr("Models"), layer="surface", row_height=ROW, parent=parent
        )
        self._rows = TableModel(self)
        self._cells = Cells(themes, self._rows)
        self._cells.setParent(self)
        self._chosen = ""
        self._placing = False
        self._name_width = BY_ID["name"].width
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._header = Header(themes, self)
        self.setHorizontalHeader(self._header)
        self.setModel(self._rows)
        self.setItemDelegate(self._cells)
        self._follow(themes)

    def _follow(self, themes: ThemeController) -> None:
        themes.changed.connect(self.viewport().update)
        themes.changed.connect(self._header.viewport().update)
        # To Qt the second of two quick clicks is a double click; here it turns the order round once more.
        for pressed in (self._header.sectionClicked, self._header.sectionDoubleClicked):
            pressed.connect(lambda place: self.sort_wanted.emit(COLUMNS[place].id))
        self._header.sectionMoved.connect(self._moved)
        self._header.sectionResized.connect(self._resized)
        self._header.customContextMenuRequested.connect(
            lambda place: self.columns_wanted.emit(self._header.mapToGlobal(place))
        )
        self.clicked.connect(lambda index: self.pressed_on.emit(self._rows.rows[index.row()].reference))
        self.doubleClicked.connect(lambda index: self.opened.emit(self._rows.rows[index.row()].reference))
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    # What it shows

    @property
    def rows(self) -> Sequence[Row]:
        """The lines, from the top."""
        return self._rows.rows

    @property
    def current(self) -> str:
        """The reference of the chosen line; empty where none is."""
        return self._chosen

    @property
    def columns(self) -> tuple[ColumnView, ...]:
        """The columns as they stand now, from the start edge."""
        shown = (self._header.logicalIndex(place) for place in range(len(COLUMNS)))
        return tuple(
            ColumnView(
                id=COLUMNS[place].id,
                width=self._width(place),
                shown=not self._header.isSectionHidden(place),
            )
            for place in shown
        )

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other lines; the chosen one stays chosen where it is among them, and in sight if it was.

        Where it is gone and the keys are here, they go to the line that took its place.
        """
        chosen, in_sight, former = self._chosen, self._in_sight(), self.currentIndex().row()
        column = max(self.currentIndex().column(), _NAME)
        self._placing = True
        self._rows.show(rows)
        self._placing = False
        place = self._rows.place_of(chosen) if chosen else None
        if place is None:
            if chosen and rows and self.hasFocus():
                self.setCurrentIndex(self._rows.index(min(max(former, 0), len(rows) - 1), column))
            elif chosen:
                self._chosen = ""
                self.chosen.emit("")
            return
        self._place_on(place, column)
        if in_sight:
            self.scrollTo(self._rows.index(place, column))

    def choose(self, reference: str) -> bool:
        """Put the keys on a model; whether it is shown."""
        place = self._rows.place_of(reference)
        if place is None:
            return False
        self.setCurrentIndex(self._rows.index(place, _NAME))
        self.scrollTo(self.currentIndex())
        return True

    def show_columns(self, columns: Sequence[ColumnView]) -> None:
        """Put the columns into an order and give each its width; those not named have their own."""
        named = {column.id: column for column in columns if column.id in BY_ID}
        order = [*named, *(column.id for column in COLUMNS if column.id not in named)]
        order.remove("star")
        self._placing = True
        for target, column_id in enumerate(["star", *order]):
            place = next(at for at, column in enumerate(COLUMNS) if column.id == column_id)
            self._header.moveSection(self._header.visualIndex(place), target)
            view = named.get(column_id)
            width = view.width if view is not None else BY_ID[column_id].width
            if view is None:
                width = max(width, self._cells.least_width(BY_ID[column_id]))
            if column_id == "name":
                self._name_width = width
            self._header.resizeSection(place, width)
            fixed = column_id in {"star", "name"}
            self._header.setSectionHidden(place, view is not None and not view.shown and not fixed)
        self._header.setSectionResizeMode(_STAR, Header.ResizeMode.Fixed)
        self._placing = False
        self._stretch()

    def show_sort(self, column: str, *, descending: bool) -> None:
        """Show by which column the lines are sorted."""
        self._header.sorted_by = (column, descending)
        self._header.viewport().update()

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stretch()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._cells.ringed = False
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == _STAR and event.button() == Qt.MouseButton.LeftButton:
            self.starred.emit(self._rows.rows[index.row()].reference)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).column() == _STAR:
            self.mousePressEvent(event)  # two quick clicks on a star are two clicks
            return
        super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            place = event.pos() if by_mouse else self.visualRect(index).bottomLeft()
            reference = self._rows.rows[index.row()].reference
            self.menu_wanted.emit(reference, self.viewport().mapToGlobal(place))

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in _UNCHANGED:
            self._cells.ringed = event.reason() in _KEYBOARD
        unset = not self.currentIndex().isValid() and bool(self._rows.rows)
        if unset and event.reason() == Qt.FocusReason.MouseFocusReason:
            # Whoever presses the head of a column, or empty ground, has chosen no line; Qt would.
            self._placing = True
            super().focusInEvent(event)
            self.selectionModel().clearCurrentIndex()
            self._placing = False
            return
        if unset:
            # Before Qt does it, which would take the first column: the star.
            self.setCurrentIndex(self._rows.index(0, _NAME))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._cells.ringed = True
        if self._chosen and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.opened.emit(self._chosen)
        elif self._chosen and event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit(self._chosen)
        elif self._chosen and event.key() == Qt.Key.Key_Space:
            self.starred.emit(self._chosen)
        else:
            super().keyPressEvent(event)
        self.viewport().update()

    # Inside

    def _in_sight(self) -> bool:
        index = self.currentIndex()
        return index.isValid() and self.viewport().rect().intersects(self.visualRect(index))

    def _place_on(self, place: int, column: int) -> None:
        self._placing = True
        self.selectionModel().setCurrentIndex(
            self._rows.index(place, column),
            _WHOLE_LINE,
        )
        self._placing = False

    def _current_changed(self, current: QModelIndex, _former: QModelIndex) -> None:
        if self._placing:
            return
        self._chosen = self._rows.rows[current.row()].reference if current.isValid() else ""
        self.chosen.emit(self._chosen)

    def _hover(self, line: int) -> None:
        former, self._cells.hovered = self._cells.hovered, line
        if former != line:
            for changed in (former, line):
                top = self.rowViewportPosition(changed)
                if top >= 0 or changed >= 0:
                    self.viewport().update(0, top, self.viewport().width(), ROW)

    def _width(self, place: int) -> int:
        if place == _NAME:
            return self._name_width
        return self._header.sectionSize(place) or BY_ID[COLUMNS[place].id].width

    def _moved(self, *_places: int) -> None:
        if not self._placing:
            self.columns_changed.emit()

    def _resized(self, place: int, _former: int, width: int) -> None:
        if self._placing:
            return
        if place == _NAME:
            self._name_width = max(width, _LEAST_NAME)
        self._stretch()
        self.columns_changed.emit()

    def _stretch(self) -> None:
        """Give the names what room is left."""
        others = sum(
            self._header.sectionSize(place)
            for place in range(len(COLUMNS))
            if place != _NAME and not self._header.isSectionHidden(place)
        )
        self._placing = True
        self._header.resizeSection(_NAME, max(self._name_width, self.viewport().width() - others))
        self._placing = False
