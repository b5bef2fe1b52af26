"""What all lists of the sidebar have in common: keys, type-ahead, the focus ring, the menu's place."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QElapsedTimer, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from aiproxy_desktop.ui.chat.sidebar.delegate import INSET, SidebarDelegate
from aiproxy_desktop.ui.theme.controller import ThemeController

_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


class SidebarList(QListView):
    """Base of the lists. Rows that cannot be enabled are labels.

    Signals:
        opened(key): a row was clicked, or Enter or Space pressed on it.
        menu_wanted(key, place): its menu is asked for, at a place on the screen.
    """

    opened = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(
        self,
        themes: ThemeController,
        model: QAbstractListModel,
        delegate: SidebarDelegate,
        *,
        name: str,
        accessible_name: str,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._rows = delegate
        delegate.setParent(self)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setProperty("layer", "sidebar")
        # A viewport of our own: asking Qt for the one it made costs 15 ms before the first paint.
        self._canvas = QWidget(self)
        self.setViewport(self._canvas)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pressed_at = QPoint()
        self._typed = QElapsedTimer()
        self.clicked.connect(self._clicked)
        delegate.menu_wanted.connect(self._open_menu_of)
        themes.changed.connect(self._canvas.update)

    def pointed_key(self) -> str | None:
        """What the row stands for that the keys are on."""
        return self._key(self.currentIndex())

    def index_of(self, key: str | None) -> QModelIndex:
        """The row of a key; an invalid index when it is not shown."""
        model = self.model()
        for position in range(model.rowCount()):
            index = model.index(position, 0)
            if key is not None and index.data(self._rows.key_role) == key:
                return index
        return QModelIndex()

    def rename(self, key: str | None) -> None:
        """Edit a row's name in its place."""
        index = self.index_of(key)
        if index.isValid():
            self.scrollTo(index)
            self.setCurrentIndex(index)
            self.edit(index)

    def point_at_first(self) -> None:
        """Put the keys on the first row that is no label."""
        self._point_near(0)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside_bar = self._canvas.width() < self.width()
        self._rows.end_inset = 0 if beside_bar else INSET
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # a key that the editor let through, such as the Enter that ends it
        self._note_keyboard(used=True)
        if self._goes_on_typing(event):
            self.keyboardSearch(" ")
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Home:
            self.point_at_first()  # Qt's own stops at a label
        elif event.key() == Qt.Key.Key_End:
            self._point_near(self.model().rowCount())
        elif event.key() in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            self._turn_page(down=event.key() == Qt.Key.Key_PageDown)
        elif not self.key_pressed(event):
            super().keyPressEvent(event)

    def key_pressed(self, _event: QKeyEvent) -> bool:
        """For the list's own keys; tells whether this was one."""
        return False

    def keyboardSearch(self, text: str) -> None:
        self._typed.restart()
        super().keyboardSearch(text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._note_keyboard(used=False)
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._note_keyboard(used=event.reason() in _KEYBOARD)
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.point_at_start()

    def point_at_start(self) -> None:
        """Put the keys where they begin."""
        self.point_at_first()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_keys else self.indexAt(event.pos())
        if index.isValid():
            place = self.visualRect(index).center() if by_keys else event.pos()
            self._open_menu(index, self._canvas.mapToGlobal(place))

    # Inside

    def _key(self, index: QModelIndex) -> str | None:
        value = index.data(self._rows.key_role) if index.isValid() else None
        return value if isinstance(value, str) else None

    def _goes_on_typing(self, event: QKeyEvent) -> bool:
        """Whether a space belongs to the title that is being typed to jump there."""
        fresh = self._typed.isValid() and self._typed.elapsed() < QApplication.keyboardInputInterval()
        return event.key() == Qt.Key.Key_Space and fresh

    def _note_keyboard(self, *, used: bool) -> None:
        self._rows.keyboard_focus = used
        self._canvas.update()

    def _turn_page(self, *, down: bool) -> None:
        # Qt's own goes to the first row where it comes upon a label.
        row = self.visualRect(self.currentIndex())
        step = max(self._canvas.height() - row.height(), row.height())
        place = self.indexAt(row.center() + QPoint(0, step if down else -step))
        end = self.model().rowCount() if down else 0
        self._point_near(place.row() if place.isValid() else end)

    def _point_near(self, row: int) -> None:
        # Qt would leave the keys on the row above, which may be a label.
        count = self.model().rowCount()
        for position in (*range(row, count), *range(min(row, count) - 1, -1, -1)):
            index = self.model().index(position, 0)
            if index.flags() & Qt.ItemFlag.ItemIsEnabled:
                self.setCurrentIndex(index)
                return

    def _clicked(self, index: QModelIndex) -> None:
        # The button at a row's end opens a menu, which must not leave what is being read.
        if not self._on_button(index):
            self._open(index)

    def _on_button(self, index: QModelIndex) -> bool:
        """Whether the three dots of this row were pressed."""
        area = self._rows.menu_area(self.visualRect(index))
        return self._rows.has_menu and index.isValid() and area.contains(self._pressed_at)

    def _open(self, index: QModelIndex) -> None:
        key = self._key(index)
        if key is not None:
            self.opened.emit(key)

    def _open_menu_of(self, key: str) -> None:
        index = self.index_of(key)
        area = self._rows.menu_area(self.visualRect(index))
        self._open_menu(index, self._canvas.mapToGlobal(area.bottomLeft()))

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        key = self._key(index)
        if key is not None:
            self.menu_wanted.emit(key, place)
