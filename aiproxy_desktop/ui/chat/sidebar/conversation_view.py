"""The conversation list: a click or Enter opens, F2 renames, Delete deletes; rows can be dragged away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from aiproxy_desktop.ui.chat.sidebar.conversation_delegate import ConversationDelegate
from aiproxy_desktop.ui.chat.sidebar.conversation_list import ConversationListModel, Role
from aiproxy_desktop.ui.chat.sidebar.list_view import SidebarList
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr


class ConversationView(SidebarList):
    """Emits ids; what happens then is not its business.

    Dragging is done with the mouse alone, inside the window: Qt's own would run a loop inside the loop.

    Signals:
        delete_wanted(id): Delete was pressed on a row.
        dragged(id, place): a row is being dragged; the pointer is at this place of the screen.
        dropped(id, place): it was let go there.
        drag_ended(): it was dropped, or the drag was given up.
    """

    delete_wanted = Signal(str)
    dragged = Signal(str, QPoint)
    dropped = Signal(str, QPoint)
    drag_ended = Signal()

    def __init__(self, themes: ThemeController, model: ConversationListModel, parent: QWidget) -> None:
        super().__init__(
            themes,
            model,
            ConversationDelegate(themes, parent),
            name="chat.conversations",
            accessible_name=tr("Conversations"),
            parent=parent,
        )
        self._list = model
        self.setUniformItemSizes(True)
        self._held: str | None = None  # the row under the pressed button
        self._dragging = False
        self._was_dragged = False

    def pointed_id(self) -> str | None:
        """The conversation that the keys are on, if one is."""
        return self.pointed_key()

    def point_at_start(self) -> None:
        for position in range(self._list.rowCount()):
            index = self._list.index(position)
            if index.data(Role.CURRENT):
                self.setCurrentIndex(index)
                return
        self.point_at_first()

    def event(self, event: QEvent) -> bool:
        # Esc gives up a drag before it means anything to the page.
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and self._dragging and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]  # a key
            event.accept()
            return True
        return super().event(event)

    def key_pressed(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape and self._dragging:
            self._end_drag()
        elif key == Qt.Key.Key_F2:
            self.rename(self.pointed_id())
        elif key == Qt.Key.Key_Delete and self.pointed_id() is not None:
            row = self.currentIndex().row()
            self.delete_wanted.emit(self.pointed_id())
            self._point_near(row)
        else:
            return False
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._was_dragged = False
        super().mousePressEvent(event)
        index = self.indexAt(self._pressed_at)
        held = event.button() == Qt.MouseButton.LeftButton and not self._on_button(index)
        self._held = self._key(index) if held else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        far = (place - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        if self._held is not None and (self._dragging or (far and self._is_left(event))):
            self._dragging = self._was_dragged = True
            self.dragged.emit(self._held, event.globalPosition().toPoint())
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and self._held is not None:
            self.dropped.emit(self._held, event.globalPosition().toPoint())
            self._end_drag()
        self._held = None
        super().mouseReleaseEvent(event)

    def _is_left(self, event: QMouseEvent) -> bool:
        return bool(event.buttons() & Qt.MouseButton.LeftButton)

    def _end_drag(self) -> None:
        self._dragging, self._held = False, None
        self.drag_ended.emit()

    def _clicked(self, index: QModelIndex) -> None:
        if not self._was_dragged:
            super()._clicked(index)
