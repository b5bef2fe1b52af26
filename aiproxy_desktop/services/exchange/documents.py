"""One conversation of our own export, as it is written: the contract of format 1.

Times are ISO 8601 in UTC, with microseconds where there are any. What has its default is left out. In
`messages` a parent comes before its children, so their order is also that of the versions of a message.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias, cast

import msgspec

from aiproxy_desktop.core.events import FinishReason, Usage
from aiproxy_desktop.core.messages import OpaquePart, Role, ToolCallPart, ToolResultPart
from aiproxy_desktop.services.exchange.errors import damaged
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.records import (
    Attachment,
    AttachmentKind,
    Conversation,
    Folder,
    Passage,
    StoredMessage,
    StoredPart,
    TitleSource,
)

# What JavaScript can count to, and SQLite can hold.
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Amount = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
_Id = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}$")]
_Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class _Doc(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class CallDoc(_Doc, frozen=True, kw_only=True, tag="call", tag_field="kind"):
    """A tool call; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


class ResultDoc(_Doc, frozen=True, kw_only=True, tag="result", tag_field="kind"):
    """What a tool gave."""

    call_id: str
    name: str
    content: str
    failed: bool = False


class OpaqueDoc(_Doc, frozen=True, kw_only=True, tag="opaque", tag_field="kind"):
    """What a provider wants back."""

    provider: str
    data: str


class PassageDoc(_Doc, frozen=True, kw_only=True, tag="passage", tag_field="kind"):
    """Where the next stretch of text, reasoning or images stands among the parts."""

    of: Literal["text", "reasoning", "images"]
    length: _Count


PartDoc: TypeAlias = CallDoc | ResultDoc | OpaqueDoc | PassageDoc


class AttachmentDoc(_Doc, frozen=True, kw_only=True):
    """See `records.Attachment`."""

    hash: _Hash
    name: str
    kind: AttachmentKind
    mime: str
    size: _Count
    width: _Count | None = None
    height: _Count | None = None
    seconds: _Amount | None = None
    pages: _Count | None = None
    tokens: _Count | None = None


class UsageDoc(_Doc, frozen=True, kw_only=True):
    """Tokens."""

    input_tokens: _Count | None = None
    output_tokens: _Count | None = None
    cached_tokens: _Count | None = None
    reasoning_tokens: _Count | None = None


class MessageDoc(_Doc, frozen=True, kw_only=True):
    """See `records.StoredMessage`."""

    id: _Id
    parent: _Id | None = None
    role: Role
    created_at: _Moment
    text: str = ""
    reasoning: str = ""
    model: str | None = None
    status: Literal["complete", "interrupted", "failed"] = "complete"
    error_title: str = ""
    error_advice: str = ""
    error_detail: str = ""
    finish_reason: FinishReason | None = None
    usage: UsageDoc | None = None
    cost: _Amount | None = None
    first_token_at: _Moment | None = None
    thought_until: _Moment | None = None
    finished_at: _Moment | None = None
    notes: list[str] = []
    parts: list[PartDoc] = []
    attachments: list[AttachmentDoc] = []


class FolderDoc(_Doc, frozen=True, kw_only=True):
    """Where a conversation is kept."""

    id: _Id
    name: str


class ConversationDoc(_Doc, frozen=True, kw_only=True):
    """See `records.Conversation`."""

    id: _Id
    title: str
    created_at: _Moment
    updated_at: _Moment
    model: str | None = None
    leaf: _Id | None = None
    pinned_at: _Moment | None = None
    archived_at: _Moment | None = None
    folder: FolderDoc | None = None
    titled_by: TitleSource = "prompt"
    options: ChatOptions = NO_OPTIONS
    comparison: list[_Id] = []
    messages: list[MessageDoc] = []


def to_document(archived: Archived) -> dict[str, Any]:
    """As it is written; the same conversation always gives the same."""
    # Defaults are known by identity, so the few words that have one are made one.
    it, folder = archived.conversation, archived.folder
    written = ConversationDoc(
        id=it.id,
        title=it.title,
        created_at=it.created_at,
        updated_at=it.updated_at,
        model=it.model,
        leaf=it.leaf_id,
        pinned_at=it.pinned_at,
        archived_at=it.archived_at,
        folder=None if folder is None else FolderDoc(id=folder.id, name=folder.name),
        titled_by=cast("TitleSource", sys.intern(it.titled_by)),
        options=it.options,
        comparison=list(it.comparison),
        messages=[_message_doc(message) for message in archived.messages],
    )
    found: dict[str, Any] = msgspec.to_builtins(written)
    return found


def from_document(raw: object) -> Archived:
    """Back from what `to_document` made.

    Raises:
        UnreadableExportError: it is not one, or its messages are no tree.
    """
    try:
        doc = msgspec.convert(raw, ConversationDoc)
        archived = _archived(doc)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        reason = str(error) if isinstance(error, msgspec.ValidationError) else "a value is out of range"
        raise damaged(f"a conversation is not as it must be ({reason.splitlines()[0][:200]})") from None
    _check_tree(archived)
    return archived


def _check_tree(archived: Archived) -> None:
    seen: set[str] = set()
    title = archived.conversation.title[:80]
    for message in archived.messages:
        if message.id in seen:
            raise damaged(f"two messages of “{title}” have one identity")
        if message.parent_id is not None and message.parent_id not in seen:
            raise damaged(f"a message of “{title}” answers one that is not before it")
        seen.add(message.id)
    leaf = archived.conversation.leaf_id
    if (leaf is not None and leaf not in seen) or not seen.issuperset(archived.conversation.comparison):
        raise damaged(f"“{title}” stands at a message that is not in it")


def _message_doc(message: StoredMessage) -> MessageDoc:
    usage = message.usage
    return MessageDoc(
        id=message.id,
        parent=message.parent_id,
        role=message.role,
        created_at=message.created_at,
        text=message.text,
        reasoning=message.reasoning,
        model=message.model,
        status=cast("Any", sys.intern(_status(message))),
        error_title=message.error_title,
        error_advice=message.error_advice,
        error_detail=message.error_detail,
        finish_reason=message.finish_reason,
        usage=None if usage is None else msgspec.convert(usage, UsageDoc, from_attributes=True),
        cost=message.cost,
        first_token_at=message.first_token_at,
        thought_until=message.thought_until,
        finished_at=message.finished_at,
        notes=list(message.notes),
        parts=[_part_doc(part) for part in message.parts],
        attachments=[
            msgspec.convert(one, AttachmentDoc, from_attributes=True) for one in message.attachments
        ],
    )


def _status(message: StoredMessage) -> str:
    return "interrupted" if message.status == "streaming" else message.status


def _part_doc(part: StoredPart) -> PartDoc:
    match part:
        case ToolCallPart():
            return CallDoc(id=part.id, name=part.name, arguments=part.arguments)
        case ToolResultPart():
            return ResultDoc(call_id=part.call_id, name=part.name, content=part.content, failed=part.failed)
        case OpaquePart():
            return OpaqueDoc(provider=part.provider, data=part.data)
        case Passage():
            return PassageDoc(of=part.of, length=part.length)


def _archived(doc: ConversationDoc) -> Archived:
    conversation = Conversation(
        id=doc.id,
        title=doc.title,
        model=_plain(doc.model),
        created_at=_moment(doc.created_at),
        updated_at=_moment(doc.updated_at),
        leaf_id=doc.leaf,
        pinned_at=_known(doc.pinned_at),
        archived_at=_known(doc.archived_at),
        folder_id=None if doc.folder is None else doc.folder.id,
        titled_by=doc.titled_by,
        options=doc.options,
        comparison=tuple(doc.comparison),
    )
    folder = None if doc.folder is None else Folder(doc.folder.id, doc.folder.name)
    return Archived(conversation, tuple(_message(one, doc.id) for one in doc.messages), folder)


def _message(doc: MessageDoc, conversation_id: str) -> StoredMessage:
    return StoredMessage(
        id=doc.id,
        conversation_id=conversation_id,
        parent_id=doc.parent,
        role=doc.role,
        text=doc.text,
        created_at=_moment(doc.created_at),
        status=doc.status,
        reasoning=doc.reasoning,
        model=_plain(doc.model),
        error_title=doc.error_title,
        error_advice=doc.error_advice,
        error_detail=doc.error_detail,
        finish_reason=doc.finish_reason,
        usage=_usage(doc.usage),
        first_token_at=_known(doc.first_token_at),
        finished_at=_known(doc.finished_at),
        notes=tuple(" ".join(note.split()) for note in doc.notes if note.strip()),
        attachments=tuple(_attachment(one) for one in doc.attachments),
        parts=tuple(_part(part) for part in doc.parts),
        cost=doc.cost,
        thought_until=_known(doc.thought_until),
    )


def _usage(doc: UsageDoc | None) -> Usage | None:
    """As storage keeps it: where neither end was counted, nothing was."""
    if doc is None or (doc.input_tokens is None and doc.output_tokens is None):
        return None
    return Usage(*msgspec.structs.astuple(doc))


def _attachment(doc: AttachmentDoc) -> Attachment:
    values = msgspec.structs.asdict(doc)
    return Attachment(**(values | {"name": _plain(doc.name), "mime": _plain(doc.mime)}))


def _part(doc: PartDoc) -> StoredPart:
    match doc:
        case CallDoc():
            return ToolCallPart(doc.id, doc.name, doc.arguments)
        case ResultDoc():
            return ToolResultPart(doc.call_id, doc.name, doc.content, doc.failed)
        case OpaqueDoc():
            return OpaquePart(doc.provider, doc.data)
        case PassageDoc():
            return Passage(doc.of, doc.length)


def _plain(text: str | None) -> str | None:
    """Valid Unicode, which the database asks for here."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _known(moment: datetime | None) -> datetime | None:
    return None if moment is None else _moment(moment)


def _moment(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("a time out of range")
    return moment.astimezone(UTC)
