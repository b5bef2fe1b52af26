"""An answer while it arrives: what has come, and what the screen does not show yet. No Qt here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import ReasoningDelta, TextDelta, ToolCallDelta, Usage, UsageReported
from aiproxy_desktop.services.answer_notes import AnswerNotes
from aiproxy_desktop.services.answer_parts import AnswerParts, ChatEvent, ImageKept
from aiproxy_desktop.storage.records import MessageStatus, StoredMessage


class LiveAnswer:
    """Folds events at a flat cost each; the whole text is joined only when somebody asks for it."""

    def __init__(self, message: StoredMessage) -> None:
        self._message = message
        # One that goes on from another begins with that one's text.
        self._text = [message.text] if message.text else []
        self._reasoning = [message.reasoning] if message.reasoning else []
        self._shown = (len(self._text), len(self._reasoning))
        self._parts = AnswerParts(message.parts, len(message.text), len(message.reasoning))
        self._attachments = list(message.attachments)
        self._thinks = False
        self._thought_until: datetime | None = None
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

    def feed(self, event: ChatEvent) -> bool:
        """Take one event in; tells whether more changed than the text: figures, images, calls."""
        self._parts.feed(event)
        match event:
            case TextDelta(text):
                self._text.append(text)
                return self._piece_came(thinks=False)
            case ReasoningDelta(text):
                self._reasoning.append(text)
                return self._piece_came(thinks=True)
            case UsageReported(usage):
                self._usage = usage
                return True
            case ToolCallDelta():
                # Its arguments may be long and come in many pieces: they are shown when they are whole.
                return self._piece_came(thinks=False)
            case ImageKept(attachment):
                self._attachments.append(attachment)
                self._piece_came(thinks=False)
                return True
            case _:
                self._notes.feed(event)
                return False

    def _piece_came(self, *, thinks: bool) -> bool:
        changed = self._first_token_at is None
        if changed:
            self._first_token_at = datetime.now(UTC)
        if self._thinks and not thinks:
            self._thought_until, changed = datetime.now(UTC), True
        self._thinks = thinks
        return changed

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
            attachments=tuple(self._attachments),
            parts=self._parts.stored,
            thought_until=self._thought_until,
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
