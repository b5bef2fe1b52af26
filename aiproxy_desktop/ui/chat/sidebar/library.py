"""The sidebar without its widgets: which of its lists is shown, and what is done in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.library import ARCHIVE, EVERYTHING, LibraryStore, Shelf
from aiproxy_desktop.storage.search import SearchStore
from aiproxy_desktop.ui.chat.sidebar.finding import Finding
from aiproxy_desktop.ui.chat.sidebar.history import History
from aiproxy_desktop.ui.chat.sidebar.shelves import Shelves
from aiproxy_desktop.ui.translation import tr

Pane = Literal["list", "folders", "found"]


class Offer(NamedTuple):
    """What was done, and how to take it back. `gone` is called when nobody did so in time."""

    text: str
    undo: Callable[[], None]
    gone: Callable[[], None] | None = None


class Library(QObject):
    """Conversations, folders, the archive and the search, one pane at a time."""

    changed = Signal()  # another pane, or another heading
    offered = Signal(object)  # Offer

    def __init__(
        self,
        store: ConversationStore,
        library: LibraryStore,
        search: SearchStore,
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.history = History(store, library, scope, parent=self)
        self.shelves = Shelves(library, scope, parent=self)
        self.finding = Finding(search, scope, parent=self)
        self._choosing = False
        self.history.arranged.connect(self.shelves.load)
        self.shelves.changed.connect(self.changed)
        self.shelves.deleted.connect(self._folder_deleted)
        self.finding.changed.connect(self.changed)

    @property
    def pane(self) -> Pane:
        """What stands in the sidebar."""
        if self.finding.active:
            return "found"
        return "folders" if self._choosing else "list"

    @property
    def heading(self) -> str:
        """Of the pane; empty over all conversations, from where no way leads back."""
        if self._choosing:
            return tr("Folders")
        shelf = self.history.shelf
        if shelf.kind == "archived":
            return tr("Archived")
        folder = self.shelves.folder(shelf.folder_id)
        return "" if folder is None else folder.name

    @property
    def folder_id(self) -> str | None:
        """The folder that is open: a new chat belongs there."""
        shelf = self.history.shelf
        return shelf.folder_id if not self._choosing and shelf.kind == "folder" else None

    def load(self) -> None:
        """Read everything."""
        self.history.load()
        self.shelves.load()

    async def settle(self) -> None:
        """Finish what is being written; before the scope is closed."""
        await self.history.settle()
        await self.shelves.settle()

    async def close(self) -> None:
        """Leave nothing open; after the scope is closed."""
        await self.finding.close()

    # Going about

    def open_folders(self) -> None:
        """Show the folders."""
        self._go(choosing=True)

    def open_folder(self, folder_id: str) -> None:
        """Show what is in a folder."""
        self.history.open_shelf(Shelf("folder", folder_id))
        self._go(choosing=False)

    def open_archive(self) -> None:
        """Show what is archived."""
        self.history.open_shelf(ARCHIVE)
        self._go(choosing=False)

    def open_all(self) -> None:
        """Show all conversations."""
        self.history.open_shelf(EVERYTHING)
        self._go(choosing=False)

    def back(self) -> None:
        """From a folder to the folders, from there and from the archive to all conversations."""
        if not self._choosing and self.history.shelf.kind == "folder":
            self.open_folders()
        else:
            self.open_all()

    def _go(self, *, choosing: bool) -> None:
        self._choosing = choosing
        self.changed.emit()

    # Doing it

    def set_archived(self, conversation_id: str, *, archived: bool) -> None:
        """Archive a conversation, or bring it back, and offer the way back."""
        item = self.history.conversation(conversation_id)
        if item is None or (item.archived_at is not None) == archived:
            return
        self.history.set_archived(conversation_id, archived=archived)
        said = tr("“{title}” archived", title=item.title)
        if not archived:
            said = tr("“{title}” is out of the archive", title=item.title)
        undo = not archived
        self.offered.emit(Offer(said, lambda: self.history.set_archived(conversation_id, archived=undo)))

    def move(self, conversation_id: str, folder_id: str | None) -> None:
        """Put a conversation into a folder, or out of any, and offer the way back."""
        item = self.history.conversation(conversation_id)
        if item is None or item.folder_id == folder_id:
            return
        former, folder = item.folder_id, self.shelves.folder(folder_id)
        self.history.move(conversation_id, folder_id)
        said = tr("“{title}” is in no folder", title=item.title)
        if folder is not None:
            said = tr("“{title}” moved to {folder}", title=item.title, folder=folder.name)
        self.offered.emit(Offer(said, lambda: self.history.move(conversation_id, former)))

    def move_to_new(self, conversation_id: str, name: str) -> None:
        """Put a conversation into a folder that is made for it."""
        self.shelves.create(name, lambda folder_id: self.move(conversation_id, folder_id))

    def _folder_deleted(self, folder_id: str, name: str) -> None:
        if self.folder_id == folder_id:
            self.open_folders()
        self.offered.emit(
            Offer(
                tr("Folder “{name}” deleted. Its conversations stay.", name=name),
                lambda: self.shelves.undo_delete(folder_id),
                lambda: self.shelves.confirm_delete(folder_id),
            )
        )
