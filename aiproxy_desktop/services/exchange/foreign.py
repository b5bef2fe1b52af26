"""What the exports of other applications have in common: loose values, and trees that may be none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiproxy_desktop.core.media import kind_of, sniff, type_by_name
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.records import Attachment, Conversation, Folder, StoredMessage

_TITLE = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class DamagedConversationError(Exception):
    """One conversation makes no sense; the others of its export may."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a conversation besides its messages."""

    id: str
    title: str
    created_at: datetime | None
    updated_at: datetime | None
    pinned: bool = False
    archived: bool = False
    folder: Folder | None = None


def identity(*names: str) -> str:
    """An identity of ours made of others' names: the same at every import."""
    joined = "\0".join(names).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:32]


def moment(value: object) -> datetime | None:
    """Seconds since 1970, or milliseconds where they are too many; None where that is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
        if seconds > 32_503_680_000:  # the year 3000
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC) if 0 <= seconds < 32_503_680_000 else None
    except (OverflowError, ValueError, OSError):
        return None


def words(value: object) -> str:
    """A text; anything else is an empty one."""
    return value if isinstance(value, str) else ""


def table(value: object) -> Mapping[str, Any]:
    """An object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> Sequence[Any]:
    """A list; anything else is an empty one."""
    return value if isinstance(value, list) else ()


def one_line(text: str, most: int = _TITLE) -> str:
    """A name or a title: valid Unicode, without control characters, not endless."""
    clean = _CONTROLS.sub(" ", text.encode("utf-8", "replace").decode())
    return " ".join(clean.split())[:most]


def attachment(data: bytes, name: str, mime: str = "") -> Attachment:
    """What there is to know of a file without decoding it."""
    bare = one_line(name.replace("\\", "/").rpartition("/")[2]) or "file"
    found = sniff(data[:4096]) or type_by_name(bare) or mime.lower()
    kind = kind_of(found) if found.partition("/")[0] in {"image", "audio", "video"} else "document"
    if found.startswith("text/") or (not found and _is_text(data)):
        return Attachment(hash_of(data), bare, "text", found or "text/plain", len(data))
    return Attachment(hash_of(data), bare, kind, found or "application/octet-stream", len(data))


def hash_of(data: bytes) -> str:
    """What the bytes are kept under."""
    return hashlib.sha256(data).hexdigest()


def assemble(facts: Facts, messages: Sequence[StoredMessage], leaf_id: str | None) -> Archived:
    """A conversation of messages whose parents come before them; times that were missing are filled in."""
    times = [message.created_at for message in messages]
    created = facts.created_at or min(times, default=datetime(1970, 1, 1, tzinfo=UTC))
    updated = facts.updated_at or max(times, default=created)
    first = next((message.text for message in messages if message.role == "user"), "")
    conversation = Conversation(
        id=facts.id,
        title=one_line(facts.title) or one_line(first, 60) or "Conversation",
        model=None,
        created_at=created,
        updated_at=updated,
        leaf_id=leaf_id or (messages[-1].id if messages else None),
        pinned_at=updated if facts.pinned else None,
        archived_at=updated if facts.archived else None,
        folder_id=None if facts.folder is None else facts.folder.id,
        titled_by="person" if facts.title.strip() else "prompt",
    )
    whole = tuple(replace(message, conversation_id=facts.id) for message in messages)
    return Archived(conversation, whole, facts.folder)


def in_order(parents: Mapping[str, str | None], children: Mapping[str, Sequence[str]]) -> list[str]:
    """Nodes of a tree, each after its parent, siblings as their parent lists them.

    A node whose parent is not there begins a branch of its own: nothing is lost.

    Raises:
        DamagedConversationError: nodes stand in a circle.
    """
    below: dict[str, dict[str, None]] = {}
    roots: list[str] = []
    for node, parent in parents.items():
        if parent is None or parent not in parents:
            roots.append(node)
        else:
            below.setdefault(parent, {})[node] = None
    order: list[str] = []
    waiting = roots[::-1]
    while waiting:
        node = waiting.pop()
        order.append(node)
        own = below.get(node, {})
        listed = {child: None for child in children.get(node, ()) if child in own}
        waiting += list(listed | own)[::-1]
    if len(order) < len(parents):
        raise DamagedConversationError("its messages stand in a circle")
    return order


def _is_text(data: bytes) -> bool:
    try:
        return b"\0" not in data and data.decode() is not None
    except UnicodeDecodeError:
        return False
