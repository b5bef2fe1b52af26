"""What the sidebar shows: conversations by date, found by title, renamed, deleted and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.conversations import Conversation, ConversationStore
from aiproxy_desktop.ui.chat.conversation_list import ConversationListModel, ListRow
from aiproxy_desktop.ui.chat.date_groups import group_by_date

PAGE = 60


class History(QObject):
    """The conversation list of one account, page by page."""

    changed = Signal()
    failed = Signal(object)  # AIProxyError
    deleted = Signal(str, str)  # id, title
    renamed = Signal(str, str)  # id, title

    def __init__(
        self,
        store: ConversationStore,
        scope: TaskScope,
        *,
        today: Callable[[], date] = date.today,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._scope = scope
        self._today = today
        self._items: list[Conversation] = []
        self._more = False
        self._query = ""
        self._generation = 0
        self._current: str | None = None
        self._streaming: frozenset[str] = frozenset()
        self._deleted: dict[str, Conversation] = {}
        self._account_empty: bool | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self.model = ConversationListModel(self)
        self.model.more_wanted.connect(self.load_more)
        self.model.rename_requested.connect(self.rename)

    @property
    def account_empty(self) -> bool | None:
        """Whether there is no conversation at all; None until storage has answered."""
        return self._account_empty

    @property
    def query(self) -> str:
        """What titles are searched for."""
        return self._query

    @property
    def nothing_found(self) -> bool:
        """Whether a search is on and finds nothing."""
        return bool(self._query) and not self._items

    def title(self, conversation_id: str) -> str:
        """The title of a conversation that is listed, else an empty string."""
        return next((item.title for item in self._items if item.id == conversation_id), "")

    def load(self) -> None:
        """Read the first page again."""
        self._generation += 1
        self._read(None)

    def load_more(self) -> None:
        """Read the next page."""
        if self._items:
            self._read(self._items[-1])

    def search(self, text: str) -> None:
        """Show only titles that contain this; all of them when it is blank."""
        query = text.strip()
        if query != self._query:
            self._query = query
            self.load()

    def put(self, conversation: Conversation) -> None:
        """A conversation was used or made: it stands first now."""
        self._account_empty = False
        self._drop(conversation.id)
        if self._fits(conversation) and not self._comes_later(conversation):
            self._items.append(conversation)
            self._items.sort(key=_place, reverse=True)
        self._refresh()

    def set_current(self, conversation_id: str | None) -> None:
        """The conversation on the page."""
        if conversation_id != self._current:
            self._current = conversation_id
            self._refresh()

    def set_streaming(self, conversation_ids: frozenset[str]) -> None:
        """The conversations with an answer under way."""
        if conversation_ids != self._streaming:
            self._streaming = conversation_ids
            self._refresh()

    def rename(self, conversation_id: str, title: str) -> None:
        """Give another title; it shows at once, and the old one again if storage refuses."""
        former = self.title(conversation_id)
        if former and title and title != former:
            self._retitle(conversation_id, title)
            self._write(lambda: self._rename(conversation_id, title, former))

    def delete(self, conversation_id: str) -> None:
        """Hide a conversation; `undo_delete` brings it back until `confirm_delete` or `settle`."""
        item = next((item for item in self._items if item.id == conversation_id), None)
        if item is None:
            return
        self._deleted[item.id] = item
        self._drop(item.id)
        self._refresh()
        self._write(lambda: self._delete(item))

    def undo_delete(self, conversation_id: str) -> None:
        """Bring a deleted conversation back to where it was."""
        item = self._deleted.pop(conversation_id, None)
        if item is not None:
            self.put(item)
            self._write(lambda: self._restore(item))

    def confirm_delete(self, conversation_id: str) -> None:
        """The time to bring it back is over: it goes for good. Nothing happens if it was brought back."""
        if self._deleted.pop(conversation_id, None) is not None:
            self._write(lambda: self._store.purge(conversation_id))

    async def settle(self) -> None:
        """Finish what is being written and carry out every deletion that was not undone.

        Awaited before the scope is closed, which would cancel what has not begun.
        """
        while self._writing:
            await asyncio.wait(set(self._writing))
        for conversation_id in tuple(self._deleted):
            del self._deleted[conversation_id]
            try:
                await self._store.delete(conversation_id)
                await self._store.purge(conversation_id)
            except AIProxyError as error:
                self.failed.emit(error)

    def _read(self, before: Conversation | None) -> None:
        self._scope.start(self._guarded(lambda: self._load(before, self._generation)), "history:read")

    def _write(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = self._scope.start(self._guarded(work), "history:write")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        # Made here, not by the caller: a task cancelled before its first step would never await it.
        try:
            await work()
        except AIProxyError as error:
            self.failed.emit(error)

    async def _load(self, before: Conversation | None, generation: int) -> None:
        page = await self._store.page(PAGE, before, self._query)
        if generation != self._generation:
            return  # another search began meanwhile
        if before is None:
            self._items = []
        known = {item.id for item in self._items} | self._deleted.keys()
        self._items += [item for item in page if item.id not in known]
        self._more = len(page) == PAGE
        if not self._query:
            self._account_empty = not self._items
        self._refresh()

    async def _rename(self, conversation_id: str, title: str, former: str) -> None:
        try:
            await self._store.rename(conversation_id, title)
        except AIProxyError:
            self._retitle(conversation_id, former)
            raise

    async def _delete(self, item: Conversation) -> None:
        try:
            await self._store.delete(item.id)
        except AIProxyError:
            self._deleted.pop(item.id, None)
            self.put(item)
            raise
        self.deleted.emit(item.id, item.title)

    async def _restore(self, item: Conversation) -> None:
        try:
            await self._store.restore(item.id)
        except AIProxyError:
            self._drop(item.id)
            self._refresh()
            raise

    def _retitle(self, conversation_id: str, title: str) -> None:
        self._items = [
            replace(item, title=title) if item.id == conversation_id else item for item in self._items
        ]
        self._refresh()
        self.renamed.emit(conversation_id, title)

    def _drop(self, conversation_id: str) -> None:
        self._items = [item for item in self._items if item.id != conversation_id]

    def _comes_later(self, item: Conversation) -> bool:
        """Whether it belongs to a page that was not read yet, and will come with it."""
        return self._more and bool(self._items) and _place(item) < _place(self._items[-1])

    def _fits(self, item: Conversation) -> bool:
        return self._query.casefold() in item.title.casefold()

    def _refresh(self) -> None:
        if not self._query and not self._more and self._account_empty is not None:
            self._account_empty = not self._items
        rows: list[ListRow] = []
        for label, items in group_by_date(self._items, _local_day, self._today()):
            rows.append(ListRow(label))
            rows += [
                ListRow(item.title, item.id, item.id == self._current, item.id in self._streaming)
                for item in items
            ]
        self.model.show(rows, more=self._more)
        self.changed.emit()


def _place(item: Conversation) -> tuple[datetime, str]:
    return item.updated_at, item.id


def _local_day(item: Conversation) -> date:
    return item.updated_at.astimezone().date()
