"""The list of conversations: read page by page, renamed, pinned, moved, archived, deleted, brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.conversations import Conversation, ConversationStore
from aiproxy_desktop.storage.library import EVERYTHING, LibraryStore, Shelf
from aiproxy_desktop.ui.chat.sidebar.conversation_list import ConversationListModel, ListRow
from aiproxy_desktop.ui.chat.sidebar.listing import Listing, shelf_words

PAGE = 60

# A computer that sleeps stops the clock of a timer: it looks again at least this often, milliseconds.
_LOOK_AGAIN = 3_600_000


class History(QObject):
    """The conversations of one shelf. A change shows at once, and is taken back if storage refuses it."""

    changed = Signal()
    arranged = Signal()  # storage holds another number of conversations somewhere
    failed = Signal(object)  # AIProxyError
    deleted = Signal(str, str)  # id, title
    renamed = Signal(str, str)  # id, title

    def __init__(
        self,
        store: ConversationStore,
        library: LibraryStore,
        scope: TaskScope,
        *,
        today: Callable[[], date] = date.today,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._library = library
        self._scope = scope
        self._today = today
        self._listing = Listing()
        self._generation = 0
        self._reading = False
        self._current: str | None = None
        self._streaming: frozenset[str] = frozenset()
        self._deleted: set[str] = set()
        self._elsewhere = 0  # conversations that are on no list but the archive
        self._account_empty: bool | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._midnight = QTimer(self, singleShot=True)
        self._midnight.timeout.connect(self._day_passed)
        self.model = ConversationListModel(self)
        self.model.more_wanted.connect(self.load_more)
        self.model.rename_requested.connect(self.rename)

    @property
    def account_empty(self) -> bool | None:
        """Whether there is no conversation at all; None until storage has answered."""
        return self._account_empty

    @property
    def empty(self) -> bool:
        """Whether there is nothing on this shelf."""
        return self._listing.empty

    @property
    def reading(self) -> bool:
        """Whether the first page is on its way."""
        return self._reading

    @property
    def shelf(self) -> Shelf:
        """Whose conversations are listed."""
        return self._listing.shelf

    def conversation(self, conversation_id: str | None) -> Conversation | None:
        """What is known of a conversation that was listed or open."""
        return self._listing.known.get(conversation_id or "")

    def title(self, conversation_id: str) -> str:
        """The title of a conversation that was listed or open, else an empty string."""
        item = self.conversation(conversation_id)
        return "" if item is None else item.title

    # Reading

    def load(self) -> None:
        """Read the first page again."""
        self._generation += 1
        self._reading = True
        self._listing.begin_reading()
        self._start(lambda: self._load_first(self._generation), "read")
        self._await_midnight()

    def load_more(self) -> None:
        """Read the next page."""
        if self._listing.end is not None:
            self._start(lambda: self._load_next(self._generation), "read")

    def open_shelf(self, shelf: Shelf) -> None:
        """List other conversations. What is listed now stays until they are read."""
        if shelf != self._listing.shelf:
            self._listing.start(shelf)
            self._refresh()
        self.load()

    def put(self, conversation: Conversation) -> None:
        """A conversation was used or made: it stands first now."""
        self._account_empty = False
        self._listing.put(conversation)
        self._refresh()

    def put_into(self, conversation: Conversation, folder_id: str | None) -> None:
        """As `put`, for one that was begun in a folder."""
        self.put(conversation)
        if folder_id is not None:
            self.move(conversation.id, folder_id)
        self.arranged.emit()

    def set_current(self, conversation: Conversation | None) -> None:
        """The conversation on the page."""
        if conversation is not None:
            self._listing.known.setdefault(conversation.id, conversation)
        current = None if conversation is None else conversation.id
        if current != self._current:
            self._current = current
            self._refresh()

    def set_streaming(self, conversation_ids: frozenset[str]) -> None:
        """The conversations with an answer under way."""
        if conversation_ids != self._streaming:
            self._streaming = conversation_ids
            self._refresh()

    # Changing

    def rename(self, conversation_id: str, title: str) -> None:
        """Give another title."""
        item = self.conversation(conversation_id)
        if item is None or not title or title == item.title:
            return
        self._change(
            item,
            replace(item, title=title, titled_by="person"),
            lambda: self._store.rename(conversation_id, title),
        )

    def titled(self, conversation_id: str, title: str) -> None:
        """Storage holds a title that a model gave."""
        item = self.conversation(conversation_id)
        if item is not None and item.titled_by == "prompt":
            self._show_change(item, replace(item, title=title, titled_by="model"))

    def set_pinned(self, conversation_id: str, *, pinned: bool) -> None:
        """Keep it at the top, or no longer."""
        item = self.conversation(conversation_id)
        if item is not None:
            self._change(
                item,
                replace(item, pinned_at=datetime.now(UTC) if pinned else None),
                lambda: self._library.set_pinned(conversation_id, pinned=pinned),
            )

    def set_archived(self, conversation_id: str, *, archived: bool) -> None:
        """Put it out of sight, or back."""
        item = self.conversation(conversation_id)
        if item is not None and (item.archived_at is not None) != archived:
            self._elsewhere += 1 if archived else -1
            self._change(
                item,
                replace(item, archived_at=datetime.now(UTC) if archived else None),
                lambda: self._library.set_archived(conversation_id, archived=archived),
            )

    def move(self, conversation_id: str, folder_id: str | None) -> None:
        """Put it into a folder, or out of any with None."""
        item = self.conversation(conversation_id)
        if item is not None and item.folder_id != folder_id:
            self._change(
                item,
                replace(item, folder_id=folder_id),
                lambda: self._library.move(conversation_id, folder_id),
            )

    def delete(self, conversation_id: str) -> None:
        """Hide a conversation; `undo_delete` brings it back until `confirm_delete` or `settle`."""
        item = self.conversation(conversation_id)
        if item is None or conversation_id in self._deleted:
            return
        self._deleted.add(item.id)
        self._listing.hide(item.id)
        self._refresh()
        self._write(lambda: self._delete(item))

    def undo_delete(self, conversation_id: str) -> None:
        """Bring a deleted conversation back to where it was."""
        if conversation_id in self._deleted:
            self._deleted.discard(conversation_id)
            self._listing.unhide(conversation_id)
            self._account_empty = False
            self._refresh()
            self._write(lambda: self._restore(conversation_id))

    def confirm_delete(self, conversation_id: str) -> None:
        """The time to bring it back is over: it goes for good. Nothing happens if it was brought back."""
        if conversation_id in self._deleted:
            self._deleted.discard(conversation_id)
            self._write(lambda: self._store.purge(conversation_id))

    async def settle(self) -> None:
        """Finish what is being written and carry out every deletion that was not undone.

        Awaited before the scope is closed, which would cancel what has not begun.
        """
        self._midnight.stop()
        while self._writing:
            await asyncio.wait(set(self._writing))
        for conversation_id in tuple(self._deleted):
            self._deleted.discard(conversation_id)
            try:
                await self._store.delete(conversation_id)
                await self._store.purge(conversation_id)
            except AIProxyError as error:
                self.failed.emit(error)

    # How it goes

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> asyncio.Task[None]:
        return self._scope.attempt(work, self.failed.emit, f"history:{name}")

    def _write(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = self._start(work, "write")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _load_first(self, generation: int) -> None:
        shelf = self._listing.shelf
        pinned = await self._library.pinned(shelf)
        page = await self._library.page(shelf, PAGE)
        counts = await self._library.counts()
        if generation != self._generation:
            return  # another shelf was opened meanwhile
        self._reading = False
        self._listing.start(shelf)
        self._listing.add((*pinned, *page), page[-1] if len(page) == PAGE else None)
        self._elsewhere = counts.archived
        self._account_empty = counts.listed + counts.archived == 0
        self._refresh()

    async def _load_next(self, generation: int) -> None:
        page = await self._library.page(self._listing.shelf, PAGE, self._listing.end)
        if generation == self._generation:
            self._listing.add(page, page[-1] if len(page) == PAGE else None)
            self._refresh()

    def _change(
        self, before: Conversation, after: Conversation, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        async def write() -> None:
            try:
                await work()
            except AIProxyError:
                self._show_change(after, before)
                raise
            self.arranged.emit()

        self._show_change(before, after)
        self._write(write)

    def _show_change(self, before: Conversation, after: Conversation) -> None:
        self._listing.put(after)
        self._refresh()
        if before.title != after.title:
            self.renamed.emit(after.id, after.title)

    async def _delete(self, item: Conversation) -> None:
        try:
            await self._store.delete(item.id)
        except AIProxyError:
            self._deleted.discard(item.id)
            self._listing.unhide(item.id)
            self._refresh()
            raise
        self.deleted.emit(item.id, item.title)
        self.arranged.emit()

    async def _restore(self, conversation_id: str) -> None:
        try:
            await self._store.restore(conversation_id)
        except AIProxyError:
            self._listing.hide(conversation_id)
            self._refresh()
            raise
        self.arranged.emit()

    # Showing it

    def _refresh(self) -> None:
        listing = self._listing
        if listing.shelf == EVERYTHING and not listing.more and self._account_empty is not None:
            self._account_empty = listing.empty and self._elsewhere == 0
        rows: list[ListRow] = []
        for label, items in listing.groups(self._today()):
            rows.append(ListRow(label))
            rows += [
                ListRow(
                    item.title,
                    item.id,
                    item.id == self._current,
                    item.id in self._streaming,
                    shelf_words(item),
                )
                for item in items
            ]
        self.model.show(rows, more=listing.more)
        self.changed.emit()

    def _await_midnight(self) -> None:
        now = datetime.now().astimezone()
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        until = int((midnight - now).total_seconds() * 1000) + 500
        self._midnight.start(min(until, _LOOK_AGAIN))

    def _day_passed(self) -> None:
        self._refresh()
        self._await_midnight()
