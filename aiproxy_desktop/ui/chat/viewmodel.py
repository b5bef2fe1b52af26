"""The chat tab without its widgets: what is shown, what can be done, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.titles import TitleService
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.keys import KeyStore
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.records import Conversation, StoredMessage, StoredTurn
from aiproxy_desktop.storage.search import SearchStore
from aiproxy_desktop.ui.chat.answers import Answers
from aiproxy_desktop.ui.chat.library import Library
from aiproxy_desktop.ui.chat.model_choice import ModelChoice
from aiproxy_desktop.ui.theme.tokens import LAYOUT


class ChatViewModel(QObject):
    """State and actions of the chat tab.

    Every action returns at once; what it led to comes as a signal. `close` must be awaited at the end.
    """

    thread_shown = Signal()  # another conversation, or another branch: read `messages`
    message_added = Signal(object)  # StoredMessage
    message_changed = Signal(object)  # StoredMessage
    text_arrived = Signal(str, str, str)  # message id, text, reasoning
    title_changed = Signal()
    answering_changed = Signal()
    draft_changed = Signal()  # the composer must show `draft`
    notice_changed = Signal()
    delete_offered = Signal(str, str)  # id, title: say it and offer to undo
    message_wanted = Signal(str, object)  # message id, words (tuple[str, ...]): bring it into view, marked

    def __init__(
        self,
        chat: ChatService,
        store: ConversationStore,
        library: LibraryStore,
        search: SearchStore,
        titles: TitleService,
        providers: ProviderService,
        settings: SettingsService,
        keys: KeyStore,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            chat: asks and answers.
            store: the history.
            library: its lists.
            search: looks through it; closed by `close`.
            titles: names new conversations.
            providers: what is detected, and its models.
            settings: where the chosen model is remembered.
            keys: tells what the keyring is called.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._chat = chat
        self._store = store
        self._settings = settings
        self._scope = TaskScope("chat", on_unexpected)
        self._titles = titles
        self.library = Library(store, library, search, self._scope, parent=self)
        self.history = self.library.history
        self.answers = Answers(chat, store, self._scope, parent=self)
        self.models = ModelChoice(providers, settings, keys, self._scope, parent=self)
        self._current: Conversation | None = None
        self._messages: list[StoredMessage] = []
        # Counts what is put on the page, so that what was read for a former one is not shown.
        self._view = 0
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

    # Life

    def start(self) -> None:
        """Begin to read the history and to follow the providers."""
        self.library.load()
        self.models.start()

    async def close(self) -> None:
        """Stop every answer, carry out deletions, leave nothing running."""
        self.models.stop()
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
        """Its messages on the current branch, each with all that has come so far."""
        return tuple(self.answers.current(message) for message in self._messages)

    @property
    def title(self) -> str:
        """Of the conversation on the page."""
        return "" if self._current is None else self.history.title(self._current.id) or self._current.title

    @property
    def total_tokens(self) -> int | None:
        """Tokens of all answers on the page; None while any of them is not known."""
        total = 0
        for message in self._messages:
            if message.role != "assistant" or message.status == "failed":
                continue
            usage = message.usage
            if usage is None or usage.input_tokens is None or usage.output_tokens is None:
                return None
            total += usage.input_tokens + usage.output_tokens
        return total or None

    @property
    def answering(self) -> bool:
        """Whether the conversation on the page waits for an answer: Stop stands where Send was."""
        return self._key in self._asking or (
            self._key is not None and self._key in self.answers.conversations()
        )

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
        self._show(None, [])

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
        if not prompt.strip() or self.answering:
            return
        if choice is None:
            self.say("No model is ready. Add a key in Settings, or start Ollama.")
            return
        self.say("")
        key, view = self._key, self._view
        self._set_asking(key, asking=True)
        parent = self._messages[-1].id if self._messages else None
        self._start(lambda: self._ask(prompt, choice.reference, key, parent, view), "ask")

    def stop(self) -> None:
        """Stop the answer on the page; what came stays."""
        if self._key is not None:
            self.answers.stop(self._key)

    def retry(self, answer_id: str) -> None:
        """Ask for another version of an answer, from the model chosen now."""
        key, view, choice = self._key, self._view, self.models.choice
        if key is not None and not self.answering:
            model = None if choice is None else choice.reference
            self._set_asking(key, asking=True)
            self._start(lambda: self._retry(answer_id, model, key, view), "retry")

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

    async def _open(self, conversation_id: str, message_id: str | None = None) -> None:
        former = self._view
        self._view = view = former + 1
        try:
            conversation = await self._store.get(conversation_id)
            thread = await self._store.thread(conversation_id)
            if message_id is not None and all(message.id != message_id for message in thread):
                conversation = await self._store.select(message_id)  # it is on another branch
                thread = await self._store.thread(conversation_id)
        except AIProxyError:
            if view == self._view:
                self._view = former
            raise
        if view == self._view:
            self._show(conversation, list(thread))

    async def _open_message(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        if self._key != conversation_id or all(shown.id != message_id for shown in self._messages):
            await self._open(conversation_id, message_id)
        if self._key == conversation_id:
            self.message_wanted.emit(message_id, words)

    async def _title(self, answer: StoredMessage) -> None:
        title = await self._titles.after(answer)
        if title is not None:
            self.history.titled(answer.conversation_id, title)

    async def _ask(self, prompt: str, model: str, key: str | None, parent: str | None, view: int) -> None:
        try:
            turn = await self._chat.begin(prompt, model, conversation_id=key, parent_id=parent)
            self._take_from_draft(prompt, key)
            self._begun(turn, key)
        finally:
            self._set_asking(key, asking=False)
        if view == self._view:
            self._show_turn(turn)

    async def _retry(self, answer_id: str, model: str | None, key: str, view: int) -> None:
        try:
            turn = await self._chat.retry(answer_id, model)
            self._begun(turn, key)
        finally:
            self._set_asking(key, asking=False)
        thread = await self._store.thread(key)
        if view == self._view:
            self._show(turn.conversation, list(thread))

    async def _show_version(self, message_id: str, step: int, view: int) -> None:
        versions = await self._store.siblings(message_id)
        place = next(index for index, version in enumerate(versions) if version.id == message_id) + step
        if 0 <= place < len(versions):
            conversation = await self._store.select(versions[place].id)
            thread = await self._store.thread(conversation.id)
            if view == self._view:
                self._show(conversation, list(thread))

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
        self._current = turn.conversation
        for message in (turn.question, turn.answer):
            self._messages.append(message)
            self.answers.catch_up(message.id)
            self.message_added.emit(self.answers.current(message))
        self._tell_page()

    def _show(self, conversation: Conversation | None, messages: list[StoredMessage]) -> None:
        self._view += 1
        self._current = conversation
        self._messages = messages
        for message in messages:
            self.answers.catch_up(message.id)
        self.say("")
        self.thread_shown.emit()
        self.draft_changed.emit()
        self._tell_page()

    def _tell_page(self) -> None:
        self.history.set_current(self._current)
        self.models.set_conversation(self._current)
        self.title_changed.emit()
        self.answering_changed.emit()

    # What happens elsewhere

    def _arrived(self, message_id: str, text: str, reasoning: str) -> None:
        if any(shown.id == message_id for shown in self._messages):
            self.text_arrived.emit(message_id, text, reasoning)

    def _message_changed(self, message: StoredMessage) -> None:
        for place, shown in enumerate(self._messages):
            if shown.id == message.id:
                self._messages[place] = message
                self.message_changed.emit(message)
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
