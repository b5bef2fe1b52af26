"""An answer while it arrives: what has come, and what the screen does not show yet. No Qt here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import ReasoningDelta, StreamEvent, TextDelta, Usage, UsageReported
from aiproxy_desktop.services.answer_notes import AnswerNotes
from aiproxy_desktop.storage.records import MessageStatus, StoredMessage


class LiveAnswer:
    """Folds events at a flat cost each; the whole text is joined only when somebody asks for it."""

    def __init__(self, message: StoredMessage) -> None:
        self._message = message
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._shown = (0, 0)
        self._usage: Usage | None = None
        self._notes = AnswerNotes()
        self._first_token_at: datetime | None = None

    @property
    def id(self) -> str:
        """Of the message."""
        return self._message.id

    @property
    def conversation_id(self) -> str:
        """Of its conversation."""
        return self._message.conversation_id

    def feed(self, event: StreamEvent) -> bool:
        """Take one event in; tells whether the line of figures changed."""
        match event:
            case TextDelta(text):
                self._text.append(text)
            case ReasoningDelta(text):
                self._reasoning.append(text)
            case UsageReported(usage):
                self._usage = usage
                return True
            case _:
                self._notes.feed(event)
                return False
        if self._first_token_at is None:
            self._first_token_at = datetime.now(UTC)
            return True
        return False

    def take(self) -> tuple[str, str]:
        """(text, reasoning) that came since the last time."""
        text_from, reasoning_from = self._shown
        self._shown = (len(self._text), len(self._reasoning))
        return "".join(self._text[text_from:]), "".join(self._reasoning[reasoning_from:])

    def snapshot(self) -> StoredMessage:
        """The whole message as of now, still streaming."""
        return replace(
            self._message,
            text="".join(self._text),
            reasoning="".join(self._reasoning),
            status="streaming",
            usage=self._usage,
            first_token_at=self._first_token_at,
            notes=self._notes.sentences,
        )

    def ended(self, status: MessageStatus, error: AIProxyError | None = None) -> StoredMessage:
        """The message as it ended, for when storage cannot tell any more."""
        return replace(
            self.snapshot(),
            status=status,
            error_title="" if error is None else error.title,
            error_advice="" if error is None else error.advice,
            error_detail="" if error is None else error.detail,
            finished_at=datetime.now(UTC),
        )
