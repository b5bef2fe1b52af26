"""An answer on its way into storage."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from aiproxy_desktop.core.events import (
    Finished,
    FinishReason,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.services.answer_notes import AnswerNotes
from aiproxy_desktop.services.answer_parts import AnswerParts, ChatEvent, ImageKept
from aiproxy_desktop.services.costs import Describe, cost_of
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.records import Outcome, StoredMessage

# Seconds between two writes. With the write itself well under the 250 ms that a killed process may lose.
FLUSH_INTERVAL = 0.1


class AnswerWriter:
    """Writes one streaming answer, piece by piece, while whoever reads the stream goes on.

    The first piece is written at once, later ones every FLUSH_INTERVAL seconds. A piece that could not
    be written is kept and written with the next one.
    """

    def __init__(
        self, store: ConversationStore, answer: StoredMessage, describe: Describe | None = None
    ) -> None:
        """Begin.

        Args:
            store: where it is written.
            answer: as it stands there; one that goes on from another has that one's text already.
            describe: tells what a model costs.
        """
        self._store = store
        self._message_id = answer.id
        self._describe = describe
        self._attachments = list(answer.attachments)
        self._parts = AnswerParts(answer.parts, len(answer.text), len(answer.reasoning))
        self._started: Started | None = None
        self._thought_until: datetime | None = None
        self._thinks = False
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._arrived = asyncio.Event()
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._usage: Usage | None = None
        self._notes = AnswerNotes()
        self._first_token_at: datetime | None = None
        self.finish_reason: FinishReason | None = None

    def feed(self, event: ChatEvent) -> None:
        """Take one event of the stream."""
        self._parts.feed(event)
        match event:
            case TextDelta(text):
                self._text.append(text)
                self._answers()
                self._piece_came()
            case ReasoningDelta(text):
                self._reasoning.append(text)
                self._thinks = True
                self._piece_came()
            case UsageReported(usage):
                self._usage = usage
            case Finished(reason):
                self.finish_reason = reason
            case _:
                self._take_other(event)

    def _take_other(self, event: ChatEvent) -> None:
        match event:
            case Started():
                self._started = event
            case ToolCallDelta():
                self._answers()
            case ImageKept(attachment):
                self._attachments.append(attachment)
                self._answers()
            case _:
                self._notes.feed(event)

    def _answers(self) -> None:
        if self._thinks:
            self._thinks = False
            self._thought_until = datetime.now(UTC)

    async def close(self, outcome: Outcome) -> None:
        """Write what is left, and how the answer ended.

        Raises:
            StorageError: it could not be written; opening the history again marks it interrupted.
        """
        self._closed.set()
        self._arrived.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        full = replace(
            outcome,
            finish_reason=self.finish_reason,
            usage=self._usage,
            first_token_at=self._first_token_at,
            notes=self._notes.sentences,
            attachments=tuple(self._attachments),
            parts=self._parts.stored,
            cost=self._cost(),
            thought_until=self._thought_until,
        )
        await self._store.finish(self._message_id, full, *self._take())

    def _cost(self) -> float | None:
        if self._describe is None or self._started is None:
            return None
        return cost_of(self._usage, self._describe(self._started.provider, self._started.model))

    def _piece_came(self) -> None:
        if self._task is None:
            self._first_token_at = datetime.now(UTC)
            self._task = asyncio.get_running_loop().create_task(self._write_on(), name="chat:write")
        self._arrived.set()

    async def _write_on(self) -> None:
        while not self._closed.is_set():
            await self._arrived.wait()
            self._arrived.clear()
            await self._write()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), FLUSH_INTERVAL)

    async def _write(self) -> None:
        text, reasoning = self._take()
        if not text and not reasoning:
            return
        try:
            await self._store.append(self._message_id, text, reasoning)
        except StorageError:
            self._text.insert(0, text)
            self._reasoning.insert(0, reasoning)
            self._arrived.set()

    def _take(self) -> tuple[str, str]:
        taken = "".join(self._text), "".join(self._reasoning)
        self._text.clear()
        self._reasoning.clear()
        return taken
