"""The conversation on the page: its thread, the end first, and what changes in it."""

from __future__ import annotations

import asyncio
from itertools import islice

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.records import Conversation, StoredMessage, StoredTurn, ThreadPage
from aiproxy_desktop.ui.chat.conversation.answers import Answers
from aiproxy_desktop.ui.chat.conversation.thread import Thread

# Messages that are read before a conversation is shown: more than any window holds. The rest comes by pages.
END = 60
PAGE = 200


class ShownThread(QObject):
    """The branch that is shown, of `conversation`, or of a new one where that is None.

    What is read for a page that was left meanwhile is never shown: `view` counts what is put on the page.

    Signals:
        leaving(Conversation | None): another one, or the same anew, is about to be on the page.
        replaced(): another conversation is: read `messages`.
        branched(int): another branch is, from this message on: read `messages_from`.
        earlier_read(tuple[StoredMessage, ...]): what comes before those shown.
        added(StoredMessage): one more at the end.
        changed(StoredMessage): the same message, in another state.
        arrived(str, str, str): message id, text, reasoning.
        totals_changed(): what the answers used.
    """

    leaving = Signal(object)
    replaced = Signal()
    branched = Signal(int)
    earlier_read = Signal(object)
    added = Signal(object)
    changed = Signal(object)
    arrived = Signal(str, str, str)
    totals_changed = Signal()

    def __init__(self, store: ConversationStore, answers: Answers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._answers = answers
        self._whole = asyncio.Event()  # nothing of the thread is left to read
        self.conversation: Conversation | None = None
        self.branch = Thread()
        self.view = 0
        answers.arrived.connect(self._arrived)
        answers.figures_changed.connect(self._message_changed)
        answers.ended.connect(self._message_changed)

    @property
    def key(self) -> str | None:
        """The conversation's id; None while it is a new one."""
        return None if self.conversation is None else self.conversation.id

    def messages_from(self, index: int) -> tuple[StoredMessage, ...]:
        """Those from an index on, each with all that has come so far."""
        return tuple(self._answers.current(message) for message in islice(self.branch, index, None))

    def is_answering(self, message: StoredMessage) -> bool:
        """Whether a message is an answer that arrives, or the question of such an answer."""
        last = self.branch.last
        if last is None or not self._answers.runs(last.id):
            return False
        return message.id in {last.id, last.parent_id}

    # Showing

    def show(self, conversation: Conversation | None, thread: Thread) -> None:
        """Put a thread on the page."""
        self.leaving.emit(conversation)
        self.view += 1
        self.conversation, self.branch = conversation, thread
        (self._whole.set if thread.before_id is None else self._whole.clear)()
        for message in thread:
            self._answers.catch_up(message.id)
        self.replaced.emit()

    async def open(self, conversation_id: str) -> None:
        """Read a conversation's end and show it, then read the rest.

        Raises:
            StorageError: it cannot be read; the page is as it was.
        """
        former = self.view
        self.view = view = former + 1
        try:
            conversation, end = await self._store.thread_end(conversation_id, END)
        except AIProxyError:
            if view == self.view:
                self.view = former
            raise
        if view == self.view:
            self.show(conversation, Thread(end.messages, end.before_id))
            await self._read_earlier()

    async def show_again(self, conversation: Conversation, view: int) -> None:
        """Show a conversation as it stands now, unless the person went elsewhere since `view`.

        On another branch of the same conversation, what both share stays where it is.

        Raises:
            StorageError: it cannot be read; the page is as it was.
        """
        end = ThreadPage((), None)
        if conversation.leaf_id is not None:
            end = await self._store.thread_before(conversation.leaf_id, END)
            while (
                conversation.id == self.key and end.before_id is not None and end.before_id not in self.branch
            ):
                page = await self._store.thread_before(end.before_id, PAGE)
                end = ThreadPage((*page.messages, *end.messages), page.before_id)
        if view != self.view:
            return
        changed = self.branch.adopt(end) if conversation.id == self.key else None
        if changed is None:
            self.show(conversation, Thread(end.messages, end.before_id))
            await self._read_earlier()
            return
        self.leaving.emit(conversation)
        self.conversation = conversation
        for message in islice(self.branch, changed, None):
            self._answers.catch_up(message.id)
        self.branched.emit(changed)

    def add_turn(self, turn: StoredTurn) -> None:
        """A question was asked at the end."""
        self.conversation = turn.conversation
        for message in (turn.question, turn.answer):
            self.branch.append(message)
        for message in (turn.question, turn.answer):  # what can be done with one depends on the other
            self._answers.catch_up(message.id)
            self.added.emit(self._answers.current(message))

    async def all_read(self) -> None:
        """Wait until nothing of the thread is left to read."""
        await self._whole.wait()

    async def _read_earlier(self) -> None:
        """The rest of a long conversation, page by page, with room for frames between them."""
        thread, view = self.branch, self.view
        if thread.before_id is None:
            return
        try:
            thread.count_earlier(await self._store.totals(thread.before_id))
            if view == self.view:
                self.totals_changed.emit()
            while thread.before_id is not None:
                page = await self._store.thread_before(thread.before_id, PAGE)
                if view != self.view:
                    return
                thread.prepend(page)
                self.earlier_read.emit(page.messages)
                await asyncio.sleep(0.01)
        finally:
            if view == self.view:
                self._whole.set()

    # What happens to its messages

    def _arrived(self, message_id: str, text: str, reasoning: str) -> None:
        if message_id in self.branch:
            self.arrived.emit(message_id, text, reasoning)

    def _message_changed(self, message: StoredMessage) -> None:
        if not self.branch.replace(message):
            return
        self.changed.emit(message)
        asked = self.branch.before(message.id)
        if asked is not None and message.status != "streaming":
            self.changed.emit(asked)  # it can be edited again
        self.totals_changed.emit()
