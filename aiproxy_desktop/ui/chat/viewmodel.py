"""The chat tab without its widgets: what is shown, what can be done, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.records import Attachment, Conversation, StoredMessage, StoredTurn, Totals
from aiproxy_desktop.ui.chat.attachments.viewmodel import Attaching
from aiproxy_desktop.ui.chat.backend import ChatBackend
from aiproxy_desktop.ui.chat.compare.comparing import LEAST, Comparing
from aiproxy_desktop.ui.chat.conversation.answers import Answers
from aiproxy_desktop.ui.chat.conversation.asking import Asking
from aiproxy_desktop.ui.chat.conversation.branching import Branching
from aiproxy_desktop.ui.chat.conversation.jumping import brought_up
from aiproxy_desktop.ui.chat.conversation.shown_thread import ShownThread
from aiproxy_desktop.ui.chat.conversation.thread import Thread
from aiproxy_desktop.ui.chat.conversation.zoom import stepped
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.sidebar.library import Library
from aiproxy_desktop.ui.chat.writing.drafts import NEW_CHAT
from aiproxy_desktop.ui.chat.writing.viewmodel import WritingModel
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr


class ChatViewModel(QObject):
    """State and actions of the chat tab, over parts that each hold one thing.

    `library` is the sidebar, `shown` the conversation on the page, `branching` what can be done with its
    messages, `writing` and `attaching` what is not sent yet, `comparing` the columns, `models` who answers,
    `answers` what arrives. Every action returns at once; what it led to comes as a signal. `close` must be
    awaited at the end.
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
    zoom_changed = Signal(int)  # percent
    file_saved = Signal(str)  # its name
    delete_offered = Signal(str, str)  # id, title: say it and offer to undo
    branch_delete_offered = Signal(object)  # DeletedBranch: say it and offer to undo
    image_wanted = Signal(object)  # Attachment: show it in the image studio
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
        chat, store = behind.chat, behind.store
        self._chat = chat
        self._store = store
        self._settings = behind.settings
        self._titles = behind.titles
        self._notice = ""
        self._folder: str | None = None  # where a conversation goes that is begun now
        self._sidebar_width: int | None = None
        self.scope = TaskScope("chat", on_unexpected)
        self.library = Library(store, behind.library, behind.search, self.scope, parent=self)
        self.history = self.library.history
        self.answers = Answers(chat, store, self.scope, parent=self)
        self.models = ModelChoice(behind.providers, behind.settings, behind.keys, self.scope, parent=self)
        self.shown = ShownThread(store, self.answers, parent=self)
        self._asking = Asking(parent=self)
        self.branching = Branching(
            chat, store, self.answers, self.shown, self._asking, self._start, parent=self
        )
        self.comparing = Comparing(chat, store, self.answers, self._start, parent=self)
        self.attaching = Attaching(
            behind.attacher,
            self.models,
            self.scope,
            lambda: self.comparing.models if self.comparing.active else (),
            parent=self,
        )
        self.writing = WritingModel(
            store,
            self.models,
            behind.settings,
            behind.drafts,
            behind.presets,
            lambda: self.shown.branch,
            self.scope,
            parent=self,
        )
        self._follow_parts()

    def _follow_parts(self) -> None:
        self.shown.leaving.connect(self.writing.show)
        self.shown.replaced.connect(self._replaced)
        self.shown.branched.connect(self._branched)
        self.shown.earlier_read.connect(self.earlier_read)
        self.shown.added.connect(self.message_added)
        self.shown.changed.connect(self.message_changed)
        self.shown.arrived.connect(self.text_arrived)
        self.shown.totals_changed.connect(self.title_changed)
        self.branching.begun.connect(self._begun)
        self.branching.made.connect(self.history.put)
        self.branching.deleted.connect(self.branch_delete_offered)
        self.history.deleted.connect(self._deleted)
        self.history.renamed.connect(self._renamed)
        for part in (self.history, self.library.shelves, self.library.finding, self.models, self.writing):
            part.failed.connect(self._say_error)
        self.writing.draft_changed.connect(self.draft_changed)
        self.writing.drafts.restored.connect(self._restore_attachments)
        self.attaching.changed.connect(self._keep_attachments)
        self.answers.ended.connect(self._name)
        self.answers.running_changed.connect(self._running_changed)
        self._asking.changed.connect(self.answering_changed)
        self.comparing.changed.connect(self.answering_changed)
        self.comparing.changed.connect(self.attaching.advice_changed)
        self.comparing.left.connect(self._left_comparison)
        self.comparing.kept.connect(lambda model: self.models.pick(model, remember=False))

    # Life

    def start(self) -> None:
        """Begin to read the history and to follow the providers."""
        self.library.load()
        self.models.start()
        self.writing.start()

    async def close(self) -> None:
        """Stop every answer, carry out deletions, leave nothing running."""
        self.models.stop()
        self.branching.forget()
        await self.writing.close()
        await self.library.settle()
        await self.scope.close()
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
        return self.shown.conversation

    @property
    def messages(self) -> tuple[StoredMessage, ...]:
        """Its messages on the current branch, each with all that has come so far.

        Of a long conversation the end comes first, and the rest by `earlier_read`.
        """
        return self.shown.messages_from(0)

    def messages_from(self, index: int) -> tuple[StoredMessage, ...]:
        """Those from an index on."""
        return self.shown.messages_from(index)

    @property
    def title(self) -> str:
        """Of the conversation on the page."""
        current = self.conversation
        return "" if current is None else self.history.title(current.id) or current.title

    @property
    def totals(self) -> Totals | None:
        """What all answers on the page used; None until that is counted."""
        return self.shown.branch.known_totals

    @property
    def answering(self) -> bool:
        """Whether the conversation on the page waits for an answer: Stop stands where Send was."""
        if self.shown.key in self._asking:
            return True
        if self.comparing.active:
            return self.comparing.busy
        last = self.shown.branch.last
        return last is not None and self.answers.runs(last.id)

    def is_answering(self, message: StoredMessage) -> bool:
        """Whether a message on the page is an answer that arrives, or the question of such an answer."""
        return self.shown.is_answering(message)

    @property
    def draft(self) -> str:
        """What is written and not yet sent, here."""
        return self.writing.draft

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

    @property
    def zoom(self) -> int:
        """Of the text that is read, percent."""
        return self._settings.current.zoom

    # What can be done

    def edit_draft(self, text: str) -> None:
        """The person writes."""
        if self.writing.edit(text):
            self.say("")

    def new_conversation(self) -> None:
        """Show an empty page. A conversation is made only when something is asked, in the open folder."""
        self._folder = self.library.folder_id
        self.shown.show(None, Thread())

    def begin_with(self, reference: str) -> None:
        """Show an empty page whose questions go to this model; the default stays what it is."""
        self.new_conversation()
        self.models.pick(reference, remember=False)

    def begin_comparing(self, reference: str) -> None:
        """Show an empty page whose questions go to this model and the one in use."""
        self.new_conversation()
        choice = self.models.choice
        self.comparing.enter(None if choice is None else choice.reference)
        self.comparing.add_model(reference)

    def open(self, conversation_id: str) -> None:
        """Show a conversation."""
        if self.shown.key != conversation_id:
            self._start(lambda: self._open(conversation_id), "open")

    def open_message(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        """Show a conversation on the branch that holds a message, and this message with the words marked."""
        self._start(lambda: self._open_message(conversation_id, message_id, words), "open")

    def send(self) -> None:
        """Ask what the draft says, of the model chosen or of all that are compared."""
        prompt, key = self.writing.taken(), self.shown.key
        attached = self.attaching.attachments_of(key)
        if not (prompt.strip() or attached) or self.answering or not self.attaching.sendable:
            return
        choice, parent, view = self.models.choice, self.shown.branch.last_id, self.shown.view
        if self.comparing.active and len(self.comparing.models) < LEAST:
            self.say(tr("Add a second model to compare with."))
        elif self.comparing.active:
            models, ends = self.comparing.models, self.comparing.ends
            self._send(key, lambda: self._ask_all(prompt, models, ends, key, parent, view))
        elif choice is None:
            self._say_no_model()
        else:
            model = choice.reference
            self._send(key, lambda: self._ask(prompt, model, key, parent, view))

    def stop(self) -> None:
        """Stop the answer on the page; what came stays."""
        last = self.shown.branch.last
        if self.comparing.active:
            self.comparing.stop_all()
        elif last is not None:
            self.answers.stop_answer(last.id)

    def retry(self, answer_id: str) -> None:
        """Ask for another version of an answer, or the first one to a question, of the model chosen now."""
        choice, message = self.models.choice, self.shown.branch.get(answer_id)
        if choice is None and message is not None and message.role == "user":
            self._say_no_model()
            return
        self.branching.regenerate(answer_id, None if choice is None else choice.reference)

    def edit(self, message_id: str, text: str) -> None:
        """Ask another version of a question, of the model chosen now."""
        choice = self.models.choice
        if choice is None:
            self._say_no_model()
        elif text.strip():
            self.branching.edit(message_id, text, choice.reference)

    def undo_delete(self, conversation_id: str) -> None:
        """Bring a deleted conversation back and show it."""
        self.history.undo_delete(conversation_id)
        self.open(conversation_id)

    def keep_sidebar_width(self, width: int) -> None:
        """Remember it for the next start."""
        self._sidebar_width = width

    def step_zoom(self, direction: int) -> None:
        """Larger (1), smaller (-1), or as it is at first (0)."""
        self._start(lambda: self._set_zoom(direction), "zoom")

    def save_text(self, path: Path, text: str) -> None:
        """Write a text where the person said."""
        self._start(lambda: self._save_text(path, text), "save")

    def say(self, sentence: str) -> None:
        """Say one sentence above the composer, until the person writes on or goes elsewhere."""
        if sentence != self._notice:
            self._notice = sentence
            self.notice_changed.emit()

    # Doing it

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self.scope.attempt(work, self._say_error, name)

    def _send(self, key: str | None, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.say("")
        self._asking.begin(key)
        self._start(work, "ask")

    async def _set_zoom(self, direction: int) -> None:
        zoom = stepped(self.zoom, direction)
        if zoom != self.zoom:
            writing = self._settings.update(zoom=zoom)
            self.zoom_changed.emit(zoom)
            await writing

    async def _save_text(self, path: Path, text: str) -> None:
        from aiproxy_desktop.storage.named_files import write_named

        await on_thread(lambda: write_named(path, text.encode("utf-8", "replace")), "save")
        self.file_saved.emit(path.name)

    async def _open(self, conversation_id: str) -> None:
        await self.writing.drafts.load(conversation_id)
        await self.shown.open(conversation_id)

    async def _open_message(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        place = (conversation_id, message_id)
        if await brought_up(*place, self.shown, self.comparing, self._store, self._open):
            self.message_wanted.emit(message_id, words)

    async def _ask(self, prompt: str, model: str, key: str | None, parent: str | None, view: int) -> None:
        try:
            attached = await self.attaching.check(key)
            turn = await self._chat.begin(
                prompt,
                model,
                conversation_id=key,
                parent_id=parent,
                attachments=attached,
                options=self.writing.options_for(key),
                folder_id=self._folder if key is None else None,
            )
            self._sent(prompt, attached, key, turn)
            self._begun(turn, key)
        finally:
            self._asking.end(key)
        if view == self.shown.view:
            self._adopt(turn.conversation)
            self.shown.add_turn(turn)
            self._tell_page()

    async def _ask_all(
        self,
        prompt: str,
        models: Sequence[str],
        ends: Sequence[str],
        key: str | None,
        parent: str | None,
        view: int,
    ) -> None:
        try:
            attached = await self.attaching.check(key)
            turns = await self._chat.compare(
                prompt,
                models,
                key,
                parent,
                ends=ends,
                attachments=attached,
                options=self.writing.options_for(key),
                folder_id=self._folder if key is None else None,
            )
            self._sent(prompt, attached, key, turns[0])
            for turn in turns:
                self._begun(turn, key)
        finally:
            self._asking.end(key)
        if view == self.shown.view:
            self._adopt(turns[0].conversation)
        await self.shown.show_again(turns[0].conversation, view)

    def _sent(self, prompt: str, attached: Sequence[Attachment], key: str | None, turn: StoredTurn) -> None:
        # What was typed and attached while the question was being written down stays.
        self.writing.sent(prompt, key, turn.conversation)
        self.attaching.take(key, attached)

    def _adopt(self, conversation: Conversation) -> None:
        """The new chat on the page is this conversation from now on."""
        if self.shown.key is None:
            self.attaching.move(None, conversation.id)
        self.writing.begun(conversation)

    def _begun(self, turn: StoredTurn, key: str | None) -> None:
        self.models.used(key)
        self.answers.start(turn)
        self.history.put(turn.conversation)
        if key is None:
            self.history.arranged.emit()

    async def _title(self, answer: StoredMessage) -> None:
        title = await self._titles.after(answer)
        if title is not None:
            self.history.titled(answer.conversation_id, title)

    # What happens in the parts

    def _replaced(self) -> None:
        self.comparing.conversation_shown(self.conversation)
        self.say("")
        self.thread_shown.emit()
        self.draft_changed.emit()
        self._tell_page()

    def _branched(self, index: int) -> None:
        self.comparing.conversation_shown(self.conversation)
        self.say("")
        self.branch_shown.emit(index)
        self._tell_page()

    def _tell_page(self) -> None:
        self.history.set_current(self.conversation)
        self.attaching.set_place(self.shown.key)
        self.models.set_conversation(self.conversation)
        self.writing.page_changed()
        self.title_changed.emit()
        self.answering_changed.emit()

    def _restore_attachments(self, place: str, attachments: tuple[Attachment, ...]) -> None:
        self.attaching.restore(None if place == NEW_CHAT else place, attachments)

    def _keep_attachments(self) -> None:
        # Of all places: what was on its way in arrives while another conversation is on the page as well.
        for place in self.attaching.places:
            kept = self.attaching.attachments_of(place)
            self.writing.drafts.keep_attachments(NEW_CHAT if place is None else place, kept)
        self.writing.count.touch()

    def _left_comparison(self, conversation: Conversation) -> None:
        view = self.shown.view
        self._start(lambda: self.shown.show_again(conversation, view), "compare")

    def _name(self, answer: StoredMessage) -> None:
        if not self.scope.closed:
            self._start(lambda: self._title(answer), "title")

    def _running_changed(self) -> None:
        self.history.set_streaming(self.answers.conversations())
        self.writing.count.conversation_changed()
        self.answering_changed.emit()

    def _deleted(self, conversation_id: str, title: str) -> None:
        self.answers.stop(conversation_id)
        if self.shown.key == conversation_id:
            self.new_conversation()
        self.delete_offered.emit(conversation_id, title)

    def _renamed(self, conversation_id: str, _title: str) -> None:
        if self.shown.key == conversation_id:
            self.title_changed.emit()

    def _say_no_model(self) -> None:
        self.say(tr("No model is ready. Add a key in Settings or a model file in Models, or start Ollama."))

    def _say_error(self, error: AIProxyError) -> None:
        self.say(str(error))
