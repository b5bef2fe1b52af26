"""What the history holds: conversations, and in each a tree of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from aiproxy_desktop.core.events import FinishReason, Usage
from aiproxy_desktop.core.messages import Role

MessageStatus: TypeAlias = Literal["complete", "streaming", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as the list shows it. Times are aware, in UTC.

    `model` is the reference (`provider:id`) last used in it; `leaf_id` is the end of the branch
    last looked at. `updated_at` changes when something is asked, not while an answer arrives.
    """

    id: str
    title: str
    model: str | None
    created_at: datetime
    updated_at: datetime
    leaf_id: str | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message and its place in the tree. Times are aware, in UTC.

    Messages with the same `parent_id` are versions of one another: `sibling_index` (from 0) of
    `sibling_count`. `text` of a streaming message is what has arrived in storage so far. `notes` are
    sentences about how an answer came about.
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


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question and its answer, as they stand in the history before anything is sent."""

    conversation: Conversation
    question: StoredMessage
    answer: StoredMessage
