"""What belongs to writing, without its widgets: drafts, options, the live count, prompts, what Enter does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.presets import PresetService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.drafts import DraftStore
from aiproxy_desktop.storage.presets import Prompt
from aiproxy_desktop.storage.records import Conversation, StoredMessage
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.options.viewmodel import ConversationOptions
from aiproxy_desktop.ui.chat.writing.drafts import NEW_CHAT, Drafts
from aiproxy_desktop.ui.chat.writing.live_count import LiveCount


class WritingModel(QObject):
    """The state of the composer and of what stands round it, for the conversation on the page.

    Signals:
        draft_changed: the composer must show `draft`.
        draft_wanted: say at once, by `edit`, what is written and was not said yet.
        settings_changed: read `enter_sends`.
        prompt_saved(str): its name.
        prompt_refused(str): a sentence about why not.
        failed(AIProxyError): something was not read or not written.
    """

    draft_changed = Signal()
    draft_wanted = Signal()
    settings_changed = Signal()
    prompt_saved = Signal(str)
    prompt_refused = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        store: ConversationStore,
        models: ModelChoice,
        settings: SettingsService,
        drafts: DraftStore,
        presets: PresetService,
        messages: Callable[[], Iterable[StoredMessage]],
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        """Wire it up; nothing runs before `start`.

        Args:
            store: keeps the options.
            models: the model that answers next.
            settings: what Enter does.
            drafts: where what is not sent yet outlasts the window.
            presets: saved prompts and personas.
            messages: those on the page.
            scope: owns the tasks.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._settings = settings
        self._messages = messages
        self._scope = scope
        self._conversation: Conversation | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self.presets = presets
        self.drafts = Drafts(drafts, scope, parent=self)
        self.options = ConversationOptions(store, models, presets, scope, parent=self)
        self.count = LiveCount(
            draft=lambda: self.draft,
            instructions=lambda: self.options.current.system,
            attached=lambda: self.drafts.attachments(self.place),
            messages=lambda: tuple(self._messages()),
            model=lambda: models.info,
            scope=scope,
            parent=self,
        )
        self.drafts.failed.connect(self.failed)
        self.options.failed.connect(self.failed)
        self.options.changed.connect(self.count.touch)

    # Life

    def start(self) -> None:
        """Read what is kept, and follow the settings."""
        self.options.start()
        self._unsubscribe = self._settings.subscribe(lambda _settings: self.settings_changed.emit())
        self._run(self.presets.load, "presets")
        self._run(self._restore, "draft")

    async def close(self) -> None:
        """Write what is not written yet, and follow nothing any more."""
        self.draft_wanted.emit()
        self._unsubscribe()
        self.count.stop()
        await self.drafts.settle()
        await self.options.settle()

    # What is shown

    @property
    def place(self) -> str:
        """Where what is written belongs: the conversation's id, or NEW_CHAT."""
        return NEW_CHAT if self._conversation is None else self._conversation.id

    @property
    def draft(self) -> str:
        """What is written and not yet sent, here."""
        return self.drafts.text(self.place)

    @property
    def enter_sends(self) -> bool:
        """Whether Enter sends; else Ctrl+Enter does."""
        return self._settings.current.enter_sends

    def former_questions(self) -> list[str]:
        """What was asked here, the last one first."""
        texts = [message.text for message in self._messages() if message.role == "user"]
        return texts[::-1]

    # What the person does

    def edit(self, text: str) -> bool:
        """Another text; tells whether it is one."""
        if text == self.draft:
            return False
        self.drafts.keep_text(self.place, text)
        self.count.touch()
        return True

    def save_prompt(self, name: str) -> None:
        """Keep the draft as a prompt to use again."""
        prompt = Prompt(name, self.draft)
        self._run(lambda: self._save_prompt(prompt), "prompt")

    def toggle_enter(self) -> None:
        """Let Enter send where it made a line, and the other way round."""
        self._run(lambda: self._settings.update(enter_sends=not self.enter_sends), "settings")

    # What the conversation does

    def show(self, conversation: Conversation | None) -> None:
        """Another conversation is on the page, or the same anew; say so before anyone reads `draft`."""
        self.draft_wanted.emit()
        self._conversation = conversation

    def page_changed(self) -> None:
        """What is on the page is told to the options and counted."""
        self.options.set_conversation(self._conversation)
        self.count.conversation_changed()

    def taken(self) -> str:
        """What is sent now; what that needs is written first."""
        self.draft_wanted.emit()
        self.options.write_now()
        return self.draft

    def options_for(self, conversation_id: str | None) -> ChatOptions:
        """What `ChatService.begin` is given: a conversation that has begun knows its own."""
        return self.options.for_new_chat if conversation_id is None else NO_OPTIONS

    def sent(self, prompt: str, conversation_id: str | None, conversation: Conversation) -> None:
        """It is written down in the history; what was typed meanwhile stays a draft.

        Args:
            prompt: what was sent.
            conversation_id: where; None began `conversation`.
            conversation: as it is now.
        """
        here = (conversation_id or NEW_CHAT) == self.place
        if here:
            self.draft_wanted.emit()
        self.drafts.sent(conversation_id or NEW_CHAT, prompt)
        if conversation_id is None:
            self.options.begun(conversation)
        if here:
            self.draft_changed.emit()

    def begun(self, conversation: Conversation) -> None:
        """The new chat on the page is this conversation from now on."""
        if self._conversation is None:
            self.draft_wanted.emit()
            self.drafts.move(NEW_CHAT, conversation.id)
            self._conversation = conversation
            self.draft_changed.emit()
        self._conversation = conversation

    async def _restore(self) -> None:
        await self.drafts.load(NEW_CHAT)
        if self._conversation is None:
            self.draft_changed.emit()

    async def _save_prompt(self, prompt: Prompt) -> None:
        try:
            kept = await self.presets.save_prompt(prompt)
        except AIProxyError as error:
            self.prompt_refused.emit(str(error))
        else:
            self.prompt_saved.emit(kept.name)

    def _run(self, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        self._scope.attempt(work, self.failed.emit, name)
