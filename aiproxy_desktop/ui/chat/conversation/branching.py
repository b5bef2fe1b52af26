"""What can be done with the messages of a conversation: none of it overwrites anything."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.task_scope import Start
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.records import Conversation, DeletedBranch, StoredTurn
from aiproxy_desktop.ui.chat.conversation.answers import Answers
from aiproxy_desktop.ui.chat.conversation.asking import Asking
from aiproxy_desktop.ui.chat.conversation.shown_thread import ShownThread


class Branching(QObject):
    """Edits, other answers, branches and deletions, on the page. Every action returns at once.

    Signals:
        begun(StoredTurn, str): a turn to run, and its conversation.
        made(Conversation): a new one, which is a copy of a branch.
        deleted(DeletedBranch): say it and offer to undo it.
    """

    begun = Signal(object, str)
    made = Signal(object)
    deleted = Signal(object)

    def __init__(
        self,
        chat: ChatService,
        store: ConversationStore,
        answers: Answers,
        shown: ShownThread,
        asking: Asking,
        start: Start,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._chat = chat
        self._store = store
        self._answers = answers
        self._shown = shown
        self._start = start
        self._asking = asking
        self._undoable: set[DeletedBranch] = set()

    # What can be done

    def regenerate(self, answer_id: str, model: str | None = None) -> None:
        """Ask for another version of an answer; None is the model that gave it."""
        self._answer_anew(answer_id, lambda: self._chat.retry(answer_id, model), "retry")

    def resume(self, answer_id: str) -> None:
        """Have an answer that broke off gone on with, in a version beside it."""
        self._answer_anew(answer_id, lambda: self._chat.resume(answer_id), "resume")

    def edit(self, message_id: str, text: str, model: str) -> None:
        """Ask another version of a question, with the files of the old one."""
        self._answer_anew(message_id, lambda: self._chat.edit(message_id, text, model), "edit")

    def branch(self, message_id: str) -> None:
        """Show a new conversation that begins with everything down to this message."""
        view = self._shown.view
        self._start(lambda: self._branch(message_id, view), "branch")

    def delete(self, message_id: str) -> None:
        """Take a message and what follows it out; `deleted` offers to undo it."""
        view = self._shown.view
        self._start(lambda: self._delete(message_id, view), "delete branch")

    def undo_delete(self, branch: DeletedBranch) -> None:
        """Bring back what was deleted, and show it."""
        if branch in self._undoable:
            self._undoable.discard(branch)
            self._start(lambda: self._restore(branch), "restore branch")

    def confirm_delete(self, branch: DeletedBranch) -> None:
        """The time to bring it back is over: it goes for good."""
        if branch in self._undoable:
            self._undoable.discard(branch)
            self._start(lambda: self._chat.purge_branch(branch), "purge branch")

    def forget(self) -> None:
        """Nothing can be undone any more; the next start carries the deletions out."""
        self._undoable.clear()

    def show_version(self, message_id: str, step: int) -> None:
        """Show the version before (-1) or after (+1) a message, with what followed it."""
        view = self._shown.view
        self._start(lambda: self._show_version(message_id, step, view), "version")

    # Doing it

    def _answer_anew(
        self, message_id: str, begin: Callable[[], Coroutine[Any, Any, StoredTurn]], name: str
    ) -> None:
        key, view = self._shown.key, self._shown.view
        message = self._shown.branch.get(message_id)
        arriving = self._answers.runs(message_id) or (
            message is not None and self._shown.is_answering(message)
        )
        if key is not None and key not in self._asking and not arriving:
            self._asking.begin(key)
            self._start(lambda: self._begin(begin, key, view), name)

    async def _begin(self, begin: Callable[[], Coroutine[Any, Any, StoredTurn]], key: str, view: int) -> None:
        try:
            turn = await begin()
            self.begun.emit(turn, key)
        finally:
            self._asking.end(key)
        await self._shown.show_again(turn.conversation, view)

    async def _branch(self, message_id: str, view: int) -> None:
        conversation: Conversation = await self._chat.branch(message_id)
        self.made.emit(conversation)
        await self._shown.show_again(conversation, view)

    async def _delete(self, message_id: str, view: int) -> None:
        last = self._shown.branch.last
        branch = await self._chat.delete_branch(message_id)
        if last is not None and branch.leaf_id == last.id:
            self._answers.stop_answer(last.id)
        self._undoable.add(branch)
        await self._shown.show_again(await self._store.get(branch.conversation_id), view)
        self.deleted.emit(branch)

    async def _restore(self, branch: DeletedBranch) -> None:
        conversation = await self._chat.restore_branch(branch)
        if conversation.id == self._shown.key:
            await self._shown.show_again(conversation, self._shown.view)

    async def _show_version(self, message_id: str, step: int, view: int) -> None:
        versions = await self._store.siblings(message_id)
        place = next(index for index, version in enumerate(versions) if version.id == message_id) + step
        if 0 <= place < len(versions):
            await self._shown.show_again(await self._store.select(versions[place].id), view)
