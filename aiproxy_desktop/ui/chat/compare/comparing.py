"""Comparing models without its widgets: who is asked, what each column holds, and what can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.task_scope import Start
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.records import Conversation, StoredMessage, StoredTurn
from aiproxy_desktop.ui.chat.conversation.answers import Answers
from aiproxy_desktop.ui.chat.conversation.message_actions import can_go_on

LEAST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class CompareColumn:
    """One model's side: what it was asked and said below the first question, its answer last."""

    model: str
    messages: tuple[StoredMessage, ...]

    @property
    def answer(self) -> StoredMessage:
        """The last one."""
        return self.messages[-1]


class Comparing(QObject):
    """Compare mode of the conversation on the page. Every action returns at once."""

    changed = Signal()  # on or off, who is asked, another set of columns: read everything again
    message_changed = Signal(int, object)  # column, StoredMessage
    text_arrived = Signal(int, str, str, str)  # column, message id, text, reasoning
    left = Signal(object)  # Conversation: show it as it stands
    kept = Signal(str)  # reference of the model whose column goes on alone

    def __init__(
        self,
        chat: ChatService,
        store: ConversationStore,
        answers: Answers,
        start: Start,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._chat = chat
        self._store = store
        self._answers = answers
        self._start = start
        self._conversation: Conversation | None = None
        self._active = False
        self._models: tuple[str, ...] = ()
        self._remembered: tuple[str, ...] = ()
        self._question: StoredMessage | None = None
        self._columns: tuple[CompareColumn, ...] = ()
        self._reading = 0
        self._read_through = asyncio.Event()  # the columns of the conversation on the page
        self._read_through.set()
        self.together = True
        answers.arrived.connect(self._arrived)
        answers.figures_changed.connect(self._message_changed)
        answers.ended.connect(self._message_changed)

    # What is shown

    @property
    def active(self) -> bool:
        """Whether the page shows columns instead of one conversation."""
        return self._active

    @property
    def begun(self) -> bool:
        """Whether the page shows a conversation that something was asked in."""
        return self._conversation is not None

    @property
    def models(self) -> tuple[str, ...]:
        """References of the models that are asked, a column each once something was asked."""
        return self._models

    @property
    def question(self) -> StoredMessage | None:
        """What all of them were asked first."""
        return self._question

    @property
    def columns(self) -> tuple[CompareColumn, ...]:
        """What they said, each with all that has come so far; none before the first question."""
        return tuple(
            replace(column, messages=tuple(self._answers.current(message) for message in column.messages))
            for column in self._columns
        )

    @property
    def answers(self) -> tuple[StoredMessage, ...]:
        """The last answer of each column with its figures; of one that still writes, not its whole text."""
        return tuple(column.answer for column in self._columns)

    @property
    def all_answers(self) -> tuple[StoredMessage, ...]:
        """Every answer of every column, likewise."""
        return tuple(
            message for column in self._columns for message in column.messages if message.role == "assistant"
        )

    @property
    def ends(self) -> tuple[str, ...]:
        """The last answer of each column, under which the next question is asked."""
        return tuple(column.answer.id for column in self._columns)

    @property
    def writing(self) -> int:
        """How many columns still write."""
        return sum(self._answers.runs(end) for end in self.ends)

    @property
    def busy(self) -> bool:
        """Whether a column writes, or is still being read: nothing can be asked now."""
        return not self._read_through.is_set() or self.writing > 0

    def holds(self, message_id: str) -> bool:
        """Whether a message is in a column, or is what all were asked first."""
        asked = self._question is not None and self._question.id == message_id
        return asked or any(one.id == message_id for column in self._columns for one in column.messages)

    async def settled(self) -> None:
        """Wait until the columns of the conversation on the page are read, if it has some."""
        await self._read_through.wait()

    @property
    def can_add(self) -> bool:
        """Whether there is room for one more model."""
        return self._active and len(self._models) < MOST

    @property
    def can_remove(self) -> bool:
        """Whether a model can go: two columns are the least that can be compared."""
        return not self._columns or len(self._columns) > LEAST

    # What can be done

    def enter(self, model: str | None) -> None:
        """Begin to choose models; what was asked before is the start of all columns.

        Args:
            model: the reference of the model in use.
        """
        if self._active:
            return
        chosen = (model,) if model else ()
        others = tuple(one for one in self._remembered if one != model)
        self._set(active=True, models=(*chosen, *others)[:MOST])

    def add_model(self, reference: str) -> None:
        """One more model. Where there are columns, it answers at once what the first one answered last."""
        if not self.can_add or reference in self._models:
            return
        if not self._columns:
            self._set(active=True, models=(*self._models, reference))
            return
        beside = self._columns[0].answer.id
        self._start(lambda: self._answer_beside(beside, reference, adds=True), "compare")

    def remove_model(self, place: int) -> None:
        """Ask this one no more. What it said stays in the conversation."""
        if not self.can_remove or not 0 <= place < len(self._models):
            return
        models = self._models[:place] + self._models[place + 1 :]
        if not self._columns:
            self._set(active=True, models=models)
            return
        self.stop(place)
        end = self._columns[place].answer.id
        identity = self._columns[place].answer.conversation_id
        self._columns = self._columns[:place] + self._columns[place + 1 :]
        self._set(active=True, models=models)
        self._start(lambda: self._remove(identity, end), "compare")

    def stop(self, place: int) -> None:
        """Stop one column; what came stays, and the others go on."""
        if place < len(self._columns):
            self._answers.stop_answer(self._columns[place].answer.id)

    def stop_all(self) -> None:
        """Stop all that write."""
        for end in self.ends:
            self._answers.stop_answer(end)

    def ask_again(self, place: int) -> None:
        """Have one column's last answer once more, a version beside it."""
        if place < len(self._columns) and not self._answers.runs(self._columns[place].answer.id):
            answer = self._columns[place].answer
            self._start(lambda: self._answer_beside(answer.id, None), "compare")

    def go_on(self, place: int) -> None:
        """Have one column's last answer, which broke off, gone on with, in a version beside it."""
        if place < len(self._columns) and can_go_on(self._columns[place].answer):
            answer = self._columns[place].answer
            self._start(lambda: self._answer_beside(answer.id, None, goes_on=True), "compare")

    def keep(self, place: int) -> None:
        """Go on from this column alone: the others stop, and stay in the conversation."""
        if place < len(self._columns) and not self._answers.runs(self._columns[place].answer.id):
            column = self._columns[place]
            self.stop_all()
            self._start(lambda: self._leave(column), "compare")

    def leave(self) -> None:
        """Show the one conversation again, where it stands."""
        if self._conversation is not None and self._conversation.comparison:
            self._start(lambda: self._leave(None), "compare")
        else:
            self._set(active=False, models=())

    def conversation_shown(self, conversation: Conversation | None) -> None:
        """Another conversation is on the page, or the same one as it stands now."""
        former, self._conversation = self._conversation, conversation
        same = former is not None and conversation is not None and former.id == conversation.id
        ends = () if conversation is None else conversation.comparison
        self._reading += 1
        (self._read_through.clear if ends else self._read_through.set)()
        if ends:
            if not same:
                self._question, self._columns, self._models = None, (), ()
            self._active = True
            self._start(lambda: self._read(ends), "compare")
        elif self._active and not (same and not self._columns):
            self._set(active=False, models=())

    # Doing it

    @property
    def _key(self) -> str | None:
        return None if self._conversation is None else self._conversation.id

    def _set(self, *, active: bool, models: tuple[str, ...]) -> None:
        if len(models) >= LEAST:
            self._remembered = models
        self._active, self._models = active, models
        if not active:
            self._question, self._columns = None, ()
        self.changed.emit()

    async def _read(self, ends: Sequence[str]) -> None:
        reading = self._reading
        try:
            question, columns = await self._store.columns(ends)
        finally:
            if reading == self._reading:
                self._read_through.set()
        if reading != self._reading:
            return
        for messages in columns:
            self._answers.show_now(messages[-1].id)
        self._question = question
        self._columns = tuple(_column(messages) for messages in columns)
        self._set(active=bool(columns), models=tuple(column.model for column in self._columns))

    async def _answer_beside(
        self, answer_id: str, model: str | None, *, adds: bool = False, goes_on: bool = False
    ) -> None:
        chat = self._chat
        turn: StoredTurn = await (chat.resume(answer_id) if goes_on else chat.retry(answer_id, model))
        self._answers.start(turn)
        identity = turn.conversation.id
        ends = await self._store.change_column(identity, None if adds else answer_id, turn.answer.id)
        if self._conversation is not None and self._conversation.id == identity:
            self._conversation = replace(self._conversation, comparison=ends)
            await self._read(ends)

    async def _remove(self, identity: str, end: str) -> None:
        ends = await self._store.change_column(identity, end, None)
        if self._conversation is not None and self._conversation.id == identity:
            self._conversation = replace(self._conversation, comparison=ends)

    async def _leave(self, column: CompareColumn | None) -> None:
        if self._conversation is None:
            return
        identity = self._conversation.id
        await self._store.set_comparison(identity, ())
        store = self._store
        conversation = await (store.get(identity) if column is None else store.select(column.answer.id))
        if self._key == identity:
            self.left.emit(conversation)
            if column is not None and column.model:
                self.kept.emit(column.model)

    # What happens elsewhere

    def _arrived(self, message_id: str, text: str, reasoning: str) -> None:
        place = self._place_of(message_id)
        if place is not None:
            self.text_arrived.emit(place, message_id, text, reasoning)

    def _message_changed(self, message: StoredMessage) -> None:
        place = self._place_of(message.id)
        if place is not None:
            column = self._columns[place]
            changed = replace(column, messages=(*column.messages[:-1], message))
            self._columns = (*self._columns[:place], changed, *self._columns[place + 1 :])
            self.message_changed.emit(place, message)

    def _place_of(self, message_id: str) -> int | None:
        return next((place for place, end in enumerate(self.ends) if end == message_id), None)


def _column(messages: Sequence[StoredMessage]) -> CompareColumn:
    return CompareColumn(messages[-1].model or "", tuple(messages))
