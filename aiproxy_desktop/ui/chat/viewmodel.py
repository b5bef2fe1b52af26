"""The chat tab without its widgets: what is shown, what can be done, and doing it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import islice
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.records import (
    Conversation,
    DeletedBranch,
    StoredMessage,
    StoredTurn,
    ThreadPage,
    Totals,
)
from aiproxy_desktop.ui.chat.answers import Answers
from aiproxy_desktop.ui.chat.attaching import Attaching
from aiproxy_desktop.ui.chat.backend import ChatBackend
from aiproxy_desktop.ui.chat.compare.comparing import LEAST, Comparing
from aiproxy_desktop.ui.chat.library import Library
from aiproxy_desktop.ui.chat.model_choice import ModelChoice
from aiproxy_desktop.ui.chat.thread import Thread
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr

_NO_MODEL = "No model is ready. Add a key in Settings, or start Ollama."

# Messages that are read before a conversation is shown: more than any window holds. The rest comes by pages.
END = 60
PAGE = 200


class ChatViewModel(QObject):
    """State and actions of the chat tab.

    Every action returns at once; what it led to comes as a signal. `close` must be awaited at the end.
    """

    thread_shown = Signal()  # another conversation: read `messages`
    branch_shown = Signal(int)  # another branch from this message on: read `messages_from`
    earlier_read = Signal(object)  # tuple of StoredMessage that come before those shown
    message_added = Signal(object)  # StoredMessage
    message_changed = Signal(object)  # StoredMessage
    text_arrived = Signal(str, str, str)  # message id, text, reasoning
    title_changed = Signal()
    answering_changed = Signal()
    draft_changed = Signal()  # the composer must show `draft`
    notice_changed = Signal()
    delete_offered = Signal(str, str)  # id, title: say it and offer to undo
    branch_delete_offered = Signal(object)  # DeletedBranch: say it and offer to undo
    message_wanted = Signal(str, object)  # message id, words (tuple[str, ...]): bring it into view, marked

    def __init__(
        self,
        behind: ChatBackend,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            behind: the services and stores it uses.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._chat = behind.chat
        self._store = behind.store
        self._settings = behind.settings
        self._titles = behind.titles
        self._scope = self.scope = TaskScope("chat", on_unexpected)
        self.library = Library(behind.store, behind.library, behind.search, self._scope, parent=self)
        self.history = self.library.history
        self.answers = Answers(behind.chat, behind.store, self._scope, parent=self)
        self.models = ModelChoice(behind.providers, behind.settings, behind.keys, self._scope, parent=self)
        self.comparing = Comparing(behind.chat, behind.store, self.answers, self._start, parent=self)
        self.attaching = Attaching(behind.attacher, self.models, self._scope, parent=self)
        self._current: Conversation | None = None
        self._thread = Thread()
        # Counts what is put on the page, so that what was read for a former one is not shown.
        self._view = 0
        self._whole = asyncio.Event()  # nothing of the thread is left to read
        self._deleted_branches: set[DeletedBranch] = set()
        self._asking: set[str | None] = set()
        self._drafts: dict[str | None, str] = {}
        self._notice = ""
        self._folder: str | None = None  # where a conversation goes that is begun now
        self._sidebar_width: int | None = None
        self.history.deleted.connect(self._deleted)
        self.history.renamed.connect(self._renamed)
        for part in (self.history, self.library.shelves, self.library.finding):
            part.failed.connect(self._say_error)
        self.models.failed.connect(self._say_error)
        self.answers.arrived.connect(self._arrived)
        self.answers.figures_changed.connect(self._message_changed)
        self.answers.ended.connect(self._message_changed)
        self.answers.ended.connect(self._name)
        self.answers.running_changed.connect(self._running_changed)
        self.comparing.changed.connect(self.answering_changed)
        self.comparing.left.connect(self._left_comparison)

    # Life

    def start(self) -> None:
        """Begin to read the history and to follow the providers."""
        self.library.load()
        self.models.start()

    async def close(self) -> None:
        """Stop every answer, carry out deletions, leave nothing running."""
        self.models.stop()
        self._deleted_branches.clear()  # the next start carries them out
        await self.library.settle()
        await self._scope.close()
        await self.library.close()
        self.answers.quiet()
        if self._sidebar_width is not None:
            try:
                await self._settings.update(sidebar_width=self._sidebar_width)
            except AIProxyError as error:
                self._say_error(error)

    # What is shown

    @property
    def conversation(self) -> Conversation | None:
        """The conversation on the page; None is a new one that nobody has written in yet."""
        return self._current

    @property
    def messages(self) -> tuple[StoredMessage, ...]:
        """Its messages on the current branch, each with all that has come so far.

        Of a long conversation the end comes first, and the rest by `earlier_read`.
        """
        return self.messages_from(0)

    def messages_from(self, index: int) -> tuple[StoredMessage, ...]:
        """Those from an index on."""
        return tuple(self.answers.current(message) for message in islice(self._thread, index, None))

    @property
    def title(self) -> str:
        """Of the conversation on the page."""
        return "" if self._current is None else self.history.title(self._current.id) or self._current.title

    @property
    def totals(self) -> Totals | None:
        """What all answers on the page used; None until that is counted."""
        return self._thread.known_totals

    @property
    def total_tokens(self) -> int | None:
        """Tokens of all answers on the page; None while any of them is not known."""
        totals = self.totals
        return totals.tokens or None if totals is not None and totals.counted == totals.answers else None

    @property
    def answering(self) -> bool:
        """Whether the conversation on the page waits for an answer: Stop stands where Send was."""
        if self.comparing.active:
            return self._key in self._asking or self.comparing.busy
        return self._key in self._asking or (
            self._thread.last is not None and self.answers.runs(self._thread.last.id)
        )

    def is_answering(self, message: StoredMessage) -> bool:
        """Whether a message on the page is an answer that arrives, or the question of such an answer."""
        last = self._thread.last
        if last is None or not self.answers.runs(last.id):
            return False
        return message.id in {last.id, last.parent_id}

    @property
    def draft(self) -> str:
        """What is written and not yet sent, here."""
        return self._drafts.get(self._key, "")

    @property
    def notice(self) -> str:
        """One sentence about what could not be done, or an empty string."""
        return self._notice

    @property
    def first_run(self) -> bool:
        """Whether the account has no conversation yet."""
        return self.history.account_empty is True

    @property
    def sidebar_width(self) -> int:
        """Logical pixels."""
        return self._sidebar_width or self._settings.current.sidebar_width or LAYOUT.sidebar

    # What can be done

    def edit_draft(self, text: str) -> None:
        """The person writes."""
        if text == self.draft:
            return
        self._keep_draft(self._key, text)
        self.say("")

    def new_conversation(self) -> None:
        """Show an empty page. A conversation is made only when something is asked, in the open folder."""
        self._folder = self.library.folder_id
        self._show(None, Thread())

    def open(self, conversation_id: str) -> None:
        """Show a conversation."""
        if self._key != conversation_id:
            self._start(lambda: self._open(conversation_id), "open")

    def open_message(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        """Show a conversation on the branch that holds a message, and this message with the words marked."""
        self._start(lambda: self._open_message(conversation_id, message_id, words), "open")

    def send(self) -> None:
        """Ask what the draft says."""
        prompt, choice = self.draft, self.models.choice
        attached = self.attaching.attachments_of(self._key)
        if not (prompt.strip() or attached) or self.answering or not self.attaching.sendable:
            return
        if self.comparing.active:
            self._send_to_all(prompt)
            return
        if choice is None:
            self.say(_NO_MODEL)
            return
        self.say("")
        key, view = self._key, self._view
        self._set_asking(key, asking=True)
        parent = self._thread.last_id
        self._start(lambda: self._ask(prompt, choice.reference, key, parent, view), "ask")

    def stop(self) -> None:
        """Stop the answer on the page; what came stays."""
        if self.comparing.active:
            self.comparing.stop_all()
        elif self._thread.last is not None:
            self.answers.stop_answer(self._thread.last.id)

    def retry(self, answer_id: str) -> None:
        """Ask for another version of an answer, from the model chosen now."""
        choice = self.models.choice
        self.regenerate(answer_id, None if choice is None else choice.reference)

    def regenerate(self, answer_id: str, model_ref: str | None = None) -> None:
        """Ask for another version of an answer; empty or None is the model that gave it."""
        self._answer_anew(answer_id, lambda: self._chat.retry(answer_id, model_ref or None), "retry")

    def resume(self, answer_id: str) -> None:
        """Have an answer that broke off gone on with, in a version beside it."""
        self._answer_anew(answer_id, lambda: self._chat.resume(answer_id), "resume")

    def edit(self, message_id: str, text: str) -> None:
        """Ask another version of a question, with the files of the old one."""
        choice = self.models.choice
        if choice is None:
            self.say(_NO_MODEL)
        elif text.strip():
            model = choice.reference
            self._answer_anew(message_id, lambda: self._chat.edit(message_id, text, model), "edit")

    def branch(self, message_id: str) -> None:
        """Show a new conversation that begins with everything down to this message."""
        view = self._view
        self._start(lambda: self._branch(message_id, view), "branch")

    def delete_branch(self, message_id: str) -> None:
        """Take a message and what follows it out; `branch_delete_offered` offers to undo it."""
        view = self._view
        self._start(lambda: self._delete_branch(message_id, view), "delete branch")

    def undo_delete_branch(self, branch: DeletedBranch) -> None:
        """Bring back what was deleted, and show it."""
        if branch in self._deleted_branches:
            self._deleted_branches.discard(branch)
            self._start(lambda: self._restore_branch(branch), "restore branch")

    def confirm_delete_branch(self, branch: DeletedBranch) -> None:
        """The time to bring it back is over: it goes for good."""
        if branch in self._deleted_branches:
            self._deleted_branches.discard(branch)
            self._start(lambda: self._chat.purge_branch(branch), "purge branch")

    def show_version(self, message_id: str, step: int) -> None:
        """Show the version before (-1) or after (+1) this message, with what followed it."""
        view = self._view
        self._start(lambda: self._show_version(message_id, step, view), "version")

    def undo_delete(self, conversation_id: str) -> None:
        """Bring a deleted conversation back and show it."""
        self.history.undo_delete(conversation_id)
        self.open(conversation_id)

    def keep_sidebar_width(self, width: int) -> None:
        """Remember it for the next start."""
        self._sidebar_width = width

    def say(self, sentence: str) -> None:
        """Say one sentence above the composer, until the person writes on or goes elsewhere."""
        if sentence != self._notice:
            self._notice = sentence
            self.notice_changed.emit()

    # Doing it

    @property
    def _key(self) -> str | None:
        return None if self._current is None else self._current.id

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        async def guarded() -> None:
            try:
                await work()
            except AIProxyError as error:
                self._say_error(error)

        self._scope.start(guarded(), name)

    async def _open(self, conversation_id: str) -> None:
        former = self._view
        self._view = view = former + 1
        try:
            conversation, end = await self._store.thread_end(conversation_id, END)
        except AIProxyError:
            if view == self._view:
                self._view = former
            raise
        if view == self._view:
            self._show(conversation, Thread(end.messages, end.before_id))
            await self._read_earlier(self._view)

    async def _read_earlier(self, view: int) -> None:
        """The rest of a long conversation, page by page, with room for frames between them."""
        thread = self._thread
        if thread.before_id is None:
            return
        try:
            thread.count_earlier(await self._store.totals(thread.before_id))
            if view == self._view:
                self.title_changed.emit()
            while thread.before_id is not None:
                page = await self._store.thread_before(thread.before_id, PAGE)
                if view != self._view:
                    return
                thread.prepend(page)
                self.earlier_read.emit(page.messages)
                await asyncio.sleep(0.01)
        finally:
            if view == self._view:
                self._whole.set()

    async def _open_message(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        if self._key != conversation_id:
            await self._open(conversation_id)
        view = self._view
        # It may be on the branch that is shown, and not be read yet.
        if message_id not in self._thread:
            await self._whole.wait()
        if self._key == conversation_id and message_id not in self._thread:
            await self._show_again(await self._store.select(message_id), view)
        if self._key == conversation_id:
            self.message_wanted.emit(message_id, words)

    async def _title(self, answer: StoredMessage) -> None:
        title = await self._titles.after(answer)
        if title is not None:
            self.history.titled(answer.conversation_id, title)

    async def _ask(self, prompt: str, model: str, key: str | None, parent: str | None, view: int) -> None:
        try:
            attached = await self.attaching.check(key)
            turn = await self._chat.begin(
                prompt, model, conversation_id=key, parent_id=parent, attachments=attached
            )
            self._take_from_draft(prompt, key)
            self.attaching.take(key, attached)
            self._begun(turn, key)
        finally:
            self._set_asking(key, asking=False)
        if view == self._view:
            self._show_turn(turn)

    def _send_to_all(self, prompt: str) -> None:
        models, ends, key, view = self.comparing.models, self.comparing.ends, self._key, self._view
        if len(models) < LEAST:
            self.say(tr("Add a second model to compare with."))
            return
        self.say("")
        self._set_asking(key, asking=True)
        self._start(lambda: self._ask_all(prompt, models, ends, key, view), "compare")

    async def _ask_all(
        self, prompt: str, models: Sequence[str], ends: Sequence[str], key: str | None, view: int
    ) -> None:
        try:
            turns = await self._chat.compare(prompt, models, key, ends=ends)
            self._take_from_draft(prompt, key)
            for turn in turns:
                self._begun(turn, key)
        finally:
            self._set_asking(key, asking=False)
        if key is None and view == self._view:
            self._keep_draft(turns[0].conversation.id, self._drafts.pop(None, ""))
        await self._show_again(turns[0].conversation, view)

    def _left_comparison(self, conversation: Conversation) -> None:
        view = self._view
        self._start(lambda: self._show_again(conversation, view), "compare")

    def _answer_anew(
        self, message_id: str, begin: Callable[[], Coroutine[Any, Any, StoredTurn]], name: str
    ) -> None:
        key, view = self._key, self._view
        arriving = self.answers.runs(message_id) or any(
            one.id == message_id and self.is_answering(one) for one in self._thread
        )
        if key is not None and key not in self._asking and not arriving:
            self._set_asking(key, asking=True)
            self._start(lambda: self._begin_anew(begin, key, view), name)

    async def _begin_anew(
        self, begin: Callable[[], Coroutine[Any, Any, StoredTurn]], key: str, view: int
    ) -> None:
        try:
            turn = await begin()
            self._begun(turn, key)
        finally:
            self._set_asking(key, asking=False)
        await self._show_again(turn.conversation, view)

    async def _show_again(self, conversation: Conversation, view: int) -> None:
        """Show a conversation as it stands now, unless the person went elsewhere."""
        if conversation.leaf_id is None:
            if view == self._view:
                self._show(conversation, Thread())
            return
        end = await self._store.thread_before(conversation.leaf_id, END)
        # On another branch of the same conversation, what both share stays where it is.
        while (
            conversation.id == self._key and end.before_id is not None and end.before_id not in self._thread
        ):
            page = await self._store.thread_before(end.before_id, PAGE)
            end = ThreadPage((*page.messages, *end.messages), page.before_id)
        if view != self._view:
            return
        changed = self._thread.adopt(end) if conversation.id == self._key else None
        if changed is None:
            self._show(conversation, Thread(end.messages, end.before_id))
            await self._read_earlier(self._view)
            return
        self._current = conversation
        for message in islice(self._thread, changed, None):
            self.answers.catch_up(message.id)
        self.comparing.conversation_shown(conversation)
        self.say("")
        self.branch_shown.emit(changed)
        self._tell_page()

    async def _branch(self, message_id: str, view: int) -> None:
        conversation = await self._chat.branch(message_id)
        self.history.put(conversation)
        await self._show_again(conversation, view)

    async def _delete_branch(self, message_id: str, view: int) -> None:
        last = self._thread.last
        deleted = await self._chat.delete_branch(message_id)
        if last is not None and deleted.leaf_id == last.id:
            self.answers.stop_answer(last.id)
        self._deleted_branches.add(deleted)
        await self._show_again(await self._store.get(deleted.conversation_id), view)
        self.branch_delete_offered.emit(deleted)

    async def _restore_branch(self, branch: DeletedBranch) -> None:
        conversation = await self._chat.restore_branch(branch)
        if conversation.id == self._key:
            await self._show_again(conversation, self._view)

    async def _show_version(self, message_id: str, step: int, view: int) -> None:
        versions = await self._store.siblings(message_id)
        place = next(index for index, version in enumerate(versions) if version.id == message_id) + step
        if 0 <= place < len(versions):
            conversation = await self._store.select(versions[place].id)
            await self._show_again(conversation, view)

    def _begun(self, turn: StoredTurn, key: str | None) -> None:
        self.models.used(key)
        self.answers.start(turn)
        self.history.put_into(turn.conversation, self._folder if key is None else None)

    def _set_asking(self, key: str | None, *, asking: bool) -> None:
        (self._asking.add if asking else self._asking.discard)(key)
        self.answering_changed.emit()

    def _take_from_draft(self, prompt: str, key: str | None) -> None:
        # What was typed while the question was being written down stays.
        self._keep_draft(key, self._drafts.get(key, "").removeprefix(prompt))
        if key == self._key:
            self.draft_changed.emit()

    def _keep_draft(self, key: str | None, text: str) -> None:
        self._drafts[key] = text
        if not text:
            del self._drafts[key]

    def _show_turn(self, turn: StoredTurn) -> None:
        if self._current is None:
            self._keep_draft(turn.conversation.id, self._drafts.pop(None, ""))
            self.attaching.move(None, turn.conversation.id)
        self._current = turn.conversation
        for message in (turn.question, turn.answer):
            self._thread.append(message)
            self.answers.catch_up(message.id)
            self.message_added.emit(self.answers.current(message))
        self._tell_page()

    def _show(self, conversation: Conversation | None, thread: Thread) -> None:
        self._view += 1
        self._current = conversation
        self._thread = thread
        (self._whole.set if thread.before_id is None else self._whole.clear)()
        for message in thread:
            self.answers.catch_up(message.id)
        self.comparing.conversation_shown(conversation)
        self.say("")
        self.thread_shown.emit()
        self.draft_changed.emit()
        self._tell_page()

    def _tell_page(self) -> None:
        self.history.set_current(self._current)
        self.attaching.set_place(self._key)
        self.models.set_conversation(self._current)
        self.title_changed.emit()
        self.answering_changed.emit()

    # What happens elsewhere

    def _arrived(self, message_id: str, text: str, reasoning: str) -> None:
        if message_id in self._thread:
            self.text_arrived.emit(message_id, text, reasoning)

    def _message_changed(self, message: StoredMessage) -> None:
        if self._thread.replace(message):
            self.message_changed.emit(message)
            asked = self._thread.before(message.id)
            if asked is not None and message.status != "streaming":
                self.message_changed.emit(asked)  # it can be edited again
            self.title_changed.emit()

    def _name(self, answer: StoredMessage) -> None:
        if not self._scope.closed:
            self._start(lambda: self._title(answer), "title")

    def _running_changed(self) -> None:
        self.history.set_streaming(self.answers.conversations())
        self.answering_changed.emit()

    def _deleted(self, conversation_id: str, title: str) -> None:
        self.answers.stop(conversation_id)
        if self._key == conversation_id:
            self.new_conversation()
        self.delete_offered.emit(conversation_id, title)

    def _renamed(self, conversation_id: str, _title: str) -> None:
        if self._key == conversation_id:
            self.title_changed.emit()

    def _say_error(self, error: AIProxyError) -> None:
        self.say(str(error))
