"""How the conversation on the page is answered: its options, the persona they make, what its model takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.presets import PresetService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.presets import Persona
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.options.limits import Limits, limits_of, set_count

_WRITE_EVERY_MS = 400


class ConversationOptions(QObject):
    """Options by conversation; those of a new chat wait here until it begins.

    Signals:
        changed: the options, the persona, the model or what it takes.
        failed(AIProxyError): they could not be written; they hold until the application closes.
        persona_saved(str): its name, after `save_persona`.
        persona_refused(str): a sentence about why not.
    """

    changed = Signal()
    failed = Signal(object)
    persona_saved = Signal(str)
    persona_refused = Signal(str)

    def __init__(
        self,
        store: ConversationStore,
        models: ModelChoice,
        presets: PresetService,
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._models = models
        self._presets = presets
        self._scope = scope
        self._conversation: Conversation | None = None
        self._set: dict[str | None, ChatOptions] = {}
        self._unwritten: set[str] = set()
        self._writing: set[asyncio.Task[None]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WRITE_EVERY_MS)
        self._timer.timeout.connect(self.write_now)
        self._unsubscribe: Callable[[], None] = lambda: None
        models.changed.connect(self.changed)

    # Life

    def start(self) -> None:
        """Follow the personas."""
        self._unsubscribe = self._presets.subscribe(self.changed.emit)

    async def settle(self) -> None:
        """Follow them no longer, and write what has changed."""
        self._unsubscribe()
        self.write_now()
        if self._writing:
            await asyncio.wait(self._writing)

    # What is shown

    @property
    def current(self) -> ChatOptions:
        """Of the conversation on the page; the model stands elsewhere."""
        conversation = self._conversation
        if conversation is None:
            return self._set.get(None, NO_OPTIONS)
        return self._set.get(conversation.id, conversation.options)

    @property
    def for_new_chat(self) -> ChatOptions:
        """What a chat that begins now is given."""
        return self._set.get(None, NO_OPTIONS)

    @property
    def set_count(self) -> int:
        """How many of them are not left to the provider."""
        return set_count(self.current)

    @property
    def limits(self) -> Limits:
        """What the model that answers next takes."""
        return limits_of(self._models.info)

    @property
    def personas(self) -> tuple[Persona, ...]:
        """All there are."""
        return self._presets.personas

    @property
    def persona(self) -> Persona | None:
        """The one whose settings these are, exactly."""
        choice = self._models.choice
        here = msgspec.structs.replace(self.current, model=None)
        for persona in self._presets.personas:
            model = persona.options.model
            fits = model is None or (choice is not None and choice.reference == model)
            if fits and msgspec.structs.replace(persona.options, model=None) == here:
                return persona
        return None

    # What can be done

    def set_conversation(self, conversation: Conversation | None) -> None:
        """Another one is on the page."""
        self._conversation = conversation
        self.changed.emit()

    def set(self, **changes: Any) -> None:
        """Change fields (see `ChatOptions`) of the conversation on the page."""
        self._take(msgspec.structs.replace(self.current, **changes))

    def clear(self) -> None:
        """Leave everything to the provider again; the model stays."""
        self._take(NO_OPTIONS)

    def apply(self, persona_id: str) -> None:
        """Take a persona's settings, and its model where it names one; an empty id clears."""
        persona = next((one for one in self._presets.personas if one.id == persona_id), None)
        if persona is None:
            self.clear()
            return
        if persona.options.model is not None:
            # For this conversation alone: a persona is not what the person wants everywhere.
            self._models.pick(persona.options.model, remember=False)
        self._take(msgspec.structs.replace(persona.options, model=None))

    def save_persona(self, name: str) -> None:
        """Keep these settings and the model under a name."""
        choice = self._models.choice
        options = msgspec.structs.replace(self.current, model=None if choice is None else choice.reference)
        self._scope.start(self._save_persona(Persona(name, options)), "persona")

    def begun(self, conversation: Conversation) -> None:
        """The new chat has begun with its options, and the next one starts afresh."""
        self._set.pop(None, None)
        if self._conversation is None:
            self._conversation = conversation

    def write_now(self) -> None:
        """Write what has changed, before something is sent that needs it."""
        self._timer.stop()
        places, self._unwritten = self._unwritten, set()
        for conversation_id in sorted(places):
            task = self._scope.start(self._write(conversation_id), "options")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    def _take(self, options: ChatOptions) -> None:
        if options == self.current:
            return
        key = None if self._conversation is None else self._conversation.id
        self._set[key] = options
        if key is not None:
            self._unwritten.add(key)
            if not self._timer.isActive():
                self._timer.start()
        self.changed.emit()

    async def _write(self, conversation_id: str) -> None:
        try:
            await self._store.set_options(conversation_id, self._set[conversation_id])
        except AIProxyError as error:
            self.failed.emit(error)

    async def _save_persona(self, persona: Persona) -> None:
        try:
            kept = await self._presets.save_persona(persona)
        except AIProxyError as error:
            self.persona_refused.emit(str(error))
        else:
            self.persona_saved.emit(kept.name)
