"""The left side of the chat tab: New chat, search, conversations or folders, the archive."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.sidebar.conversation_menu import MenuOrders, conversation_menu
from aiproxy_desktop.ui.chat.sidebar.conversation_view import ConversationView
from aiproxy_desktop.ui.chat.sidebar.drop_folders import DragChip, DropFolders
from aiproxy_desktop.ui.chat.sidebar.footer import SidebarFooter
from aiproxy_desktop.ui.chat.sidebar.library import Library
from aiproxy_desktop.ui.chat.sidebar.list_view import SidebarList
from aiproxy_desktop.ui.chat.sidebar.words import emptiness
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.text_field import TextField


class Sidebar(QFrame):
    """Emits what the person wants of the page; the rest it asks of the library.

    Signals:
        new_wanted(): a new chat.
        opened(id): show a conversation.
        message_chosen(conversation id, message id, words): show a message that was found by these words.
        export_wanted(id, format): export a conversation.
    """

    new_wanted = Signal()
    opened = Signal(str)
    message_chosen = Signal(str, str, tuple)
    export_wanted = Signal(str, str)

    can_export = False

    def __init__(self, themes: ThemeController, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._library = library
        self.setObjectName("chat.sidebar")
        self.setProperty("layer", "sidebar")
        self.setMinimumWidth(LAYOUT.sidebar_min)
        self.setMaximumWidth(LAYOUT.sidebar_max)
        self.new_button = Button(
            themes,
            tr("New chat"),
            name="chat.newChat",
            icon="plus",
            hint=tr("Ctrl N"),
            large=True,
            align_start=True,
            parent=self,
        )
        self.search = TextField(
            themes, name="chat.search", placeholder=tr("Search conversations"), icon="search", parent=self
        )
        self._back = Button(
            themes,
            "",
            name="chat.back",
            kind="quiet",
            icon="chev-left",
            align_start=True,
            accessible_name=tr("Back"),
            parent=self,
        )
        self._new_folder = Button(
            themes, tr("New folder"), name="chat.newFolder", kind="quiet", icon="plus", parent=self
        )
        self.view = ConversationView(themes, library.history.model, self)
        # Made when they are first shown: a start shows neither.
        self._folders: SidebarList | None = None
        self._found: SidebarList | None = None
        self.footer = SidebarFooter(themes, self)
        self._drop = DropFolders(themes, self)
        self._chip: DragChip | None = None
        self._empty_title = Label("", "body", "secondary", wrap=True, parent=self)
        self._empty_help = Label("", "meta", "muted", wrap=True, parent=self)
        self._lay_out()
        self._connect()
        self._show()

    def tab_stops(self) -> list[QWidget]:
        """What Tab reaches in it, from top to bottom."""
        head = [self.new_button, self.search, self._back, self._new_folder]
        return [*head, self.view, self.footer.folders, self.footer.archived]

    def focus_search(self) -> None:
        """Put the keyboard into the search field, what is in it selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def shown_list(self) -> SidebarList:
        """The list that stands there now."""
        panes = {"list": self.view, "folders": self._folders, "found": self._found}
        return panes[self._library.pane] or self.view

    def add_line(self, line: QWidget) -> None:
        """Put a line between the list and what stands at the foot."""
        self._column.insertWidget(self._column.indexOf(self.footer), line)

    def rename(self, conversation_id: str) -> None:
        """Edit a conversation's title where it is listed."""
        self.search.clear()
        if not self.view.index_of(conversation_id).isValid() or self._library.pane != "list":
            self._library.open_all()
        self.view.rename(conversation_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self._search_key(event)
            # Esc empties the field before it means anything to the page.
            if event.type() == QEvent.Type.ShortcutOverride and self._empties(event):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def _search_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Down:
            shown = self.shown_list()
            shown.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if self._empties(event):
            self.search.clear()
            return True
        return False

    def _empties(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape and bool(self.search.text())

    # Building

    def _lay_out(self) -> None:
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self.new_button)
        head.addWidget(self.search)
        column.addLayout(head)
        self._heading = QWidget(self)
        row = QHBoxLayout(self._heading)
        row.setContentsMargins(margins(9, 8, 12, 0))
        row.setSpacing(4)
        row.addWidget(self._back, 1)
        row.addWidget(self._new_folder)
        column.addWidget(self._heading)
        self._empty = QWidget(self)
        words = QVBoxLayout(self._empty)
        words.setContentsMargins(20, 28, 20, 0)
        words.setSpacing(4)
        for label in (self._empty_title, self._empty_help):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            words.addWidget(label)
        column.addWidget(self._empty)
        column.addSpacing(4)
        column.addWidget(self.view, 1)
        column.addWidget(self.footer)

    def _connect(self) -> None:
        library = self._library
        self.new_button.clicked.connect(self.new_wanted)
        self.search.textChanged.connect(library.finding.look_for)
        self.search.returnPressed.connect(self._open_first)
        self.search.installEventFilter(self)
        self._back.clicked.connect(library.back)
        self._new_folder.clicked.connect(self.new_folder)
        self.footer.folders.clicked.connect(self._toggle_folders)
        self.footer.archived.clicked.connect(self._toggle_archive)
        self.view.opened.connect(self.opened)
        self.view.delete_wanted.connect(library.history.delete)
        self.view.menu_wanted.connect(self._show_menu)
        self.view.dragged.connect(self._drag)
        self.view.dropped.connect(self._drop_at)
        self.view.drag_ended.connect(self._end_drag)
        library.changed.connect(self._show)
        library.history.changed.connect(self._show)
        library.shelves.created.connect(self._name_folder)

    # What the person does

    def new_folder(self) -> None:
        """Make a folder, and let it be named."""
        self._library.shelves.create(tr("New folder"))

    def _name_folder(self, folder_id: str) -> None:
        self.show_folders()
        self.shown_list().rename(folder_id)

    def show_all(self) -> None:
        """List all conversations."""
        self.search.clear()
        self._library.open_all()

    def show_folders(self) -> None:
        """List the folders."""
        self.search.clear()
        self._library.open_folders()

    def show_archive(self) -> None:
        """List the archived conversations."""
        self.search.clear()
        self._library.open_archive()

    def _toggle_folders(self) -> None:
        (self.show_all if self.footer.folders.isChecked() else self.show_folders)()

    def _toggle_archive(self) -> None:
        (self.show_all if self.footer.archived.isChecked() else self.show_archive)()

    def _open_first(self) -> None:
        from aiproxy_desktop.ui.chat.sidebar.found_view import FoundView

        if isinstance(self._found, FoundView) and self._library.pane == "found":
            self._found.open_first()

    def _choose_message(self, conversation_id: str, message_id: str) -> None:
        self.message_chosen.emit(conversation_id, message_id, self._library.finding.words)

    def _show_menu(self, conversation_id: str, place: QPoint) -> None:
        item = self._library.history.conversation(conversation_id)
        if item is not None:
            orders = MenuOrders(
                rename=lambda: self.view.rename(conversation_id),
                export=partial(self.export_wanted.emit, conversation_id) if self.can_export else None,
            )
            conversation_menu(item, self._library, orders, self.view).popup(place)

    # Dragging a conversation

    def _drag(self, conversation_id: str, place: QPoint) -> None:
        item = self._library.history.conversation(conversation_id)
        if item is None:
            return
        if self._chip is None:
            self._chip = DragChip(item.title, self.window())
            self._drop.offer(item, self._library.shelves.folders, self.view.geometry())
        self._chip.follow(place)
        self._drop.aim(place)
        self.footer.archived.set_aimed(aimed=self._over_archive(place))

    def _drop_at(self, conversation_id: str, place: QPoint) -> None:
        target = self._drop.aimed
        if target is not None:
            self._library.move(conversation_id, target.folder_id)
        elif self._over_archive(place):
            self._library.set_archived(conversation_id, archived=True)

    def _end_drag(self) -> None:
        if self._chip is not None:
            self._chip.hide()
            self._chip.deleteLater()
            self._chip = None
        self._drop.leave()
        self.footer.archived.set_aimed(aimed=False)

    def _over_archive(self, place: QPoint) -> bool:
        row = self.footer.archived
        return row.rect().contains(row.mapFromGlobal(place))

    # What is shown

    def _show(self) -> None:
        library = self._library
        pane, heading = library.pane, library.heading
        self._make(pane)
        for name, view in (("list", self.view), ("folders", self._folders), ("found", self._found)):
            if view is not None:
                view.setVisible(name == pane)
        self._heading.setVisible(bool(heading) and pane != "found")
        self._back.set_label(heading)
        self._new_folder.setVisible(pane == "folders")
        self.footer.setVisible(library.history.account_empty is False)
        self.footer.folders.setChecked(pane == "folders" or library.folder_id is not None)
        self.footer.archived.setChecked(pane == "list" and library.history.shelf.kind == "archived")
        self.footer.folders.set_count(len(library.shelves.folders))
        self.footer.archived.set_count(library.shelves.counts.archived)
        words = emptiness(library)
        self._empty.setVisible(words is not None)
        self._empty_title.setText(words.title if words else "")
        self._empty_help.setText(words.help if words else "")

    def _make(self, pane: str) -> None:
        if pane == "folders" and self._folders is None:
            from aiproxy_desktop.ui.chat.sidebar.folder_list import FolderView

            folders = FolderView(self._themes, self._library.shelves, self)
            folders.opened.connect(self._library.open_folder)
            self._folders = self._insert(folders)
        elif pane == "found" and self._found is None:
            from aiproxy_desktop.ui.chat.sidebar.found_view import FoundView

            found = FoundView(self._themes, self._library.finding.model, self)
            found.conversation_chosen.connect(self.opened)
            found.message_chosen.connect(self._choose_message)
            self._found = self._insert(found)

    def _insert(self, view: SidebarList) -> SidebarList:
        self._column.insertWidget(self._column.indexOf(self.view), view, 1)
        QWidget.setTabOrder(self.view, view)
        return view
