"""The folders as a list in the sidebar: opened, renamed in place, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QAbstractListModel, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QMenu, QStyleOptionViewItem, QWidget

from aiproxy_desktop.storage.records import Folder
from aiproxy_desktop.ui.chat.sidebar.conversation_list import Index
from aiproxy_desktop.ui.chat.sidebar.delegate import INSET, MORE, PAD, SidebarDelegate
from aiproxy_desktop.ui.chat.sidebar.list_view import SidebarList
from aiproxy_desktop.ui.chat.sidebar.shelves import Shelves
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count

_KEY = Qt.ItemDataRole.UserRole + 1
_COUNT = Qt.ItemDataRole.UserRole + 2


class FolderListModel(QAbstractListModel):
    """Folders as they are given."""

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders: tuple[Folder, ...] = ()

    def show(self, folders: Sequence[Folder]) -> None:
        """Show these; where they are the same ones, focus and an open editor stay."""
        same = [folder.id for folder in folders] == [folder.id for folder in self._folders]
        if same:
            self._folders = tuple(folders)
            if folders:
                self.dataChanged.emit(self.index(0), self.index(len(folders) - 1))
            return
        self.beginResetModel()
        self._folders = tuple(folders)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._folders)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._folders):
            return None
        folder = self._folders[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return folder.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            count = tr_count("{n} conversation", "{n} conversations", folder.count)
            return tr("{name}, {count}", name=folder.name, count=count)
        return {_KEY: folder.id, _COUNT: folder.count}.get(role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self.rename_requested.emit(self._folders[index.row()].id, str(value))
        return True


class FolderDelegate(SidebarDelegate):
    """Icon, name, how many are in it."""

    key_role = _KEY
    editor_name = "chat.folders.rename"

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self.editor_label = tr("Name of the folder")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        row: QRect = option.rect
        end = PAD
        if self._paint_ground(painter, option):
            end += MORE - 4
            self._paint_more(painter, row)
        else:
            count = row.adjusted(row.width() // 2, 0, -self.end_inset - PAD, 0)
            number = f"{index.data(_COUNT):,}"
            muted = self._themes.theme.text_muted
            self._paint_text(painter, self._mirrored(row, count), number, "caption", muted, at_end=True)
            end += self._metrics["caption"].horizontalAdvance(number) + PAD
        icon = self._mirrored(row, QRect(row.left() + INSET + PAD, row.top() + 8, 16, 16))
        self._paint_icon(painter, "folder", icon.left(), icon.top())
        box = row.adjusted(INSET + PAD + 24, 0, -self.end_inset - end, 0)
        text = self._themes.theme.text
        self._paint_text(painter, self._mirrored(row, box), str(index.data()), "body", text)
        painter.restore()


class FolderView(SidebarList):
    """A click or Enter opens, F2 renames, Delete deletes."""

    def __init__(self, themes: ThemeController, shelves: Shelves, parent: QWidget) -> None:
        self._folders = FolderListModel()
        super().__init__(
            themes,
            self._folders,
            FolderDelegate(themes, parent),
            name="chat.folders",
            accessible_name=tr("Folders"),
            parent=parent,
        )
        self._folders.setParent(self)
        self._shelves = shelves
        self.setUniformItemSizes(True)
        self._folders.rename_requested.connect(shelves.rename)
        shelves.changed.connect(self._show)
        self.menu_wanted.connect(self._show_menu)
        self._show()

    def key_pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_F2:
            self.rename(self.pointed_key())
        elif event.key() == Qt.Key.Key_Delete:
            self._delete(self.pointed_key())
        else:
            return False
        return True

    def _show(self) -> None:
        row, key = self.currentIndex().row(), self.pointed_key()
        self._folders.show(self._shelves.folders)
        if key is not None and self.pointed_key() != key:
            index = self.index_of(key)
            if index.isValid():
                self.setCurrentIndex(index)
            else:
                self._point_near(row)

    def _delete(self, folder_id: str | None) -> None:
        if folder_id is not None:
            self._shelves.delete(folder_id)

    def _show_menu(self, folder_id: str, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("chat.folders.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, text, key, run in (
            ("rename", tr("Rename"), "F2", partial(self.rename, folder_id)),
            ("delete", tr("Delete"), "Del", partial(self._delete, folder_id)),
        ):
            action = menu.addAction(text)
            action.triggered.connect(lambda _checked=False, run=run: run())
            action.setObjectName(f"chat.folders.menu.{name}")
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)
            # Shown in the menu only: the list handles the keys itself.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        menu.popup(place)
