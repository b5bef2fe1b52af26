"""What the history holds: conversations, and in each a tree of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from aiproxy_desktop.core.events import FinishReason, Usage
from aiproxy_desktop.core.messages import OpaquePart, Role, ToolCallPart, ToolResultPart
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions

AttachmentKind: TypeAlias = Literal["image", "audio", "video", "document", "text"]

# Who gave a conversation its title: its first question, a model, or the person (then nothing changes it).
TitleSource: TypeAlias = Literal["prompt", "model", "person"]


@dataclass(frozen=True, slots=True)
class Passage:
    """Where the next stretch of a message's text, of its reasoning or of its images stands among its parts.

    `length` is in characters, or in images. Only a message that holds more than text has any.
    """

    of: Literal["text", "reasoning", "images"]
    length: int


# What a message holds besides its text: in the order in which it came.
StoredPart: TypeAlias = ToolCallPart | ToolResultPart | OpaquePart | Passage

MessageStatus: TypeAlias = Literal["complete", "streaming", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as the list shows it. Times are aware, in UTC.

    `model` is the reference (`provider:id`) last used in it; `leaf_id` is the end of the branch
    last looked at. `updated_at` changes when something is asked, not while an answer arrives.
    `comparison` holds the end of each column, from the first on, while models are compared in it.
    """

    id: str
    title: str
    model: str | None
    created_at: datetime
    updated_at: datetime
    leaf_id: str | None
    pinned_at: datetime | None = None
    archived_at: datetime | None = None
    folder_id: str | None = None
    titled_by: TitleSource = "prompt"
    options: ChatOptions = NO_OPTIONS
    comparison: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A place to keep conversations together. `count` is of those in it that are not archived."""

    id: str
    name: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message. Its bytes are stored once, under `hash` (SHA-256, hexadecimal).

    `name` is valid Unicode; `size` is in bytes; `width` and `height` in pixels, `seconds` of a sound or a
    film, `pages` of a document; `tokens` is an estimate. None is unknown. `kind` "text" goes as text.
    """

    hash: str
    name: str
    kind: AttachmentKind
    mime: str
    size: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    pages: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message and its place in the tree. Times are aware, in UTC.

    Messages with the same `parent_id` are versions of one another: `sibling_index` (from 0) of
    `sibling_count`. `text` of a streaming message is what has arrived in storage so far. `notes` are
    sentences about how an answer came about. `attachments` of a question went with it, those of an answer
    are the images it brought. `cost` is in US dollars: 0 is free, None unknown. `thought_until` is when
    reasoning gave way to the answer.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    text: str
    created_at: datetime
    status: MessageStatus = "complete"
    reasoning: str = ""
    model: str | None = None
    error_title: str = ""
    error_advice: str = ""
    error_detail: str = ""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    first_token_at: datetime | None = None
    finished_at: datetime | None = None
    notes: tuple[str, ...] = ()
    sibling_index: int = 0
    sibling_count: int = 1
    attachments: tuple[Attachment, ...] = ()
    parts: tuple[StoredPart, ...] = ()
    cost: float | None = None
    thought_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended."""

    status: MessageStatus
    error_title: str = ""
    error_advice: str = ""
    error_detail: str = ""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    first_token_at: datetime | None = None
    notes: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    parts: tuple[StoredPart, ...] = ()
    cost: float | None = None
    thought_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question and its answer, as they stand in the history before anything is sent."""

    conversation: Conversation
    question: StoredMessage
    answer: StoredMessage


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Neighbouring messages of one branch, in order. `before_id` is the one before them, or None."""

    messages: tuple[StoredMessage, ...]
    before_id: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What answers used in all: tokens of those `counted`, US dollars of those `priced`."""

    answers: int = 0
    tokens: int = 0
    counted: int = 0
    cost: float = 0.0
    priced: int = 0

    @property
    def known_tokens(self) -> int | None:
        """Of all answers; None while those of any are not known, or there is none."""
        return self.tokens if self.counted == self.answers and self.answers else None

    @property
    def known_cost(self) -> float | None:
        """US dollars of all answers; None while that of any is not known, or there is none."""
        return self.cost if self.priced == self.answers and self.answers else None

    def plus(self, other: Totals) -> Totals:
        """Both together."""
        return Totals(
            self.answers + other.answers,
            self.tokens + other.tokens,
            self.counted + other.counted,
            self.cost + other.cost,
            self.priced + other.priced,
        )

    def with_answer(self, message: StoredMessage, sign: int = 1) -> Totals:
        """With one message more (or, with -1, without it); what is no ended answer changes nothing."""
        if message.role != "assistant" or message.status not in {"complete", "interrupted"}:
            return self
        usage = message.usage
        both = usage is not None and usage.input_tokens is not None and usage.output_tokens is not None
        used = (usage.input_tokens or 0) + (usage.output_tokens or 0) if usage is not None and both else 0
        return Totals(
            self.answers + sign,
            self.tokens + sign * used,
            self.counted + sign * both,
            self.cost + sign * (message.cost or 0.0),
            self.priced + sign * (message.cost is not None),
        )


@dataclass(frozen=True, slots=True)
class DeletedBranch:
    """What undoing a deletion needs: a message that was taken out with everything below it.

    `stamp` marks all that went with it; `leaf_id` is where the conversation stood, if that went too.
    """

    conversation_id: str
    message_id: str
    stamp: int
    leaf_id: str | None
