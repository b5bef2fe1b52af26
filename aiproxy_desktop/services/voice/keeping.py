"""What is said in a voice session, kept as a conversation while it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.services.chat import title_of
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.exchanges import WITHOUT_WORDS, Exchange, exchange_of, starts
from aiproxy_desktop.services.voice.values import VoiceEntry, VoiceTurn
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import Conversation, Outcome
from aiproxy_desktop.storage.spoken import SpokenStore
from aiproxy_desktop.storage.tables import micros

# Seconds between two writes of words that still come.
_BETWEEN_WRITES = 0.25

_TITLE = "Voice conversation"
_NEVER_ANSWERED = Outcome("interrupted")


@dataclass(slots=True)
class _Kept:
    question_id: str
    answer_id: str
    written: Exchange
    answered: bool = False


class Keeper:
    """Keeps one session. What could not be written is tried again with the next change."""

    def __init__(
        self,
        store: SpokenStore,
        model: str,
        facts: LiveModelFacts,
        kept: Callable[[Conversation], None],
        problem: Callable[[AIProxyError], None],
        on_unexpected: Callable[[Exception], None],
    ) -> None:
        """Begin; nothing is written before something was said.

        Args:
            store: where it is kept.
            model: its reference.
            facts: what it costs.
            kept: told the conversation after each write.
            problem: told once that it cannot be written.
            on_unexpected: told of errors nobody planned for.
        """
        self._store = store
        self._model = model
        self._facts = facts
        self._told = kept
        self._problem = problem
        self._scope = TaskScope("voice keeping", on_unexpected)
        self._starts: list[int] = []
        self._usages: dict[str, LiveUsage] = {}
        self._kept: dict[str, _Kept] = {}
        self._due: dict[str, Exchange] = {}
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._refused = False
        self.conversation: Conversation | None = None

    def take(
        self, entries: tuple[VoiceEntry, ...], changed_from: int, usages: Mapping[str, LiveUsage]
    ) -> None:
        """The transcript as it is now, and where it is not as it was."""
        self._usages.update(usages)
        while self._starts and self._starts[-1] > changed_from:
            self._starts.pop()
        # One further back: where a turn was taken out, the exchange before it may have grown.
        first = 0
        for _ in range(2):
            first = self._starts.pop() if self._starts else 0
        if first >= len(entries):
            return
        places = list(starts(entries, first))
        self._starts += places
        for place, end in zip(places, [*places[1:], len(entries)], strict=True):
            exchange = exchange_of(entries[place:end], self._usages, self._facts)
            known = self._kept.get(exchange.key)
            if exchange.begun and (known is None or known.written != exchange) and _says(entries[place:end]):
                self._due[exchange.key] = exchange
        if self._due and self._writing is None and not self._scope.closed:
            self._writing = self._scope.start(self._write_on(), "write")

    async def close(self) -> None:
        """Write what is left; an answer that never came is closed."""
        self._closing.set()
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if await self._write_all():
            with suppress(AIProxyError):  # opening the history again does it
                await self._close_unanswered()
        await self._scope.close()

    async def _write_on(self) -> None:
        try:
            while self._due and not self._closing.is_set():
                if not await self._write_all():
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), _BETWEEN_WRITES)
        finally:
            self._writing = None

    async def _write_all(self) -> bool:
        while self._due:
            key = next(iter(self._due))
            exchange = self._due[key]
            try:
                await self._write(exchange)
            except AIProxyError as error:
                if not self._refused:
                    self._refused = True
                    self._problem(error)
                return False
            self._refused = False
            if self._due.get(key) is exchange:
                del self._due[key]
        return True

    async def _write(self, exchange: Exchange) -> None:
        kept = self._kept.get(exchange.key)
        if kept is None:
            kept = await self._begin(exchange)
        if exchange.question != kept.written.question:
            await self._store.set_question(kept.question_id, exchange.question)
        if exchange.outcome is not None and exchange != kept.written:
            at = _now()
            await self._store.set_answer(kept.answer_id, exchange.answer, exchange.outcome, at)
            kept.answered = True
        kept.written = exchange
        await self._give_title(exchange)

    async def _begin(self, exchange: Exchange) -> _Kept:
        await self._close_unanswered()
        current = None if self.conversation is None else self.conversation.id
        add = partial(self._store.conversations.add_turn, exchange.question, self._model)
        try:
            turn = await add(title=_title(exchange), conversation_id=current)
        except MissingConversationError:  # it was deleted for good meanwhile
            turn = await add(title=_title(exchange))
        self.conversation = turn.conversation
        self._told(turn.conversation)
        begun = Exchange(exchange.key, exchange.question, exchange.begun)
        kept = self._kept[exchange.key] = _Kept(turn.question.id, turn.answer.id, begun)
        return kept

    async def _close_unanswered(self) -> None:
        """The question before the newest one: if no answer came to it, none comes."""
        if not self._kept:
            return
        last = next(reversed(self._kept.values()))
        if not last.answered:
            await self._store.set_answer(last.answer_id, "", _NEVER_ANSWERED, _now())
            last.answered = True

    async def _give_title(self, exchange: Exchange) -> None:
        """The first words give it, whenever they come."""
        current = self.conversation
        if current is None or current.titled_by != "prompt" or current.title != _TITLE:
            return
        if exchange.question == WITHOUT_WORDS:
            return
        self.conversation = await self._store.set_title(current.id, _title(exchange))
        self._told(self.conversation)


def _title(exchange: Exchange) -> str:
    return _TITLE if exchange.question == WITHOUT_WORDS else title_of(exchange.question)


def _says(entries: tuple[VoiceEntry, ...]) -> bool:
    """Whether anything of it is worth keeping: words, or an answer."""
    return any(isinstance(one, VoiceTurn) and (one.text.strip() or one.role == "model") for one in entries)


def _now() -> int:
    return micros(datetime.now(UTC))
