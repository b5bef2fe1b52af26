"""The conversation list: a click or Enter opens, F2 renames, Delete deletes, the rest is in a menu."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from aiproxy_desktop.ui.chat.conversation_delegate import INSET, ConversationDelegate
from aiproxy_desktop.ui.chat.conversation_list import ConversationListModel, Role
from aiproxy_desktop.ui.theme.controller import ThemeController

_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


class ConversationView(QListView):
    """Emits ids; what happens then is not its business."""

    opened = Signal(str)
    delete_wanted = Signal(str)
    export_wanted = Signal(str, str)  # id, format

    can_export = False

    def __init__(self, themes: ThemeController, model: ConversationListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._list = model
        self._rows = ConversationDelegate(themes, self)
        self.setObjectName("chat.conversations")
        self.setAccessibleName("Conversations")
        self.setProperty("layer", "sidebar")
        # A viewport of our own: asking Qt for the one it made costs 15 ms before the first paint.
        self._canvas = QWidget(self)
        self.setViewport(self._canvas)
        self.setModel(model)
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pressed_at = QPoint()
        self.clicked.connect(self._clicked)
        self._rows.menu_wanted.connect(self._open_menu_of)
        themes.changed.connect(self._canvas.update)

    def rename(self, conversation_id: str | None) -> None:
        """Edit a title in its place."""
        index = self._list.index_of(conversation_id)
        if index.isValid():
            self.scrollTo(index)
            self.setCurrentIndex(index)
            self.edit(index)

    def pointed_id(self) -> str | None:
        """The conversation that the keys are on, if one is."""
        value = self.currentIndex().data(Role.CONVERSATION) if self.currentIndex().isValid() else None
        return value if isinstance(value, str) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside_bar = self._canvas.width() < self.width()
        self._rows.end_inset = 0 if beside_bar else INSET
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # a key that the editor let through, such as the Enter that ends it
        self._note_keyboard(used=True)
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._open(self.currentIndex())
        elif key == Qt.Key.Key_F2:
            self.rename(self.pointed_id())
        elif key == Qt.Key.Key_Delete and self.pointed_id() is not None:
            row = self.currentIndex().row()
            self.delete_wanted.emit(self.pointed_id())
            self._point_near(row)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._note_keyboard(used=False)
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._note_keyboard(used=event.reason() in _KEYBOARD)
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self._go_to_current()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_keys else self.indexAt(event.pos())
        if index.isValid():
            place = self.visualRect(index).center() if by_keys else event.pos()
            self._open_menu(index, self._canvas.mapToGlobal(place))

    def _note_keyboard(self, *, used: bool) -> None:
        self._rows.keyboard_focus = used
        self._canvas.update()

    def _go_to_current(self) -> None:
        for position in range(self._list.rowCount()):
            index = self._list.index(position)
            if index.data(Role.CURRENT):
                self.setCurrentIndex(index)
                return
        if self._list.rowCount() > 1:
            self.setCurrentIndex(self._list.index(1))  # the first row is a group's label

    def _point_near(self, row: int) -> None:
        # Qt would leave the keys on the row above, which may be a group's label.
        for position in (*range(row, self._list.rowCount()), *range(row - 1, -1, -1)):
            index = self._list.index(position)
            if index.data(Role.CONVERSATION) is not None:
                self.setCurrentIndex(index)
                return

    def _clicked(self, index: QModelIndex) -> None:
        # The button at a row's end opens a menu, which must not leave what is being read.
        if not self._rows.menu_area(self.visualRect(index)).contains(self._pressed_at):
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        conversation = index.data(Role.CONVERSATION) if index.isValid() else None
        if conversation is not None:
            self.opened.emit(conversation)

    def _open_menu_of(self, conversation_id: str) -> None:
        index = self._list.index_of(conversation_id)
        area = self._rows.menu_area(self.visualRect(index))
        self._open_menu(index, self._canvas.mapToGlobal(area.bottomLeft()))

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        conversation = index.data(Role.CONVERSATION)
        if conversation is None:
            return
        menu = QMenu(self)
        menu.setObjectName("chat.conversations.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = menu.addAction("Rename", lambda: self.rename(conversation))
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        delete = menu.addAction("Delete", lambda: self.delete_wanted.emit(conversation))
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        if self.can_export:
            from aiproxy_desktop.ui.exchange.menu import add_export_menu

            add_export_menu(
                menu,
                lambda form: self.export_wanted.emit(conversation, form),
                "chat.conversations.menu.export",
            )
        for action, name in ((rename, "rename"), (delete, "delete")):
            action.setObjectName(f"chat.conversations.menu.{name}")
            action.setShortcutVisibleInContextMenu(True)
            # Shown in the menu only: the list handles the keys itself.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        menu.popup(place)
